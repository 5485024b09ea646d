"""Clients that hold streams and sockets open, and know whether each of them still lives."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from antechamber.protocol import handshake
from antechamber.protocol.websocket_frame import Opcode, encode_frame
from antechamber.surface.request import FIELD_NAME, Do, ProbeRequest, format_field

TOKEN = "a-token-for-tests-only"
PATIENCE_S = 30.0
EVENTS = "/api/global/event"
SOCKETS = "/api/global/event/ws"
ECHO = f"{FIELD_NAME}: {format_field(ProbeRequest(do=Do.ECHO), TOKEN)}\r\n"


class Live:
    """One connection, read as it comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._heard = bytearray()
        self._news = asyncio.Condition()
        self.over = False
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, port: int, path: str, fields: str) -> Live:
        live = cls(*await asyncio.open_connection("127.0.0.1", port))
        live.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{fields}\r\n".encode())
        return live

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def hears(self, mark: bytes) -> bool:
        """Whether ``mark`` comes from now on, before the connection ends."""
        async with self._news:
            self._heard.clear()
        return await self.has_heard(mark)

    async def has_heard(self, mark: bytes) -> bool:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: mark in self._heard or self.over)
            return mark in self._heard

    async def close(self) -> None:
        self._reading.cancel()
        self._writer.transport.abort()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            while piece := await self._reader.read(1 << 16):
                async with self._news:
                    self._heard += piece
                    self._news.notify_all()
        except ConnectionError:
            pass
        async with self._news:
            self.over = True
            self._news.notify_all()


class Crowd:
    """Many event streams and as many sockets."""

    def __init__(self, streams: list[Live], sockets: list[Live]) -> None:
        self.streams, self.sockets = streams, sockets

    async def lost(self) -> tuple[int, int]:
        """How many streams get no further event, and how many sockets no echo."""
        beats = [live.hears(b"heartbeat") for live in self.streams]
        echoes = [_echoes(live, f"number {number}.".encode()) for number, live in enumerate(self.sockets)]
        heard = await asyncio.gather(*beats, *echoes)
        return heard[: len(beats)].count(False), heard[len(beats) :].count(False)


@asynccontextmanager
async def crowd(port: int, *, each: int) -> AsyncIterator[Crowd]:
    """``each`` streams and sockets, all of them seen alive."""
    key = handshake.request_fields(handshake.key_of(os.urandom(16)))
    upgrade = "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in key) + ECHO
    streams = await asyncio.gather(*(Live.open(port, EVENTS, "Accept: text/event-stream\r\n") for _ in range(each)))
    sockets = await asyncio.gather(*(Live.open(port, SOCKETS, upgrade) for _ in range(each)))
    try:
        assert all(await asyncio.gather(*(live.has_heard(b"text/event-stream") for live in streams)))
        assert all(await asyncio.gather(*(live.has_heard(b'"headers"') for live in sockets)))
        yield Crowd(streams, sockets)
    finally:
        await asyncio.gather(*(live.close() for live in (*streams, *sockets)))


async def _echoes(live: Live, words: bytes) -> bool:
    live.send(encode_frame(Opcode.TEXT, words, mask=os.urandom(4)))
    return await live.hears(words)


async def post(port: int, size: int, *, host: str = "127.0.0.1") -> int:
    """The status of a request with a body of ``size``, on a connection of its own; 0 if none came."""
    body = bytes(size)
    head = f"POST /health HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n{ECHO}Content-Length: {size}\r\n\r\n"
    async with asyncio.timeout(PATIENCE_S):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return 0
        try:
            writer.write(head.encode() + body)
            line = await reader.readline()
        except OSError:
            return 0
        finally:
            writer.transport.abort()
    return int(line.split()[1]) if line else 0
