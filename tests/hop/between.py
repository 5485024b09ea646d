"""A hop between a client and an app of which the test writes every octet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from antechamber.hop.server import Hop, made
from antechamber.protocol.handshake import accept_of, key_of
from antechamber.protocol.websocket_frame import Opcode, encode_frame
from tests.edge.app import App
from tests.edge.talk import PATIENCE_S, take_head
from tests.hostile.wire import Wire

HOST = "hop.test:8443"
KEY = key_of(bytes(16))
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n" % KEY
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
    % accept_of(KEY)
)
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"


def get(target: str = "/", *fields: str) -> bytes:
    """A request without a body."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {HOST}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def post(size: int) -> bytes:
    """The head of an upload."""
    return b"POST /upload HTTP/1.1\r\nHost: %b\r\nContent-Length: %d\r\n\r\n" % (HOST.encode(), size)


def event(number: int) -> bytes:
    """One event, as a chunk."""
    content = b"data: %d\n\n" % number
    return b"%x\r\n%b\r\n" % (len(content), content)


def frame(text: bytes, *, masked: bool = False) -> bytes:
    return encode_frame(Opcode.TEXT, text, mask=b"\1\2\3\4" if masked else None)


@dataclass(eq=False)
class Between:
    """A running hop, its app, and the connections of the test."""

    hop: Hop
    app: App
    _wires: list[Wire] = field(default_factory=list)

    async def ask(self, request: bytes) -> Wire:
        """A new client connection on which ``request`` has been sent."""
        async with asyncio.timeout(PATIENCE_S):
            wire = Wire(*await asyncio.open_connection("127.0.0.1", self.hop.addresses[0].port))
        self._wires.append(wire)
        wire.writer.write(request)
        return wire

    async def streaming(self, *fields: str) -> tuple[Wire, Wire]:
        """Client and app of an event stream whose head the app has sent."""
        client = await self.ask(get("/events", "Accept: text/event-stream", *fields))
        app, _ = await self.app.asked()
        app.writer.write(STREAM)
        return client, app

    async def socket(self) -> tuple[Wire, Wire]:
        """Client and app of an open WebSocket."""
        client = await self.ask(get("/socket")[:-2] + UPGRADE + b"\r\n")
        app, _ = await self.app.asked()
        app.writer.write(SWITCHED)
        assert (await take_head(client)).status == 101
        return client, app

    async def close(self) -> None:
        await asyncio.gather(*[wire.abort() for wire in self._wires], return_exceptions=True)


@asynccontextmanager
async def between(*, preset: str = "", **faults: object) -> AsyncIterator[Between]:
    """A hop with ``faults`` (flags, with ``_`` for ``-``) before an app."""
    async with App() as app:
        given = {name.replace("_", "-"): value for name, value in faults.items()}
        hop = made(app.url, given, like=preset)
        hop.notices.say = print
        await hop.start()
        standing = Between(hop, app)
        try:
            yield standing
        finally:
            await standing.close()
            await hop.close()


class Since:
    """How long ago something was, for lower bounds only: a busy machine makes it later, never earlier."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start
