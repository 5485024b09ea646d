"""What the faulty origin can be asked to do when fixed bytes do not suffice: one coroutine per mode.

A mode gets the connection behind a request head and tells whether the connection stays open. Its name, with dashes, is
the path segment that asks for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qs, urlsplit

from tests.hostile.answer import Fields, values
from tests.hostile.frames import Opcode, encode_frame, take_frame
from tests.hostile.origin import CONTINUE, websocket_accept
from tests.hostile.strict import FOREVER, Gone, Unframed, take_exactly, take_line
from tests.hostile.wire import Wire, after

FLOOD_BYTES = 256 << 20
BLOCK = bytes(range(256)) * 256
LAST_WORDS = b"LAST" * 5000
SSE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT_GAP_S = 0.2
LEAST_BUFFER = 64 << 10
GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"


@dataclass(eq=False)
class Visit:
    """One request, as this side saw it."""

    method: str
    target: str
    fields: Fields
    place: int
    """1 for the first request of its connection."""
    got: int = 0
    sent: int = 0
    digest: str = ""
    complete: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the origin is done with the request, or the proxy has closed the connection."""

    @property
    def mode(self) -> str:
        return urlsplit(self.target).path.split("/")[2]

    @property
    def nonce(self) -> str:
        return urlsplit(self.target).path.split("/")[3]

    def number(self, name: str) -> int:
        return int(parse_qs(urlsplit(self.target).query)[name][0])

    def first(self, name: str) -> str:
        return (values(self.fields, name) or [""])[0]


Mode = Callable[[Wire, Visit], Awaitable[bool]]
MODES: dict[str, Mode] = {}


def mode(script: Mode) -> Mode:
    """Register a mode under its name."""
    MODES[script.__name__.replace("_", "-")] = script
    return script


async def write(wire: Wire, payload: bytes) -> None:
    wire.writer.write(payload)
    await wire.writer.drain()


async def flood(wire: Wire, visit: Visit, block: bytes, size: int) -> None:
    """Send ``size`` bytes made of ``block``; :attr:`Visit.sent` tells how much the proxy has taken."""
    while visit.sent < size:
        piece = block[: size - visit.sent]
        await write(wire, piece)
        visit.sent += len(piece)


async def read_all(wire: Wire, visit: Visit, *, pause_s: float = 0.0) -> None:
    """Read the request body piece by piece; raises :class:`Gone` or :class:`Unframed` when it is not whole."""
    digest = hashlib.sha256()

    async def take(size: int) -> None:
        while size:
            if not wire.inbox and not await wire.fill(FOREVER):
                raise Gone
            piece = wire.take(min(size, 65536))
            visit.got += len(piece)
            digest.update(piece)
            size -= len(piece)
            if pause_s:
                await asyncio.sleep(pause_s)

    if visit.first("transfer-encoding"):
        while size := int((await take_line(wire))[:-2], 16):
            await take(size)
            if await take_exactly(wire, 2) != b"\r\n":
                raise Unframed("chunk data without CRLF")
        while await take_line(wire) != b"\r\n":
            pass
    else:
        await take(int(visit.first("content-length") or 0))
    visit.digest = digest.hexdigest()
    visit.complete = True


