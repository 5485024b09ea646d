"""Something that stands between a socket and the edge: to the event loop a protocol, to the edge a transport.

This is how a hop misbehaves without the edge's knowing: as TLS does, a stage takes the octets that one side gives and
decides what the other side gets, and when. The plain one passes everything on as it is. The protocol above may change
(:meth:`set_protocol`), as the edge does when an exchange becomes a stream or a tunnel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast


class Stage(asyncio.Transport, asyncio.Protocol):
    """Passes everything on. ``above`` is the edge's protocol, ``below`` the socket's transport."""

    def __init__(self, above: asyncio.Protocol) -> None:
        super().__init__()
        self.above: asyncio.BaseProtocol = above
        self.below: asyncio.Transport

    # What subclasses change

    def arrived(self, data: bytes) -> None:
        """Octets from the socket."""
        self.up(data)

    def sent(self, data: bytes) -> None:
        """Octets from the edge."""
        self.below.write(data)

    def up(self, data: bytes) -> None:
        """Give octets to the edge."""
        cast(asyncio.Protocol, self.above).data_received(data)

    def end(self) -> None:
        """Let go of the socket at once, if there is one yet."""
        below = getattr(self, "below", None)
        if below is not None:
            below.abort()

    # To the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.below = cast(asyncio.Transport, transport)  # uvloop's do not derive from it
        self.above.connection_made(self)

    def data_received(self, data: bytes) -> None:
        self.arrived(data)

    def eof_received(self) -> bool | None:
        return cast(asyncio.Protocol, self.above).eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.above.connection_lost(exc)

    def pause_writing(self) -> None:
        self.above.pause_writing()

    def resume_writing(self) -> None:
        self.above.resume_writing()

    # To the edge

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent(bytes(data))

    def close(self) -> None:
        self.below.close()

    def abort(self) -> None:
        self.below.abort()

    def write_eof(self) -> None:
        self.below.write_eof()

    def can_write_eof(self) -> bool:
        return self.below.can_write_eof()

    def is_closing(self) -> bool:
        return self.below.is_closing()

    def is_reading(self) -> bool:
        return self.below.is_reading()

    def pause_reading(self) -> None:
        self.below.pause_reading()

    def resume_reading(self) -> None:
        self.below.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.below.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return self.below.get_write_buffer_size()

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self.below.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.above = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.above


class Later:
    """Calls that are to come, and that no longer come once what they belong to is over."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handles: set[asyncio.TimerHandle] = set()

    def call(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call once, so many seconds from now, unless :meth:`forget` comes first."""

        def run() -> None:
            self._handles.discard(handle)
            callback()

        handle = self._loop.call_later(seconds, run)
        self._handles.add(handle)

    def forget(self) -> None:
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
