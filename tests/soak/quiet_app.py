"""An app that says one thing on each connection, then nothing until it is told to go on, then one thing more.

It sends no heartbeat and no ping, so what passes between the two is nothing at all: whatever ends a connection
meanwhile is the proxy.
"""

from __future__ import annotations

import asyncio
from typing import Self

from antechamber.protocol.handshake import accept_of
from antechamber.protocol.websocket_frame import Opcode, encode_frame

FIRST, LAST, CLIENT = b"before the silence", b"after the silence", b"from the client, after the silence"


class QuietApp:
    """Answers upgrades with a WebSocket and everything else with an event stream. :meth:`go_on` ends the silence."""

    def __init__(self) -> None:
        self._go_on = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()
        self.port = 0
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        """What clients said on sockets after the silence, as octets."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def go_on(self) -> None:
        self._go_on.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # a proxy that lets go, or that only looks whether somebody listens
        finally:
            self._serving.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(_field(line) for line in head.split(b"\r\n")[1:-2])
        if fields.get(b"upgrade", b"").lower() == b"websocket":
            await self._socket(fields[b"sec-websocket-key"], reader, writer)
        else:
            await self._stream(writer)

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
        writer.write(head + b"X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n" + _event(FIRST))
        await self._go_on.wait()
        writer.write(_event(LAST))
        await writer.drain()
        await asyncio.sleep(3600)  # the test ends this, the app does not

    async def _socket(self, key: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        writer.write(head + b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept_of(key) + encode_frame(Opcode.TEXT, FIRST))
        await self._go_on.wait()
        writer.write(encode_frame(Opcode.TEXT, LAST))
        self.heard.put_nowait(await reader.readexactly(len(encode_frame(Opcode.TEXT, CLIENT, mask=bytes(4)))))
        await asyncio.sleep(3600)


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.lower(), value.strip()


def _event(text: bytes) -> bytes:
    content = b"data: %b\n\n" % text
    return b"%x\r\n%b\r\n" % (len(content), content)
