"""What a server hears on an HTTP/2 connection, as values."""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.protocol.failure import RequestFault
from antechamber.protocol.http2_request import Request


@dataclass(slots=True)
class Opened:
    """A request. Its content, if any, follows."""

    stream: int
    request: Request
    ended: bool


@dataclass(slots=True)
class Unwanted:
    """A request that has an answer of our own; its stream is open."""

    stream: int
    fault: RequestFault
    ended: bool


@dataclass(slots=True)
class Content:
    """A piece of content. ``window_bytes`` is what it takes of the windows until it is acknowledged."""

    stream: int
    octets: bytes
    window_bytes: int


@dataclass(slots=True)
class Ended:
    """The client has sent all of its request; ``trailers`` are field lines as in HTTP/1.1."""

    stream: int
    trailers: bytes = b""


@dataclass(slots=True)
class Gone:
    """A stream was reset. ``detail`` says why where the reset is ours."""

    stream: int
    code: int
    detail: str = ""


@dataclass(slots=True)
class Room:
    """Windows grew: one stream's, or all of them (0)."""

    stream: int


@dataclass(slots=True)
class Drained:
    """The client knows by now that it must open no more streams."""


ServerEvent = Opened | Unwanted | Content | Ended | Gone | Room | Drained
