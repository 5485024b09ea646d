"""An app of which the test writes every octet: it only accepts connections and hands them over."""

from __future__ import annotations

import asyncio
from typing import Self

from tests.edge.talk import PATIENCE_S, take_body, take_request
from tests.hostile.strict import Seen
from tests.hostile.wire import Wire

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def ok(body: bytes = b"fine", fields: bytes = b"") -> bytes:
    """A whole answer of known length."""
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (fields, len(body), body)


def chunk(content: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(content), content)


class App:
    """Listens on a free port (of ``host``) or on a unix socket. Connections come in the order in which they opened."""

    def __init__(self, host: str = "127.0.0.1", *, port: int = 0, unix: str = "") -> None:
        self._host, self._unix = host, unix
        self._new: asyncio.Queue[Wire] = asyncio.Queue()
        self._wires: list[Wire] = []
        self.port = port

    @property
    def url(self) -> str:
        if self._unix:
            return f"unix:{self._unix}"
        return f"http://[{self._host}]:{self.port}" if ":" in self._host else f"http://{self._host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections have been opened so far."""
        return len(self._wires)

    async def __aenter__(self) -> Self:
        if self._unix:
            self._server = await asyncio.start_unix_server(self._accept, self._unix)
        else:
            self._server = await asyncio.start_server(self._accept, self._host, self.port)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await asyncio.gather(*[wire.abort() for wire in self._wires], return_exceptions=True)

    async def accepted(self) -> Wire:
        """The next connection that the edge opened."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._new.get()

    async def asked(self) -> tuple[Wire, Seen]:
        """The next connection and the head of its first request."""
        wire = await self.accepted()
        return wire, await take_request(wire)

    async def asked_whole(self) -> tuple[Wire, Seen]:
        """The next connection and its first request, body included."""
        wire, seen = await self.asked()
        await take_body(wire, seen)
        return wire, seen

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(reader, writer)
        self._wires.append(wire)
        self._new.put_nowait(wire)
