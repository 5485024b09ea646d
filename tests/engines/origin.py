"""An app that does on each path one thing that shows a promise of the proxy in front of it, and notes what it sees."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

CODED = gzip.compress(b"what the app compressed by itself" * 40, mtime=0)
PLAIN = b"what the app left as it was " * 400
CHUNK = b"x" * 65536


@dataclass(slots=True)
class Notes:
    """What was seen."""

    asked: Counter[str] = field(default_factory=Counter)
    left: dict[str, asyncio.Event] = field(default_factory=dict)
    """Set when the proxy has given up the answer on that path."""
    open_idle: int = 0
    """How many connections wait for a request."""


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    fields: Mapping[str, str]
    body_bytes: int


class Origin:
    """Serves HTTP/1.1 with keep-alive, on loopback."""

    def __init__(self) -> None:
        self.notes = Notes()
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Serves; yields its port."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        async with server:
            port: int = server.sockets[0].getsockname()[1]
            yield port
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def left(self, path: str) -> asyncio.Event:
        return self.notes.left.setdefault(path, asyncio.Event())

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := await self._next(reader):
                self.notes.asked[asked.path] += 1
                if not await self._answer(asked, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _next(self, reader: asyncio.StreamReader) -> Asked | None:
        self.notes.open_idle += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return None
        finally:
            self.notes.open_idle -= 1
        first, *lines = head.decode("latin-1").splitlines()
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        return Asked(first.split()[1], fields, await _body_bytes(reader, fields))

    async def _answer(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection can be used again."""
        match asked.path:
            case "/slow":
                await self._until_left(asked.path, reader)
            case "/stall":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nsome")
                await self._until_left(asked.path, reader)
            case "/flood":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-flood\r\nConnection: close\r\n\r\n")
                await self._flood(asked.path, writer)
            case path if path.startswith(("/live/", "/held/", "/other/")):
                await self._stream(path, reader, writer)
            case "/cacheable":
                _send(writer, PLAIN, cache_control="max-age=600")
                return True
            case "/coded":
                _send(writer, CODED, content_encoding="gzip")
                return True
            case "/soon":
                await asyncio.sleep(0.3)
                _send(writer, PLAIN)
                return True
            case "/plain":
                _send(writer, PLAIN)
                return True
            case _:
                told = {"fields": dict(asked.fields), "body_bytes": asked.body_bytes}
                _send(writer, json.dumps(told).encode(), content_type="application/json")
                return True
        return False

    async def _stream(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """``/live/late`` sends an event after a while; ``/live/dead`` never does."""
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n"
        )
        if path.endswith("/late"):
            await asyncio.sleep(QUIET_S)
            writer.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")
            await writer.drain()
            return
        await self._until_left(path, reader)

    async def _until_left(self, path: str, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(65536):
                pass
        self.left(path).set()

    async def _flood(self, path: str, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(CHUNK)
                await writer.drain()
        except ConnectionError:
            self.left(path).set()


QUIET_S = 1.8
"""How long a live stream is silent: longer than an answer may be (1 s), shorter than a stream may (4 s)."""


async def _body_bytes(reader: asyncio.StreamReader, fields: Mapping[str, str]) -> int:
    if "chunked" not in fields.get("transfer-encoding", ""):
        return len(await reader.readexactly(int(fields.get("content-length", "0"))))
    count = 0
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
        count += size
    await reader.readuntil(b"\r\n")
    return count


def _send(
    writer: asyncio.StreamWriter,
    body: bytes,
    *,
    content_type: str = "text/plain",
    cache_control: str = "no-store",
    content_encoding: str = "",
) -> None:
    coding = f"Content-Encoding: {content_encoding}\r\n" if content_encoding else ""
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nCache-Control: {cache_control}\r\n{coding}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
