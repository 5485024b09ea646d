"""Looking at one route by one way in: the real route, and the same path observed in place.

The real route shows what the app's users get: the status, the first thing that the app sends. The observing surface,
where there is one, answers on that very path and shows what nothing else can: how late each event is, which fields
reached the app, whether an upload was streamed. What changes something (a POST, a DELETE) is only ever asked of the
surface, and only after it has answered a GET there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from antechamber.policy.model import Kind, Route
from antechamber.probe.events import watch
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.observed import Echo, Sighting, read_echo, sightings, sightings_on_socket, socket_echo
from antechamber.probe.sockets import converse
from antechamber.probe.target import Target
from antechamber.probe.transcript import HttpTranscript, SocketTranscript, StreamTranscript, TimedFrame, TimedItem
from antechamber.probe.turns import Turns
from antechamber.protocol.handshake import Refusal
from antechamber.protocol.http1 import Field
from antechamber.protocol.sse import Event
from antechamber.protocol.websocket import Binary, Text
from antechamber.surface.request import FIELD_NAME, Do, ProbeRequest, format_field

UPLOAD_PIECES = (b"\x00\xff" * 8 * 1024,) * 3
UPLOAD_PACE_S = 0.15
LADDER_BYTES = (64 * 1024, 2 * 1024 * 1024)
"""Uploads in one go: below and above the 1 MiB that nginx allows by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to look: with which token, how patiently, at what pace."""

    token: str = ""
    """Empty: nobody answers probes, only real routes are looked at."""
    fill: Mapping[str, str] = field(default_factory=dict)
    """What stands for named segments, by name with its colon."""
    patience_s: float = 5.0
    events: int = 4
    pace_s: float = 0.12
    quiet_s: float = 0.3
    turns: Turns = field(default_factory=Turns)

    @property
    def stream(self) -> ProbeRequest:
        return ProbeRequest(do=Do.STREAM, count=self.events, pace_s=self.pace_s, quiet_s=self.quiet_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One upload of the ladder: its size, the status it got, and whether the app received the same bytes."""

    size_bytes: int
    status: int | None
    intact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of one route by one way in. What was not looked at is ``None`` or empty."""

    real: HttpTranscript | None = None
    refusal: Refusal | None = None
    first_s: float | None = None
    """When what the app sends first (``Route.first``) was here, on the real route."""
    stream: HttpTranscript | None = None
    """The observing stream's answer on this path."""
    sightings: tuple[Sighting, ...] = ()
    echo: Echo | None = None
    echo_answer: HttpTranscript | None = None
    ladder: tuple[Rung, ...] = ()

    @property
    def first_byte_s(self) -> float | None:
        """From the end of the request to the first byte of the answer: the real one, else the observed one."""
        answer = self.real or self.echo_answer
        return answer.waited_s if answer else None

    @property
    def lag_s(self) -> float | None:
        """The latest that an event was."""
        return max((sighting.lag_s for sighting in self.sightings), default=None)


async def look(route: Route, target: Target, manner: Manner) -> Look:
    """Look at ``route`` by one way in. What the other side does is in the look; nothing is raised for it."""
    path = path_of(route, manner.fill)
    match route.kind:
        case Kind.WEBSOCKET:
            return await _look_at_socket(route, path, target, manner)
        case Kind.SSE:
            return await _look_at_stream(route, path, target, manner)
        case Kind.UPLOAD:
            return await _look_at_upload(route, path, target, manner)
        case Kind.API | Kind.PAGE:
            return await _look_at_answer(route, path, target, manner)


def path_of(route: Route, fill: Mapping[str, str]) -> str:
    """A path that the route matches: named segments filled in, a prefix made concrete."""
    prefix = route.path.removesuffix("*")
    if prefix != route.path:
        return prefix if prefix == "/" else prefix + "antechamber-probe"
    segments = (fill.get(part, "antechamber-probe") if part.startswith(":") else part for part in route.path.split("/"))
    return "/".join(segments)


async def _look_at_socket(route: Route, path: str, target: Target, manner: Manner) -> Look:
    def first_is_here(frames: Sequence[TimedFrame]) -> bool:
        return any(_holds(route.first, frame) for frame in frames)

    async def see() -> SocketTranscript:
        patience_s = manner.patience_s
        return await converse(
            target, Request(target=path), enough=first_is_here, patience_s=patience_s, total_s=patience_s
        )

    real, observed = await asyncio.gather(manner.turns.take(see), _observe_socket(path, target, manner))
    first_s = next((frame.at_s for frame in real.frames if _holds(route.first, frame)), None)
    return replace(observed, real=real.http, refusal=real.refusal, first_s=first_s)


