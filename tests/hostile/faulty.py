"""The faulty origin: an app that refuses, stalls, lies, answers early or never reads, as the request path asks.

``/f/MODE/NONCE?x=y`` picks what it does; every request leaves a :class:`Visit`, so that a test sees what the proxy
made of it on this side: how much came, whether it was complete, when the proxy let go.
"""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from enum import Enum, auto
from typing import Self

from tests.hostile.answer import parse_fields
from tests.hostile.canned import BY_ID, Ending
from tests.hostile.fault_modes import MODES, Visit, read_all, write
from tests.hostile.strict import FOREVER, Gone, Unframed
from tests.hostile.wire import Wire, after


class Door(Enum):
    """What happens to connections before anything is read."""

    OPEN = auto()
    CLOSE = auto()
    RESET = auto()


class FaultyOrigin:
    """Serves on one loopback port for its whole life, with pauses if asked."""

    def __init__(self) -> None:
        self.port = 0
        self.door = Door.OPEN
        self.connections = 0
        self._visits: defaultdict[str, list[Visit]] = defaultdict(list)
        self._arrived = asyncio.Condition()
        self._wires: dict[asyncio.Task[None], Wire] = {}
        self._blockers: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.unlisten()
        self.unstall()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def unlisten(self) -> None:
        """Stop listening and drop every connection."""
        self._server.close()
        await self.drop_all()

    async def drop_all(self) -> None:
        tasks = list(self._wires)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stall(self) -> None:
        """Listen with a full queue: whoever connects gets no answer at all. Only after :meth:`unlisten`."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(0)
        self._blockers.append(listener)
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._blockers.append(filler)

    def unstall(self) -> None:
        for blocker in self._blockers:
            blocker.close()
        self._blockers.clear()

    def visits(self, nonce: str) -> list[Visit]:
        return list(self._visits[nonce])

    async def arrival(self, nonce: str, timeout_s: float = 10) -> Visit:
        """Wait until a request with this nonce has arrived."""
        async with asyncio.timeout(timeout_s), self._arrived:
            await self._arrived.wait_for(lambda: self._visits[nonce])
        return self._visits[nonce][0]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        wire = Wire(reader, writer)
        task = asyncio.ensure_future(self._serve(wire))
        self._wires[task] = wire
        task.add_done_callback(lambda done: self._wires.pop(done))

    async def _serve(self, wire: Wire) -> None:
        if self.door is Door.CLOSE:
            await wire.close()
            return
        if self.door is Door.RESET:
            await wire.reset()
            return
        place, stay = 0, True
        try:
            while stay:
                place += 1
                stay = await self._exchange(wire, place)
        except (Gone, Unframed, OSError):
            pass
        finally:
            await wire.abort() if stay else await wire.close()

    async def _exchange(self, wire: Wire, place: int) -> bool:
        head = await wire.take_through(b"\r\n\r\n", FOREVER)
        if head is None:
            raise Gone
        line, *lines = head[:-4].split(b"\r\n")
        method, target, _ = line.decode("latin-1").split(" ")
        visit = Visit(method, target, parse_fields(lines), place)
        async with self._arrived:
            self._visits[visit.nonce].append(visit)
            self._arrived.notify_all()
        try:
            mode = MODES.get(visit.mode)
            return await (mode(wire, visit) if mode else self._canned(wire, visit))
        finally:
            visit.over.set()

    async def _canned(self, wire: Wire, visit: Visit) -> bool:
        canned = BY_ID[visit.mode]
        await read_all(wire, visit)
        await write(wire, canned.reply)
        match canned.ending:
            case Ending.RST:
                await asyncio.sleep(0.15)  # a reset overtakes what was sent just before it
                await wire.reset()
            case Ending.STALL:
                await wire.until_end(after(60))
            case _:
                pass
        return canned.ending is Ending.KEEP
