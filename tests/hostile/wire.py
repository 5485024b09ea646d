"""One TCP connection as a test sees it: every byte that arrived, and how the connection ended.

The idea: bytes stay in ``inbox`` until somebody takes them, so that *what else arrived* can always be asked. Nothing
is read unless :meth:`Wire.fill` is called, which makes not reading (back-pressure) the default.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self

READ_SIZE = 256 * 1024
WRITE_SIZE = 64 * 1024


class End(Enum):
    """How the peer ended the connection, if it did."""

    OPEN = auto()
    CLOSED = auto()
    RESET = auto()


@dataclass(eq=False)
class Wire:
    """A connection with everything received kept in :attr:`inbox`."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    inbox: bytearray = field(default_factory=bytearray)
    received: int = 0
    end: End = End.OPEN
    sending: list[asyncio.Task[bool]] = field(default_factory=list)

    @classmethod
    async def dial(cls, host: str, port: int) -> Self:
        async with asyncio.timeout(10):  # wait_for loses a cancellation that comes with the result (bpo-37658)
            reader, writer = await asyncio.open_connection(host, port)
        return cls(reader, writer)

    @property
    def ended(self) -> bool:
        return self.end is not End.OPEN

    async def fill(self, until: float | None) -> bool:
        """Wait for more bytes until loop time ``until`` (None: for ever); False when none came."""
        if self.ended:
            return False
        try:
            async with asyncio.timeout_at(until):
                piece = await self.reader.read(READ_SIZE)
        except TimeoutError:
            return False
        except OSError:
            self.end = End.RESET
            return False
        if not piece:
            self.end = End.CLOSED
            return False
        self.inbox += piece
        self.received += len(piece)
        return True

    async def take_through(self, mark: bytes, until: float | None) -> bytes | None:
        """Everything up to and including ``mark``, or None when it does not come in time."""
        searched = 0
        while (at := self.inbox.find(mark, searched)) < 0:
            searched = max(0, len(self.inbox) - len(mark) + 1)
            if not await self.fill(until):
                return None
        return self.take(at + len(mark))

    def take(self, count: int) -> bytes:
        piece = bytes(self.inbox[:count])
        del self.inbox[:count]
        return piece

    async def until_end(self, until: float | None) -> bool:
        """Read and keep bytes until the peer ends the connection; False when it is still open at ``until``."""
        while await self.fill(until):
            pass
        return self.ended

    async def send(self, payload: bytes, *, step: int = WRITE_SIZE, pause_s: float = 0.0) -> bool:
        """Send all of ``payload``; False when the peer would not take it."""
        try:
            for start in range(0, len(payload), step):
                self.writer.write(payload[start : start + step])
                await self.writer.drain()
                if pause_s:
                    await asyncio.sleep(pause_s)
        except OSError:
            return False
        return True

    def send_beside(self, payload: bytes, *, step: int = WRITE_SIZE, pause_s: float = 0.0) -> None:
        """Send while the caller reads: the peer may answer, or close, before it has everything."""
        self.sending.append(asyncio.ensure_future(self.send(payload, step=step, pause_s=pause_s)))

    def send_eof(self) -> None:
        self.writer.write_eof()

    async def close(self) -> None:
        """Close in order: what was written is delivered first."""
        await self._stop_sending()
        self.writer.close()
        await self._wait_closed()

    async def abort(self) -> None:
        """Close at once and drop what was not delivered."""
        await self._stop_sending()
        self.writer.transport.abort()
        await self._wait_closed()

    async def reset(self) -> None:
        """End the connection with RST, which tells the peer that bytes may be missing."""
        await self._stop_sending()
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        await self._wait_closed()

    async def _stop_sending(self) -> None:
        for task in self.sending:
            task.cancel()
        await asyncio.gather(*self.sending, return_exceptions=True)
        self.sending.clear()

    async def _wait_closed(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self.writer.wait_closed()
        except (OSError, TimeoutError):
            self.writer.transport.abort()


def after(seconds: float) -> float:
    """The loop time ``seconds`` from now: a deadline for :meth:`Wire.fill`."""
    return asyncio.get_running_loop().time() + seconds
