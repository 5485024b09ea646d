"""Reading what the observing surface says: the echo of a request, and the events of its stream.

The formats are those of :mod:`antechamber.surface.answers`, :mod:`antechamber.surface.plan` and
:mod:`antechamber.surface.socket`. Whatever is not of them is no observation: a proxy may have answered instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from antechamber.probe.transcript import HttpTranscript, SocketTranscript, StreamTranscript


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What reached the app: fields by lower-case name (repeated ones joined by commas), and the body."""

    fields: Mapping[str, str]
    target: str = ""
    """Path and query, as they arrived."""
    body_bytes: int = 0
    body_sha256: str = ""
    spread_s: float = 0.0
    """From the first piece of the body to the last, on the app's clock."""

    def is_of(self, body: bytes) -> bool:
        """Whether the app received exactly ``body``."""
        return self.body_bytes == len(body) and self.body_sha256 == hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event of the observing stream: its number, and how long it was on its way.

    The app says when it sent the event on its own wall clock, so on another machine the lag is off by what the two
    clocks disagree; the same lag directly tells by how much.
    """

    number: int
    lag_s: float
    at_s: float = 0.0
    """When it was here, on the clock of its transcript."""


def read_echo(answer: HttpTranscript) -> Echo | None:
    """The echo in an answer, or ``None`` if it holds none."""
    return _echo(_object(answer.body)) if answer.status == 200 else None


def socket_echo(seen: SocketTranscript) -> Echo | None:
    """The echo in the first message of an observing WebSocket."""
    return _echo(_object(seen.messages[0][1])) if seen.messages else None


def sightings(seen: StreamTranscript) -> tuple[Sighting, ...]:
    """The events of an observing stream, as they came."""
    return _sightings(((at_s, event.data.encode()) for at_s, event in seen.events), seen.http.started_wall_s)


def sightings_on_socket(seen: SocketTranscript) -> tuple[Sighting, ...]:
    """The messages of an observing WebSocket after its first, as they came."""
    return _sightings(seen.messages[1:], seen.http.started_wall_s)


def _sightings(messages: Iterable[tuple[float, bytes]], started_wall_s: float) -> tuple[Sighting, ...]:
    found: list[Sighting] = []
    for at_s, data in messages:
        match _object(data):
            case {"n": int(number), "sent": float(sent_wall_s)}:
                found.append(Sighting(number, started_wall_s + at_s - sent_wall_s, at_s))
    return tuple(found)


def _echo(told: Mapping[str, object]) -> Echo | None:
    target = str(told.get("target", ""))
    match told:
        case {"headers": list(headers), "body": {"size": int(size), "sha256": str(digest)} as body}:
            return Echo(
                fields=_fields(headers),
                target=target,
                body_bytes=size,
                body_sha256=digest,
                spread_s=_spread_s(body),
            )
        case {"headers": list(headers)}:
            return Echo(fields=_fields(headers), target=target)
    return None


def _fields(headers: Iterable[object]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for header in headers:
        match header:
            case [str(name), str(value)]:
                fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
    return fields


def _spread_s(body: object) -> float:
    match body:
        case {"first_pieces": [{"at_ns": int(first)}, *_], "last_piece": {"at_ns": int(last)}}:
            return (last - first) / 1e9
    return 0.0


def _object(data: bytes) -> Mapping[str, object]:
    """The JSON object that ``data`` is; an empty one if it is none."""
    try:
        value: object = json.loads(data)
    except ValueError:  # UnicodeDecodeError is one as well
        return {}
    return value if isinstance(value, dict) else {}
