"""The browser check as a server of its own: one request a connection, files and three live ways.

The edge reaches it as it reaches the app, over a connection, so everything that holds for the app's streams (no
buffering, time limits, back-pressure, the ledger) holds for the check's. What arrives here has been read, judged and
written anew by the edge: it is well formed, and heads are small.

* ``GET`` a file, or the page. ``GET stream``: an event every :data:`~antechamber.surface.check_page.TICK_S` seconds,
  with the time. ``GET socket``: the same as messages of a WebSocket. ``POST pulse``: the time now. ``POST sink``: how
  many octets of the body arrived. ``GET attempts?id=``: what became of a socket that failed.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import parse_qsl

from antechamber.protocol.framing import ChunkedReader, FramingFault, LengthReader
from antechamber.protocol.handshake import accept_of, judge_request
from antechamber.protocol.websocket import Close, Lost, Ping, Receiver, Role, Violation
from antechamber.protocol.websocket_frame import Opcode, encode_close, encode_frame
from antechamber.surface.asgi import Json
from antechamber.surface.check_page import ATTEMPTS, BELOW, FIRST, PULSE, SINK, SOCKET, STREAM, TICK_S, CheckPage

LARGEST_HEAD = 128 * 1024
LARGEST_MESSAGE = 64 * 1024
_END = b"\r\n\r\n"
_PLAIN = ((b"Content-Type", b"text/plain; charset=utf-8"),)
_JSON = ((b"Content-Type", b"application/json"), (b"Cache-Control", b"no-store"))
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache, no-transform\r\n"
    b"X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
_REASONS = {200: b"OK", 308: b"Permanent Redirect", 400: b"Bad Request", 404: b"Not Found", 405: b"Method Not Allowed"}


class CheckConnection(asyncio.Protocol):
    """One request, answered and closed."""

    def __init__(self, page: CheckPage, attempts: Callable[[str], Mapping[str, Json]]) -> None:
        self._page = page
        self._attempts = attempts
        self._received = b""
        self._body: LengthReader | ChunkedReader | None = None
        self._receiver: Receiver | None = None
        self._ticks = 0
        self._timer: asyncio.TimerHandle | None = None
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._receiver is not None:
            self._converse(self._receiver, data)
        elif self._body is not None:
            self._swallow(self._body, data)
        elif not self._answered:
            self._received += data
            head, end, rest = self._received.partition(_END)
            if end:
                self._received = b""
                self._begin(head, rest)
            elif len(self._received) > LARGEST_HEAD:
                self._answer(400, b"the head is too large\n", _PLAIN)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    # Requests

    def _begin(self, head: bytes, rest: bytes) -> None:
        request, *lines = head.split(b"\r\n")
        method, _, target = request.removesuffix(b" HTTP/1.1").partition(b" ")
        fields = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
        path, _, query = target.decode("latin-1").partition("?")
        if path + "/" == BELOW:  # the page's links are relative to what has the slash
            self._answer(308, b"", ((b"Location", BELOW.encode()),))
            return
        match method, path.removeprefix(BELOW):
            case b"POST", name if name == SINK:
                self._body = _body_reader(fields)
                self._swallow(self._body, rest)
            case b"POST", name if name == PULSE:
                self._answer(200, _now_json(), _JSON)
            case b"GET", name if name == ATTEMPTS:
                attempt = dict(parse_qsl(query, max_num_fields=16)).get("id", "")
                self._answer(200, json.dumps(self._attempts(attempt)).encode(), _JSON)
            case b"GET", name if name == STREAM:
                self._transport.write(_STREAM_HEAD)
                self._answered = True
                self._tick()
            case b"GET", name if name == SOCKET:
                self._open(method, fields)
            case b"GET" | b"HEAD", name if file := self._page.file(name):
                self._answer(200, file.body, file.fields, to_head=method == b"HEAD")
            case b"GET" | b"HEAD" | b"POST", _:
                self._answer(404, b"the browser check has no such file\n", _PLAIN)
            case _:
                self._answer(405, b"only GET, HEAD and POST\n", _PLAIN)

    def _swallow(self, body: LengthReader | ChunkedReader, data: bytes) -> None:
        try:
            body.read(data)
        except FramingFault as fault:
            self._answer(400, f"{fault.detail}\n".encode(), _PLAIN)
            return
        if body.done and not self._answered:
            self._answer(200, json.dumps({"success": True, "size": body.content_bytes}).encode(), _JSON)

    def _open(self, method: bytes, fields: list[tuple[bytes, bytes]]) -> None:
        refusal = judge_request(method, fields)
        if refusal is not None:
            self._answer(400, f"not a WebSocket: {refusal}\n".encode(), _PLAIN)
            return
        key = next(value for name, value in fields if name.lower() == b"sec-websocket-key")
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept_of(key)
        )
        self._receiver = Receiver(Role.SERVER, message_limit_bytes=LARGEST_MESSAGE)
        self._tick()

    def _converse(self, receiver: Receiver, data: bytes) -> None:
        for event in receiver.feed(data):
            match event:
                case Ping(data=said):
                    self._transport.write(encode_frame(Opcode.PONG, said))
                case Close() | Violation() | Lost():
                    self._transport.write(encode_close())
                    self._transport.close()
                    return
                case _:
                    pass  # whatever else is said here is heard, and means nothing

    # Answers

    def _tick(self) -> None:
        """Say the time, and again after a while: the first time as what is said first."""
        kind = "antechamber.pulse" if self._ticks else FIRST
        self._ticks += 1
        text = json.dumps({"type": kind, "properties": {"n": self._ticks, "at": _now_ms()}})
        if self._receiver is not None:
            self._transport.write(encode_frame(Opcode.TEXT, text.encode()))
        else:
            event = f"data: {text}\n\n".encode()
            self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def _answer(
        self, status: int, body: bytes, fields: tuple[tuple[bytes, bytes], ...], *, to_head: bool = False
    ) -> None:
        self._answered = True
        lines = b"".join(b"%b: %b\r\n" % field for field in fields)
        head = b"HTTP/1.1 %d %b\r\n%bContent-Length: %d\r\nConnection: close\r\n\r\n"
        self._transport.write(head % (status, _REASONS[status], lines, len(body)) + (b"" if to_head else body))
        self._transport.close()


def _body_reader(fields: list[tuple[bytes, bytes]]) -> LengthReader | ChunkedReader:
    named = {name.lower(): value for name, value in fields}
    if b"transfer-encoding" in named:
        return ChunkedReader(reframe=False)
    return LengthReader(int(named.get(b"content-length", b"0")))


def _now_ms() -> float:
    return round(time.time() * 1000, 3)


def _now_json() -> bytes:
    return json.dumps({"at": _now_ms()}).encode()
