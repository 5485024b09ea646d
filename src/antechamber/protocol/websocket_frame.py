"""One WebSocket frame on the wire: its head, its mask, its close codes (RFC 6455 sections 5.2, 5.3, 7.4).

Reads heads and writes whole frames; what a sequence of frames means is :mod:`antechamber.protocol.websocket`'s
business. The mask comes in as an argument, as randomness is I/O.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

CONTROL_PAYLOAD_LIMIT = 125
"""RFC 6455 section 5.5: a control frame carries at most 125 bytes, which is what seven bits of length can say."""


class Opcode(IntEnum):
    """RFC 6455 section 5.2; the other ten values are reserved."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA

    @property
    def control(self) -> bool:
        return self >= Opcode.CLOSE


class CloseCode(IntEnum):
    """Status codes of a Close frame that this code sends or explains (RFC 6455 section 7.4.1, IANA registry)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    NO_STATUS = 1005
    ABNORMAL = 1006
    INVALID_DATA = 1007
    POLICY_VIOLATION = 1008
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014


@dataclass(frozen=True, slots=True)
class Head:
    """A frame head, before its payload. ``mask`` is four bytes or empty; ``size`` is how many bytes the head took."""

    fin: bool
    opcode: Opcode
    length: int
    mask: bytes
    size: int


class Malformed(Exception):
    """A head that breaks the RFC, in words: always a protocol error (1002)."""


def parse_head(buffer: bytearray) -> Head | None:
    """The frame head at the start of ``buffer`` (RFC 6455 section 5.2), or ``None`` if more bytes are needed."""
    if len(buffer) < 2:
        return None
    first, second = buffer[0], buffer[1]
    if first & 0x70:
        raise Malformed("reserved bit set without an extension")
    try:
        opcode = Opcode(first & 0x0F)
    except ValueError:
        raise Malformed(f"reserved opcode {first & 0x0F}") from None
    short = second & 0x7F
    mask_at = {126: 4, 127: 10}.get(short, 2)
    size = mask_at + (4 if second & 0x80 else 0)
    if len(buffer) < size:
        return None
    return Head(bool(first & 0x80), opcode, _length(buffer, short), bytes(buffer[mask_at:size]), size)


def _length(buffer: bytearray, short: int) -> int:
    """The payload length, which must be in its shortest form; the top bit of the long form must be clear."""
    if short < 126:
        return short
    form, floor = ("!H", 126) if short == 126 else ("!Q", 1 << 16)
    length = int(struct.unpack_from(form, buffer, 2)[0])
    if length < floor:
        raise Malformed("length not in its shortest form")
    if length >> 63:
        raise Malformed("length over 63 bits")
    return length


def may_be_sent(code: int) -> bool:
    """Whether a Close frame may carry ``code``: registered and not reserved for local use, or 3000-4999."""
    if 3000 <= code <= 4999:
        return True
    return 1000 <= code <= 1014 and code not in (1004, CloseCode.NO_STATUS, CloseCode.ABNORMAL)


def apply_mask(payload: bytes, mask: bytes) -> bytes:
    """``payload`` XOR the repeated four bytes of ``mask`` (RFC 6455 section 5.3); its own inverse.

    One XOR of two big integers, instead of a loop over the bytes.
    """
    size = len(payload)
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(repeated, "little")).to_bytes(size, "little")


def encode_frame(opcode: Opcode, payload: bytes = b"", *, mask: bytes | None = None, fin: bool = True) -> bytes:
    """One frame. ``mask`` is four random bytes from a client, ``None`` from a server."""
    if mask is not None and len(mask) != 4:
        raise ValueError("a mask has four bytes")
    if opcode.control and (not fin or len(payload) > CONTROL_PAYLOAD_LIMIT):
        raise ValueError("a control frame is whole and has at most 125 bytes")
    size = len(payload)
    first, flag = opcode | (0x80 if fin else 0), 0x80 if mask else 0
    if size < 126:
        head = struct.pack("!BB", first, flag | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, flag | 126, size)
    else:
        head = struct.pack("!BBQ", first, flag | 127, size)
    return head + payload if mask is None else head + mask + apply_mask(payload, mask)


def encode_close(code: int = CloseCode.NORMAL, reason: str = "", *, mask: bytes | None = None) -> bytes:
    """A Close frame; a reason that is too long is cut at a character, as it is meant for people."""
    if not may_be_sent(code):
        raise ValueError(f"close code {code} may not be sent")
    words = reason.encode()[: CONTROL_PAYLOAD_LIMIT - 2].decode(errors="ignore").encode()
    return encode_frame(Opcode.CLOSE, struct.pack("!H", code) + words, mask=mask)
