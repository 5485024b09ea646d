"""The app behind every contestant: as lean as Python allows, because it shares the machine with what is measured.

It answers on raw connections without a framework, knows only what the figures need, and trusts its client:

========================  ==========================================================================================
``/small``                1 KiB with a length (the default for any other path)
``/events?rate=N``        an event stream; N events a second, each carrying the monotonic clock in nanoseconds
``/broadcast?rate=N``     the same, with every event sent to all streams at once
``/idle``                 an event stream that says one comment and then nothing
``/socket``               accepts an upgrade and echoes small frames whose mask is zero
``/download?bytes=N``     N bytes with a length, with back-pressure
``POST`` to anything      reads the body and answers the number of bytes; ``?rate=N`` reads N bytes a second
========================  ==========================================================================================
"""

import argparse
import asyncio
import base64
import gc
import hashlib
import re
import time
from typing import cast

import uvloop

EVENT_PADDING = b"x" * 108
"""Brings an event to 136 bytes: the size of one token of a chat answer with its JSON around it."""
SMALL_BODY = b"0123456789abcdef" * 64
TICK_S = 0.005
CHUNK = memoryview(b"\0" * (256 * 1024))
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

SMALL_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n" + SMALL_BODY
EVENT_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    b"X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n"
)
LENGTH_FIELD = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
KEY_FIELD = re.compile(rb"\r\nsec-websocket-key:[ \t]*([^\r]+)", re.IGNORECASE)
NUMBER_IN_QUERY = re.compile(rb"=(\d+)")


class Ticker:
    """Sends the events of all streams, spread evenly over time, or each to everybody at once (``together``)."""

    def __init__(self, *, together: bool = False) -> None:
        self._together = together
        self._streams: list[asyncio.Transport] = []
        self._rate_in_all = 0.0
        self._owed = 0.0
        self._next = 0
        self._last = 0.0
        self._running = False

    def add(self, transport: asyncio.Transport, rate: int) -> None:
        """Let ``transport`` have ``rate`` events a second from now on."""
        self._streams.append(transport)
        self._rate_in_all += rate
        if not self._running:
            self._running = True
            self._last = time.monotonic()
            asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def remove(self, transport: asyncio.Transport) -> None:
        """Forget a stream that has ended."""
        if transport in self._streams:
            self._rate_in_all *= 1 - 1 / len(self._streams)
            self._streams.remove(transport)

    def _tick(self) -> None:
        now = time.monotonic()
        self._owed += (now - self._last) * self._rate_in_all
        self._last = now
        streams = self._streams
        if self._together and self._owed < len(streams):
            asyncio.get_running_loop().call_later(TICK_S, self._tick)
            return
        while self._owed >= 1 and streams:
            self._owed -= 1
            self._next = (self._next + 1) % len(streams)
            event = b"data: %019d %s\n\n" % (time.monotonic_ns(), EVENT_PADDING)
            streams[self._next].write(b"%x\r\n%s\r\n" % (len(event), event))
        asyncio.get_running_loop().call_later(TICK_S, self._tick)


class AppConnection(asyncio.Protocol):
    """Reads heads with one search; a body is only counted. Switches to echoing after an accepted upgrade."""

    def __init__(self, ticker: Ticker, together: Ticker) -> None:
        self._ticker = ticker
        self._together = together
        self._head = b""
        self._body_left = 0
        self._body_length = 0
        self._body_rate = 0
        self._download_left = 0
        self._echoing = False
        self._writable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ticker.remove(self._transport)
        self._together.remove(self._transport)

    def data_received(self, data: bytes) -> None:
        if self._echoing:
            self._echo(data)
        elif self._body_left:
            self._count(data)
        else:
            self._head += data
            while (end := self._head.find(b"\r\n\r\n")) >= 0:
                head, self._head = self._head[: end + 2], self._head[end + 4 :]
                self._answer(head)

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._continue_download()

    def _answer(self, head: bytes) -> None:
        method, target = head[:5], head.split(b" ", 2)[1]
        if method == b"POST ":
            self._begin_upload(head, target)
        elif target.startswith(b"/events"):
            self._transport.write(EVENT_HEAD)
            self._ticker.add(self._transport, _number(target))
        elif target.startswith(b"/broadcast"):
            self._transport.write(EVENT_HEAD)
            self._together.add(self._transport, _number(target))
        elif target.startswith(b"/idle"):
            self._transport.write(EVENT_HEAD + b"8\r\n: open\n\n\r\n")
        elif target.startswith(b"/socket"):
            self._accept_upgrade(head)
        elif target.startswith(b"/download"):
            self._download_left = _number(target)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
                % self._download_left
            )
            self._continue_download()
        else:
            self._transport.write(SMALL_ANSWER)

    def _accept_upgrade(self, head: bytes) -> None:
        key = KEY_FIELD.search(head)
        assert key, "the load generator always sends a key"
        accept = base64.b64encode(hashlib.sha1(key[1].strip() + WEBSOCKET_GUID, usedforsecurity=False).digest())
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self._echoing = True

    def _echo(self, data: bytes) -> None:
        """Return each frame without its mask, which is zero: so the payload is sent back as it came."""
        if self._head:
            data, self._head = self._head + data, b""
        answer, at, have = [], 0, len(data)
        while at + 6 <= have:
            end = at + 6 + (data[at + 1] & 0x7F)
            if end > have:
                break
            answer.append(b"%c%c%s" % (data[at], end - at - 6, data[at + 6 : end]))
            at = end
        self._head = data[at:]
        if answer:
            self._transport.write(b"".join(answer))

    def _begin_upload(self, head: bytes, target: bytes) -> None:
        length = LENGTH_FIELD.search(head)
        assert length, "the load generator always sends a length"
        self._body_length = self._body_left = int(length[1])
        self._body_rate = _number(target)
        if self._head:
            body, self._head = self._head, b""  # the client sends nothing after it until it is answered
            self._count(body)

    def _count(self, data: bytes) -> None:
        self._body_left -= len(data)
        if self._body_left <= 0:
            text = b"%d" % (self._body_length - self._body_left)
            self._body_left = 0
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
        elif self._body_rate:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(len(data) / self._body_rate, self._transport.resume_reading)

    def _continue_download(self) -> None:
        while self._writable and self._download_left and not self._transport.is_closing():
            piece = CHUNK[: self._download_left]
            self._download_left -= len(piece)
            self._transport.write(piece)


def _number(target: bytes) -> int:
    found = NUMBER_IN_QUERY.search(target)
    return int(found[1]) if found else 0


async def serve(port: int) -> None:
    """Listen on loopback, say where on stdout, and serve until killed."""
    loop = asyncio.get_running_loop()
    ticker, together = Ticker(), Ticker(together=True)
    server = await loop.create_server(lambda: AppConnection(ticker, together), "127.0.0.1", port, backlog=4096)
    print(f"upstream at http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    gc.freeze()
    gc.disable()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="the app behind every contestant")
    parser.add_argument("--port", type=int, default=0)
    uvloop.run(serve(parser.parse_args().port))
