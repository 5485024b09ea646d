"""Answers of the surface, given in an app's place: a bridge from a request on the wire to an ASGI conversation.

The surface decides what is said and when; here it becomes octets, over HTTP/1.1 or as a WebSocket, with back-pressure
both ways.
"""

from __future__ import annotations

import asyncio
from typing import cast

from antechamber.hop.asked import Asked
from antechamber.hop.stand_in import Line
from antechamber.protocol import websocket
from antechamber.protocol.handshake import accept_of
from antechamber.protocol.http1 import Field, serialise
from antechamber.protocol.websocket import Receiver, Role
from antechamber.protocol.websocket_frame import CloseCode, Opcode, encode_close, encode_frame
from antechamber.surface.asgi import App, Message, Scope

UNREAD_HIGH = 256 * 1024
"""Octets of a request's body that may wait to be read; a ``sink`` reads slowly on purpose."""
MESSAGE_LIMIT_BYTES = 8 * 1024 * 1024


def scope_of(asked: Asked) -> Scope:
    """The request as ASGI tells it: as it arrived, without what this hop added (its own name in ``Via``)."""
    exchange = asked.exchange
    path, _, query = asked.target.partition(b"?")
    peer = cast("tuple[str, int] | None", exchange.downstream.transport.get_extra_info("peername"))
    own_name = exchange.setting.rules.pseudonym
    headers = [(name.lower(), value) for name, value in asked.fields if name.lower() != b"via"]
    headers += [
        (b"via", seen) for name, value in asked.fields if name.lower() == b"via" and (seen := _seen(value, own_name))
    ]
    return {
        "type": "websocket" if is_socket(asked) else "http",
        "http_version": f"1.{exchange.plan.minor}",
        "method": asked.method.decode("ascii"),
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": headers,
        "client": peer[:2] if peer else None,
        "extensions": {"websocket.http.response": {}},
    }


def is_socket(asked: Asked) -> bool:
    return asked.value(b"upgrade").lower() == b"websocket"


def _seen(via: bytes, own_name: bytes) -> bytes:
    """``Via`` as it arrived."""
    return b", ".join(element for element in via.split(b", ") if own_name not in element)


class InPlace:
    """One answer of an ASGI app to one request. A stand-in for the app behind it."""

    def __init__(self, app: App, asked: Asked, line: Line) -> None:
        self._asked = asked
        self._line = line
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._unread = 0
        self._held = False
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._speaker = _Socket(asked, line) if is_socket(asked) else _Plain(asked, line)
        if is_socket(asked):
            self._inbox.put_nowait({"type": "websocket.connect"})
        elif asked.value(b"expect"):
            line.give(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._task = asyncio.ensure_future(app(scope_of(asked), self._receive, self._send))
        self._task.add_done_callback(self._ended)

    # From the edge

    def content(self, data: bytes) -> None:
        self._unread += len(data)
        self._inbox.put_nowait({"type": "http.request", "body": data, "more_body": True})
        self._weigh()

    def whole(self) -> None:
        if not is_socket(self._asked):
            self._inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    def octets(self, data: bytes) -> None:
        for message in self._speaker.heard(data):
            self._inbox.put_nowait(message)

    def flow(self, *, on: bool) -> None:
        self._may_write.set() if on else self._may_write.clear()

    def leave(self) -> None:
        self._task.cancel()

    # From the surface

    async def _receive(self) -> Message:
        message = await self._inbox.get()
        self._unread -= len(message.get("body", b""))
        self._weigh()
        return message

    async def _send(self, message: Message) -> None:
        await self._may_write.wait()
        self._speaker.say(message)

    def _weigh(self) -> None:
        heavy = self._unread > UNREAD_HIGH
        if heavy is not self._held:
            self._held = heavy
            self._line.hold(heavy)

    def _ended(self, task: asyncio.Future[None]) -> None:
        """A conversation that did not end in an answer (its time was over) ends the connection."""
        if task.cancelled() or task.exception() is not None:
            self._line.hang_up()


class _Plain:
    """``http.response`` messages as an HTTP/1.1 response."""

    def __init__(self, asked: Asked, line: Line) -> None:
        self._line = line
        self._to_head = asked.method == b"HEAD"
        self._status = 0
        self._fields: list[Field] = []
        self._begun = self._chunked = False

    def say(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._fields = message["status"], list(message["headers"])
            return
        body: bytes = message.get("body", b"")
        more = bool(message.get("more_body", False))
        self._line.give(self._head() + self._framed(body, more=more))
        if not more:
            self._line.done()

    def heard(self, data: bytes) -> list[Message]:
        return []

    def _head(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        if not any(name.lower() == b"content-length" for name, _ in self._fields):
            self._chunked = True
            self._fields.append((b"Transfer-Encoding", b"chunked"))
        return serialise(b"HTTP/1.1 %d OK" % self._status, self._fields)

    def _framed(self, body: bytes, *, more: bool) -> bytes:
        if self._to_head:
            return b""
        if not self._chunked:
            return body
        piece = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        return piece if more else piece + b"0\r\n\r\n"


class _Socket(_Plain):
    """``websocket`` messages as a handshake and frames; a refusal before it as a response."""

    def __init__(self, asked: Asked, line: Line) -> None:
        super().__init__(asked, line)
        self._key = asked.value(b"sec-websocket-key")
        self._receiver = Receiver(Role.SERVER, message_limit_bytes=MESSAGE_LIMIT_BYTES)

    def say(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                fields = [(b"Upgrade", b"websocket"), (b"Connection", b"Upgrade")]
                fields.append((b"Sec-WebSocket-Accept", accept_of(self._key)))
                self._line.give(serialise(b"HTTP/1.1 101 Switching Protocols", fields))
            case "websocket.send":
                data = message.get("bytes")
                frame = encode_frame(Opcode.TEXT, message["text"].encode()) if data is None else _binary(data)
                self._line.give(frame)
            case "websocket.close":
                self._line.give(encode_close(message.get("code", CloseCode.NORMAL), message.get("reason", "")))
                self._line.hang_up()
            case kind:
                super().say({**message, "type": str(kind).removeprefix("websocket.")})

    def heard(self, data: bytes) -> list[Message]:
        messages: list[Message] = []
        for event in self._receiver.feed(data):
            match event:
                case websocket.Text(text):
                    messages.append({"type": "websocket.receive", "text": text})
                case websocket.Binary(content):
                    messages.append({"type": "websocket.receive", "bytes": content})
                case websocket.Ping(content):
                    self._line.give(encode_frame(Opcode.PONG, content))
                case websocket.Close(code, _):
                    self._bye(code or CloseCode.NORMAL, messages)
                case websocket.Violation(code, _):
                    self._bye(code, messages)
                case websocket.Pong() | websocket.Lost():
                    pass
        return messages

    def _bye(self, code: int, messages: list[Message]) -> None:
        messages.append({"type": "websocket.disconnect", "code": code})
        self._line.give(encode_close(code))
        self._line.hang_up()


def _binary(data: bytes) -> bytes:
    return encode_frame(Opcode.BINARY, data)
