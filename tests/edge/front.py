"""The edge on the test's own event loop, started from flags as a user would give them."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from antechamber.edge.notices import Notices
from antechamber.edge.server import Edge
from antechamber.ledger import Entry
from antechamber.policy.load import load
from tests.edge.talk import PATIENCE_S
from tests.hostile.wire import Wire

HOST = b"Host: edge.test\r\n"


def get(target: str = "/", fields: bytes = b"") -> bytes:
    """A request without a body."""
    return b"GET %b HTTP/1.1\r\n%b%b\r\n" % (target.encode(), HOST, fields)


def post(target: str = "/", fields: bytes = b"", *, length: int) -> bytes:
    """The head of a request with a body of known length."""
    return b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n%b\r\n" % (target.encode(), HOST, length, fields)


WEBSOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


class Book:
    """A witness of the ledger: what opened and what ended, in order, for tests to wait for."""

    def __init__(self) -> None:
        self._opened: asyncio.Queue[Entry] = asyncio.Queue()
        self._ended: asyncio.Queue[Entry] = asyncio.Queue()

    def opened(self, entry: Entry) -> None:
        self._opened.put_nowait(entry)

    def ended(self, entry: Entry) -> None:
        self._ended.put_nowait(entry)

    async def next_opened(self) -> Entry:
        async with asyncio.timeout(PATIENCE_S):
            return await self._opened.get()

    async def next_ended(self) -> Entry:
        async with asyncio.timeout(PATIENCE_S):
            return await self._ended.get()


@dataclass(eq=False)
class Front:
    """A running edge and the connections that the test made to it."""

    edge: Edge
    book: Book
    said: list[str]
    """What the operator was told."""
    _wires: list[Wire] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.edge.addresses[0].port

    async def dial(self, *, source: str = "", tls: ssl.SSLContext | None = None) -> Wire:
        """A new client connection, from the address ``source`` if given."""
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(
                self.edge.addresses[0].host,
                self.port,
                ssl=tls,
                server_hostname="edge.test" if tls else None,
                local_addr=(source, 0) if source else None,
            )
        wire = Wire(reader, writer)
        self._wires.append(wire)
        return wire

    async def ask(self, request: bytes, *, source: str = "") -> Wire:
        """A new client connection on which ``request`` has been sent."""
        wire = await self.dial(source=source)
        wire.writer.write(request)
        return wire

    async def close(self) -> None:
        await asyncio.gather(*[wire.abort() for wire in self._wires], return_exceptions=True)


@asynccontextmanager
async def serving(to: str, **flags: str | list[str]) -> AsyncIterator[Front]:
    """An edge before ``to`` (a URL). ``flags`` are those of ``antechamber serve``, with ``_`` for ``-``.

    Without ``access_log`` the ledger's news go to the test (:attr:`Front.book`) instead of the log.
    """
    given: dict[str, object] = {"to": to, "listen": "127.0.0.1:0", "access-log": "off"}
    given |= {name.replace("_", "-"): value for name, value in flags.items()}
    said: list[str] = []
    edge = Edge(load(given, environment={}, directory=Path(os.sep)).policy, Notices(said.append))
    await edge.start()
    front = Front(edge, Book(), said)
    if given["access-log"] == "off":
        assert edge.setting is not None
        edge.setting.ledger.witness = front.book
    try:
        yield front
    finally:
        await front.close()
        await edge.close()
