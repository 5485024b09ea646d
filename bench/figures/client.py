"""Opening many streams at once: the load generator's side that events, echoes and idle streams have in common."""

import asyncio
import base64
import contextlib
import gc
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar, cast

from bench.figure import MeasureError

OPEN_AT_ONCE = 50
OPEN_DEADLINE_S = 30.0
HEAD_END = b"\r\n\r\n"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def event_stream_request(target: str) -> bytes:
    """The request that a browser's EventSource makes, without what no proxy looks at."""
    return f"GET {target} HTTP/1.1\r\nHost: app.test\r\nAccept: text/event-stream\r\n\r\n".encode()


def websocket_request(target: str) -> bytes:
    """A handshake with a fresh key."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {target} HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


class Stream(asyncio.Protocol):
    """One open connection: asks, waits for the wanted status, then hands what follows to :meth:`received`."""

    transport: asyncio.Transport

    def __init__(self, request: bytes, status: bytes) -> None:
        self._request = request
        self._status = status
        self._head: bytes | None = b""
        self._closing = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._head is None:
            self.received(data)
            return
        self._head += data
        if (end := self._head.find(HEAD_END)) >= 0:
            head, rest, self._head = self._head[:end], self._head[end + 4 :], None
            if head.split(b" ", 2)[1] != self._status:
                self._fail(f"answered {head[:200]!r}")
            elif not self.opened.done():
                self.opened.set_result(None)
            if rest:
                self.received(rest)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closing:
            self.lost = True
            self._fail(f"lost: {exc or 'closed by the other side'}")

    def received(self, data: bytes) -> None:
        """What came after the head; nothing is done with it here."""

    def close(self) -> None:
        """End with a reset, so that thousands of closed connections do not linger into the next sample."""
        self._closing = True
        if self.opened.done():
            self.opened.exception()  # seen: it was raised for the first stream of its wave
        if self.transport.is_closing():
            return
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.transport.abort()

    def _fail(self, what: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(MeasureError(f"a stream was {what}"))


S = TypeVar("S", bound=Stream)


@contextlib.asynccontextmanager
async def many(make: Callable[[], S], port: int, count: int) -> AsyncIterator[Sequence[S]]:
    """``count`` streams that have all got their head; closed afterwards. One that was lost meanwhile is an error."""
    loop = asyncio.get_running_loop()
    streams: list[S] = []
    try:
        while len(streams) < count:
            wave = [
                loop.create_connection(make, "127.0.0.1", port) for _ in range(min(OPEN_AT_ONCE, count - len(streams)))
            ]
            opened = [stream for _, stream in await asyncio.gather(*wave)]
            streams += opened
            _, waiting = await asyncio.wait([stream.opened for stream in opened], timeout=OPEN_DEADLINE_S)
            if waiting:
                raise MeasureError(f"{len(waiting)} streams got no head within {OPEN_DEADLINE_S:g} s")
            for stream in opened:
                stream.opened.result()
        yield streams
        if lost := sum(stream.lost for stream in streams):
            raise MeasureError(f"{lost} of {count} streams were lost")
    finally:
        for stream in streams:
            stream.close()


@contextlib.contextmanager
def no_collector() -> Iterator[None]:
    """Collect garbage now, before any stream is open, and not again: a pause of 15 ms is 15 ms of latency."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
