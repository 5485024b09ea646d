"""WebSocket frames for tests: whole, unfragmented, masked with a fixed key (RFC 6455 section 5.2).

Written apart from the probe's codec, so that one can convict the other.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import IntEnum

MASK = b"\x11\x22\x33\x44"


class Opcode(IntEnum):
    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


@dataclass(frozen=True, slots=True)
class Frame:
    opcode: Opcode
    payload: bytes


def encode_frame(payload: bytes, opcode: Opcode = Opcode.TEXT, *, mask: bool = False) -> bytes:
    flag = 0x80 if mask else 0
    size = len(payload)
    if size < 126:
        head = bytes([0x80 | opcode, flag | size])
    elif size < 1 << 16:
        head = bytes([0x80 | opcode, flag | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | opcode, flag | 127]) + size.to_bytes(8, "big")
    return head + (MASK + xor(payload, MASK) if mask else payload)


def xor(payload: bytes, key: bytes) -> bytes:
    return bytes(byte ^ key[at & 3] for at, byte in enumerate(payload))


def take_frame(inbox: bytearray) -> Frame | None:
    """Take one whole frame off ``inbox``; None, and nothing taken, while it is incomplete."""
    if len(inbox) < 2:
        return None
    masked, size, at = inbox[1] & 0x80, inbox[1] & 0x7F, 2
    if size > 125:
        width = 2 if size == 126 else 8
        size, at = int.from_bytes(inbox[2 : 2 + width], "big"), 2 + width
    if masked:
        at += 4
    if len(inbox) < at + size:
        return None
    payload = bytes(inbox[at : at + size])
    if masked:
        payload = xor(payload, bytes(inbox[at - 4 : at]))
    first = inbox[0]
    del inbox[: at + size]
    return Frame(Opcode(first & 0x0F), _inflate(payload) if first & 0x40 else payload)


def _inflate(payload: bytes) -> bytes:
    """A message compressed by permessage-deflate (RFC 7692 section 7.2.2): a terminating proxy may negotiate it."""
    return zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff")
