"""What a probe saw, and when: values only, so that judging needs no network and can be tested with written ones.

All times are seconds. ``at_s`` counts from the moment the last byte of the request head was handed to the kernel;
``started_wall_s`` is that moment on the wall clock, for comparing with times that the app tells.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urljoin

from antechamber.protocol import sse, websocket
from antechamber.protocol.handshake import Refusal
from antechamber.protocol.http1 import Field


class End(Enum):
    """How what we read came to its end; the value is for people."""

    COMPLETE = "complete"
    STOPPED = "stopped by us"
    SILENT = "silent"
    CUT = "cut off"
    MALFORMED = "malformed"
    UNREACHABLE = "not reachable"


@dataclass(frozen=True, slots=True)
class Ending:
    end: End
    at_s: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Content of a body, its framing removed, as it arrived."""

    at_s: float
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTranscript:
    """One request and what came back. ``status`` is ``None`` when no head came."""

    ending: Ending
    version: str = "http/1.1"
    """What was spoken, by its name in ALPN."""
    started_wall_s: float = 0.0
    request_out_s: float = 0.0
    """When the last byte of the request was out, its body included."""
    status: int | None = None
    fields: tuple[Field, ...] = ()
    first_byte_s: float | None = None
    head_s: float | None = None
    interim: tuple[int, ...] = ()
    """1xx statuses that came before the head."""
    pieces: tuple[Piece, ...] = ()

    @property
    def waited_s(self) -> float | None:
        """From the end of the request to the first byte of the answer; nothing is waited for an early answer."""
        return None if self.first_byte_s is None else max(0.0, self.first_byte_s - self.request_out_s)

    @property
    def body(self) -> bytes:
        return b"".join(piece.data for piece in self.pieces)

    def field(self, name: bytes) -> bytes | None:
        """The first value of a field, by its lower-case name."""
        return next((value for key, value in self.fields if key.lower() == name), None)

    def leads_to(self, url: str) -> str:
        """Where a client that asked for ``url`` is sent on; empty if this is no redirect to follow (RFC 9110 15.4)."""
        if self.status not in (301, 302, 303, 307, 308):
            return ""
        return urljoin(url, (self.field(b"location") or b"").decode("latin-1"))

    @property
    def media_type(self) -> str:
        """``type/subtype`` of the content, lower-cased; empty if there is none."""
        return (self.field(b"content-type") or b"").decode("latin-1").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class TimedItem:
    """An item of an event stream, stamped with the arrival of the piece that completed it."""

    at_s: float
    item: sse.Item


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTranscript:
    """An event stream."""

    http: HttpTranscript
    items: tuple[TimedItem, ...] = ()

    @property
    def events(self) -> list[tuple[float, sse.Event]]:
        return [(timed.at_s, timed.item) for timed in self.items if isinstance(timed.item, sse.Event)]


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A message or control frame that arrived."""

    at_s: float
    event: websocket.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketTranscript:
    """A WebSocket: its handshake, and what the server sent. ``refusal`` is ``None`` when it opened."""

    http: HttpTranscript
    refusal: Refusal | None
    frames: tuple[TimedFrame, ...] = field(default=())

    @property
    def messages(self) -> list[tuple[float, bytes]]:
        """Text and binary messages, as bytes."""
        found: list[tuple[float, bytes]] = []
        for frame in self.frames:
            match frame.event:
                case websocket.Text(text):
                    found.append((frame.at_s, text.encode()))
                case websocket.Binary(data):
                    found.append((frame.at_s, data))
        return found