async def _observe_socket(path: str, target: Target, manner: Manner) -> Look:
    if not manner.token:
        return Look()

    def all_here(frames: Sequence[TimedFrame]) -> bool:
        return sum(isinstance(frame.event, Text | Binary) for frame in frames) > manner.events

    total_s = manner.stream.planned_s + manner.patience_s
    asking = Request(target=path, fields=(_asking(manner.stream, manner),))
    seen = await converse(target, asking, enough=all_here, patience_s=manner.patience_s, total_s=total_s)
    return Look(stream=seen.http, sightings=sightings_on_socket(seen), echo=socket_echo(seen), echo_answer=seen.http)


async def _look_at_stream(route: Route, path: str, target: Target, manner: Manner) -> Look:
    def first_is_here(items: Sequence[TimedItem]) -> bool:
        return any(isinstance(timed.item, Event) and route.first in timed.item.data for timed in items)

    async def see() -> StreamTranscript:
        patience_s = manner.patience_s
        return await watch(
            target, Request(target=path), enough=first_is_here, patience_s=patience_s, total_s=patience_s
        )

    real, observed, echoed = await asyncio.gather(
        manner.turns.take(see), _observe_stream(path, target, manner), _echo(path, target, manner)
    )
    first_s = next((at_s for at_s, event in real.events if route.first in event.data), None)
    return replace(observed, real=real.http, first_s=first_s, echo=echoed.echo, echo_answer=echoed.echo_answer)


async def _observe_stream(path: str, target: Target, manner: Manner) -> Look:
    if not manner.token:
        return Look()

    def all_here(items: Sequence[TimedItem]) -> bool:
        return sum(isinstance(timed.item, Event) for timed in items) >= manner.events

    total_s = manner.stream.planned_s + manner.patience_s
    asking = Request(target=path, fields=(_asking(manner.stream, manner),))
    seen = await watch(target, asking, enough=all_here, patience_s=manner.patience_s, total_s=total_s)
    return Look(stream=seen.http, sightings=sightings(seen))


async def _look_at_upload(route: Route, path: str, target: Target, manner: Manner) -> Look:
    method = route.methods[-1] if route.methods else "POST"
    preflight = await _echo(path, target, manner)
    if preflight.echo is None:
        return preflight
    climbs = (_climb(path, target, manner, method=method, size_bytes=size) for size in LADDER_BYTES)
    paced, ladder = await asyncio.gather(
        _echo(path, target, manner, method=method, body=UPLOAD_PIECES, pace_s=UPLOAD_PACE_S), asyncio.gather(*climbs)
    )
    return replace(paced, ladder=tuple(ladder))


async def _climb(path: str, target: Target, manner: Manner, *, method: str, size_bytes: int) -> Rung:
    body = bytes(range(256)) * (size_bytes // 256)
    seen = await _echo(path, target, manner, method=method, body=(body,))
    answer, echo = seen.echo_answer, seen.echo
    return Rung(
        size_bytes=size_bytes,
        status=answer.status if answer else None,
        intact=echo is not None and echo.is_of(body),
    )


async def _look_at_answer(route: Route, path: str, target: Target, manner: Manner) -> Look:
    echoed = await _echo(path, target, manner)
    if route.methods and "GET" not in route.methods:
        return echoed if echoed.echo is None else await _echo(path, target, manner, method=route.methods[0])
    real = await manner.turns.take(lambda: fetch(target, Request(target=path), patience_s=manner.patience_s))
    return replace(echoed, real=real)


async def _echo(
    path: str, target: Target, manner: Manner, *, method: str = "GET", body: tuple[bytes, ...] = (), pace_s: float = 0.0
) -> Look:
    if not manner.token:
        return Look()
    fields = [_asking(ProbeRequest(do=Do.ECHO), manner)]
    if body:
        fields.append((b"Content-Type", b"application/octet-stream"))
    request = Request(target=path, method=method, fields=tuple(fields), body=body)
    if pace_s:
        answer = await fetch(target, request, patience_s=manner.patience_s, pace_s=pace_s)
    else:
        answer = await manner.turns.take(lambda: fetch(target, request, patience_s=manner.patience_s))
    return Look(echo=read_echo(answer), echo_answer=answer)


def _asking(request: ProbeRequest, manner: Manner) -> Field:
    return FIELD_NAME.encode(), format_field(request, manner.token).encode()


def _holds(first: str, frame: TimedFrame) -> bool:
    """Whether a frame is a message that holds what the app sends first (anything, if the profile does not say)."""
    match frame.event:
        case Text(text):
            return first in text
        case Binary(data):
            return first.encode() in data
        case _:
            return False
