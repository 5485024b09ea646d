"""WebSocket frames, sans-IO: bytes in, events out (RFC 6455).

A :class:`Receiver` reads what one peer sends, in pieces of any size, and returns the same events however the bytes
were cut. It is strict: whatever the RFC forbids ends it with one :class:`Violation`, after which it is deaf. Writing
is :func:`encode_frame` and the few functions on top of it; the mask comes in as an argument, as randomness is I/O.

No extension is spoken (RFC 6455 section 9), so a set RSV bit is a violation. The opening handshake is in
:mod:`antechamber.protocol.handshake`.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from enum import Enum

from antechamber.protocol.websocket_frame import (
    CONTROL_PAYLOAD_LIMIT,
    CloseCode,
    Head,
    Malformed,
    Opcode,
    apply_mask,
    may_be_sent,
    parse_head,
)

__all__ = ["Binary", "Close", "Event", "Lost", "Ping", "Pong", "Receiver", "Role", "Text", "Violation"]

MESSAGE_LIMIT_BYTES = 1024 * 1024
"""Default bound on one message; ``websockets`` uses the same figure."""


class Role(Enum):
    """Who reads: a server must see masked frames, a client must not (RFC 6455 section 5.1)."""

    CLIENT = "client"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text message."""

    text: str


@dataclass(frozen=True, slots=True)
class Binary:
    """A whole binary message."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ping:
    data: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """The peer's Close frame; ``code`` is ``None`` when it carried no status (1005 is never on the wire)."""

    code: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Violation:
    """What the peer did against the RFC or our limits, and the code to close with."""

    code: CloseCode
    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The bytes ended without a Close frame (code 1006 in browsers); ``within_frame`` if in the middle of one."""

    within_frame: bool


Event = Text | Binary | Ping | Pong | Close | Violation | Lost


class _State(Enum):
    OPEN = "open"
    OVER = "over"


class _Refused(Exception):
    """Carries a violation from the depth of the parser to :meth:`Receiver.feed`."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.violation = Violation(code, reason)


class Receiver:
    """Reads one direction of an open WebSocket connection."""

    def __init__(self, role: Role, *, message_limit_bytes: int = MESSAGE_LIMIT_BYTES) -> None:
        self._role = role
        self._limit = message_limit_bytes
        self._state = _State.OPEN
        self._buffer = bytearray()
        self._head: Head | None = None
        self._message = _Message()

    @property
    def over(self) -> bool:
        """Whether nothing more will come: a Close, a violation or the end of the bytes was seen."""
        return self._state is _State.OVER

    def feed(self, data: bytes) -> list[Event]:
        """The events that ``data`` completes. Bytes after a Close are discarded (RFC 6455 section 1.4)."""
        events: list[Event] = []
        if self.over:
            return events
        self._buffer += data
        try:
            while (frame := self._next_frame()) is not None:
                event = self._accept(*frame)
                if event is not None:
                    events.append(event)
                if isinstance(event, Close):
                    self._finish()
                    break
        except _Refused as refused:
            self._finish()
            events.append(refused.violation)
        except Malformed as malformed:
            self._finish()
            events.append(Violation(CloseCode.PROTOCOL_ERROR, str(malformed)))
        return events

    def feed_eof(self) -> list[Event]:
        """The peer's bytes have ended: says so, unless the connection was over already."""
        if self.over:
            return []
        within_frame = self._head is not None or bool(self._buffer)
        self._finish()
        return [Lost(within_frame)]

    def _finish(self) -> None:
        self._state = _State.OVER
        self._buffer.clear()

    def _next_frame(self) -> tuple[Head, bytes] | None:
        if self._head is None:
            self._head = parse_head(self._buffer)
            if self._head is None:
                return None
            del self._buffer[: self._head.size]
            self._check(self._head)
        head = self._head
        if len(self._buffer) < head.length:
            return None
        payload = bytes(self._buffer[: head.length])
        del self._buffer[: head.length]
        self._head = None
        return head, apply_mask(payload, head.mask) if head.mask else payload

    def _check(self, head: Head) -> None:
        """What can be refused before the payload is here: a peer must not make us wait, or store, for nothing."""
        if bool(head.mask) is not (self._role is Role.SERVER):
            expected = "masked" if self._role is Role.SERVER else "unmasked"
            raise _Refused(CloseCode.PROTOCOL_ERROR, f"frame is not {expected}")
        if head.opcode.control:
            if not head.fin:
                raise _Refused(CloseCode.PROTOCOL_ERROR, "fragmented control frame")
            if head.length > CONTROL_PAYLOAD_LIMIT:
                raise _Refused(CloseCode.PROTOCOL_ERROR, "control frame longer than 125 bytes")
            return
        if self._message.begun is not (head.opcode is Opcode.CONTINUATION):
            problem = "new message inside a fragmented one" if self._message.begun else "continuation of nothing"
            raise _Refused(CloseCode.PROTOCOL_ERROR, problem)
        if self._message.size + head.length > self._limit:
            raise _Refused(CloseCode.TOO_BIG, f"message over {self._limit} bytes")

    def _accept(self, head: Head, payload: bytes) -> Event | None:
        match head.opcode:
            case Opcode.PING:
                return Ping(payload)
            case Opcode.PONG:
                return Pong(payload)
            case Opcode.CLOSE:
                return _parse_close(payload)
            case Opcode.TEXT | Opcode.BINARY:
                self._message.begin(text=head.opcode is Opcode.TEXT)
            case Opcode.CONTINUATION:
                pass
        self._message.add(payload, fin=head.fin)
        if not head.fin:
            return None
        message, self._message = self._message.whole(), _Message()
        return message


class _Message:
    """The message under way. Text is decoded fragment by fragment, so that bad UTF-8 is refused as soon as it is in."""

    def __init__(self) -> None:
        self.begun = False
        self.size = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._texts: list[str] = []
        self._data = bytearray()

    def begin(self, *, text: bool) -> None:
        self.begun = True
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict") if text else None

    def add(self, payload: bytes, *, fin: bool) -> None:
        self.size += len(payload)
        if self._decoder is None:
            self._data += payload
            return
        try:
            text = self._decoder.decode(payload, fin)
        except UnicodeDecodeError:
            raise _Refused(CloseCode.INVALID_DATA, "text message is not UTF-8") from None
        if text:  # empty fragments are free to send, so they must be free to hold
            self._texts.append(text)

    def whole(self) -> Text | Binary:
        return Binary(bytes(self._data)) if self._decoder is None else Text("".join(self._texts))


def _parse_close(payload: bytes) -> Close:
    """RFC 6455 section 5.5.1: empty, or a code that may be on the wire and a UTF-8 reason."""
    if not payload:
        return Close(None, "")
    if len(payload) == 1:
        raise _Refused(CloseCode.PROTOCOL_ERROR, "close frame of one byte")
    code = int.from_bytes(payload[:2], "big")
    if not may_be_sent(code):
        raise _Refused(CloseCode.PROTOCOL_ERROR, f"close code {code} may not be sent")
    try:
        return Close(code, payload[2:].decode("utf-8"))
    except UnicodeDecodeError:
        raise _Refused(CloseCode.INVALID_DATA, "close reason is not UTF-8") from None