async def answer(wire: Wire, visit: Visit) -> bool:
    body = json.dumps({"nonce": visit.nonce, "got": visit.got, "digest": visit.digest}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    await write(wire, head if visit.method == "HEAD" else head + body)
    return True


async def accept_upgrade(wire: Wire, visit: Visit, *, token: bytes = b"websocket") -> None:
    accept = websocket_accept(visit.first("sec-websocket-key")).encode()
    await write(
        wire,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: %b\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
        % (token, accept),
    )


async def send_events(wire: Wire, visit: Visit, count: int) -> None:
    """Events whose data is the time of sending, one every :data:`EVENT_GAP_S`."""
    await write(wire, SSE_HEAD)
    for number in range(count):
        event = b"id: %d\ndata: %.6f\n\n" % (number, time.time())
        await write(wire, b"%x\r\n%b\r\n" % (len(event), event))
        visit.sent += 1
        await asyncio.sleep(EVENT_GAP_S)


# Answers that need more than bytes


@mode
async def echo(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    return await answer(wire, visit)


@mode
async def delay(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await asyncio.sleep(visit.number("ms") / 1000)
    return await answer(wire, visit)


@mode
async def gzip(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await write(wire, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(GZIP) + GZIP)
    return True


@mode
async def close_after_request(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    return False


@mode
async def rst_after_request(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await wire.reset()
    return False


@mode
async def stale(wire: Wire, visit: Visit) -> bool:
    """Answer the first request of a connection; drop a later one without an answer."""
    await read_all(wire, visit)
    return await answer(wire, visit) if visit.place == 1 else False


@mode
async def idle_close(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await answer(wire, visit)
    await asyncio.sleep(0.05)
    return False


@mode
async def unsolicited(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await answer(wire, visit)
    await asyncio.sleep(0.3)
    await write(wire, b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-Poison: 1\r\n\r\nPOISON")
    return True


@mode
async def stall_header(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await wire.until_end(after(60))
    return False


@mode
async def drip(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await wire.send(b"HTTP/1.1 200 OK\r\nX-Drip: " + b"a" * 4000 + b"\r\n\r\n", step=1, pause_s=0.4)
    return False


@mode
async def endless_headers(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await write(wire, b"HTTP/1.1 200 OK\r\n")
    await flood(wire, visit, b"X-Long: " + b"a" * 8000 + b"\r\n", 64 << 20)
    return False


@mode
async def early_413(wire: Wire, visit: Visit) -> bool:
    """Refuse, stop sending, give the peer a moment to notice, go: the body is never read."""
    await write(wire, b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\nConnection: close\r\n\r\ntoo big")
    wire.send_eof()
    await asyncio.sleep(0.3)
    return False


@mode
async def early_413_open(wire: Wire, visit: Visit) -> bool:
    await write(wire, b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\n\r\ntoo big")
    await asyncio.sleep(20)
    return False


@mode
async def early_200_read(wire: Wire, visit: Visit) -> bool:
    await write(wire, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
    await read_all(wire, visit)
    return True


@mode
async def never_reads(wire: Wire, visit: Visit) -> bool:
    """Takes nothing: not into a StreamReader, which would hold 8 MB, nor into a buffer of the kernel that grows."""
    cast(asyncio.Transport, wire.writer.transport).pause_reading()
    wire.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LEAST_BUFFER)
    await asyncio.sleep(30)
    return False


@mode
async def slow_reads(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit, pause_s=0.002)
    await answer(wire, visit)
    return False


@mode
async def big(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    size = visit.number("n")
    await write(wire, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    await flood(wire, visit, BLOCK, size)
    return True


@mode
async def expect(wire: Wire, visit: Visit) -> bool:
    if "100-continue" in visit.first("expect").lower():
        await write(wire, CONTINUE)
    await read_all(wire, visit)
    return await answer(wire, visit)


@mode
async def expect_refused(wire: Wire, visit: Visit) -> bool:
    await write(wire, b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
    return False


@mode
async def flood_1xx(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await flood(wire, visit, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 3000 * 42)
    return await answer(wire, visit)


# WebSockets


@mode
async def ws(wire: Wire, visit: Visit) -> bool:
    await accept_upgrade(wire, visit)
    while True:
        frame = take_frame(wire.inbox)
        if frame is None:
            if not await wire.fill(FOREVER):
                return False
        elif frame.payload == b"RESET":
            await wire.reset()
            return False
        elif frame.payload == b"LAST WORDS":
            await write(wire, encode_frame(LAST_WORDS, Opcode.BINARY))
            return False
        elif frame.payload == b"FLOOD":
            await flood(wire, visit, encode_frame(b"x" * 65535, Opcode.BINARY), FLOOD_BYTES)
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            await write(wire, encode_frame(frame.payload, frame.opcode))


@mode
async def ws_halfclose(wire: Wire, visit: Visit) -> bool:
    await accept_upgrade(wire, visit)
    await wire.until_end(FOREVER)
    await write(wire, b"AFTER-EOF")
    return False


@mode
async def ws_wrong_proto(wire: Wire, visit: Visit) -> bool:
    await accept_upgrade(wire, visit, token=b"other/1")
    await wire.until_end(after(10))
    return False


@mode
async def ws_refused(wire: Wire, visit: Visit) -> bool:
    await read_all(wire, visit)
    await write(wire, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
    return True


# Event streams


@mode
async def sse_ok(wire: Wire, visit: Visit) -> bool:
    await send_events(wire, visit, 3)
    await write(wire, b"0\r\n\r\n")
    return True


@mode
async def sse_rst(wire: Wire, visit: Visit) -> bool:
    await send_events(wire, visit, 3)
    await wire.reset()
    return False


@mode
async def sse_fin(wire: Wire, visit: Visit) -> bool:
    await send_events(wire, visit, 3)
    return False


@mode
async def sse_forever(wire: Wire, visit: Visit) -> bool:
    sending = asyncio.ensure_future(send_events(wire, visit, 1000))
    await wire.until_end(FOREVER)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    return False


@mode
async def sse_idle(wire: Wire, visit: Visit) -> bool:
    await send_events(wire, visit, 1)
    await wire.until_end(FOREVER)
    return False
