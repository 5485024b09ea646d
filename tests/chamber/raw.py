"""A raw HTTP/1.1 connection for tests: bytes out, bytes in, every wait bounded by a generous deadline."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from antechamber.chamber.server import Running, serving
from antechamber.chamber.settings import Settings

DEADLINE_S = 20.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@dataclass(frozen=True)
class Head:
    """A response head, its fields in order as they came."""

    status: int
    fields: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name: str) -> str:
        return ", ".join(self.all(name))


@dataclass(frozen=True)
class Answer:
    head: Head
    body: bytes

    @property
    def status(self) -> int:
        return self.head.status

    def json(self) -> Any:
        return json.loads(self.body)

    def cookie(self) -> str:
        """``name=value`` of the cookie that it sets."""
        return self.head.get("set-cookie").partition(";")[0]


class Connection:
    """One TCP connection to the chamber."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes | str) -> None:
        self.writer.write(data.encode("latin-1") if isinstance(data, str) else data)
        async with asyncio.timeout(DEADLINE_S):
            await self.writer.drain()

    async def until(self, mark: bytes) -> bytes:
        async with asyncio.timeout(DEADLINE_S):
            return await self.reader.readuntil(mark)

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.reader.read()

    async def silent_for(self, seconds: float) -> bool:
        """Whether nothing comes and the connection stays open for so long: silence cannot be waited for otherwise."""
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False

    async def head(self) -> Head:
        lines = (await self.until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = re.fullmatch(r"HTTP/1\.1 (\d{3}) [^\r\n]*", lines[0])
        assert found, lines[0]
        fields = [line.split(": ", 1) for line in lines[1:-2]]
        return Head(int(found[1]), [(name, value) for name, value in fields])

    async def chunk(self) -> bytes:
        """One chunk of a chunked body."""
        size = int(await self.until(b"\r\n"), 16)
        async with asyncio.timeout(DEADLINE_S):
            return (await self.reader.readexactly(size + 2))[:-2]

    async def answer(self, *, to_head: bool = False) -> Answer:
        head = await self.head()
        if to_head or head.status in (204, 304):
            return Answer(head, b"")
        if head.get("transfer-encoding") == "chunked":
            body = b""
            while piece := await self.chunk():
                body += piece
            return Answer(head, body)
        if head.get("content-length"):
            async with asyncio.timeout(DEADLINE_S):
                return Answer(head, await self.reader.readexactly(int(head.get("content-length"))))
        return Answer(head, await self.rest())


@dataclass(frozen=True)
class Client:
    """A chamber in this process, and ways to talk to it."""

    running: Running
    settings: Settings

    @property
    def port(self) -> int:
        return int(self.running.url.rpartition(":")[2])

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1024 * 1024)
        try:
            yield Connection(reader, writer)
        finally:
            writer.transport.abort()

    async def ask(
        self, method: str, target: str, body: bytes | str = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        data = body.encode() if isinstance(body, str) else body
        fields = {"Host": f"127.0.0.1:{self.port}", **(headers or {})}
        if data or method == "POST":
            fields.setdefault("Content-Length", str(len(data)))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        async with self.connection() as wire:
            await wire.send(f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + data)
            return await wire.answer(to_head=method == "HEAD")

    async def post(self, target: str, value: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        body = json.dumps({} if value is None else value)
        return await self.ask("POST", target, body, {"Content-Type": "application/json", **(headers or {})})

    async def log_in(self, headers: Mapping[str, str] | None = None) -> str:
        """``name=value`` of a valid session cookie."""
        answer = await self.post("/auth/session", {"password": self.settings.password}, headers)
        assert answer.status == 200
        return answer.cookie()

    @asynccontextmanager
    async def stream(
        self, target: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[tuple[Head, Connection]]:
        fields = {"Host": f"127.0.0.1:{self.port}", **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        async with self.connection() as wire:
            await wire.send(f"GET {target} HTTP/1.1\r\n{lines}\r\n")
            yield await wire.head(), wire


def upgrade(path: str, headers: Mapping[str, str], *, version: str = "HTTP/1.1") -> str:
    """A WebSocket upgrade request with exactly these fields on top of its own."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"GET {path} {version}\r\n{lines}Upgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    )


@asynccontextmanager
async def chamber(root: Path, **changes: Any) -> AsyncIterator[Client]:
    """A chamber on a free port of this process."""
    settings = replace(Settings(root=root), **changes)
    async with serving(settings) as running:
        yield Client(running, settings)
