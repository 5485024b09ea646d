"""Ways in which the octets of one case arrive: whole, byte by byte, and with the next message right behind.

Every byte case of a table is run in all of them, so a reader that is right only when the network is kind is caught. The
collector here does what any driver of :mod:`antechamber.protocol.http1` must do: skip an empty line, look for the end
of the head, and ask ``hopeless`` about what is not complete yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from antechamber.protocol.framing import BodyReader
from antechamber.protocol.http1 import END, hopeless

BEHIND = b"GET /next HTTP/1.1\r\nHost: next.test\r\n\r\n"
"""What a pipelining client sends right behind a message; a reader must leave it alone."""


class Delivery(Enum):
    """How octets arrive."""

    WHOLE = "whole"
    BYTE_BY_BYTE = "byte by byte"
    WITH_MORE_BEHIND = "with more behind"

    def pieces(self, octets: bytes) -> Iterator[bytes]:
        """The octets of a message, and of what is sent behind it, as a connection would hand them over."""
        match self:
            case Delivery.WHOLE:
                yield octets
            case Delivery.BYTE_BY_BYTE:
                for at in range(len(octets)):
                    yield octets[at : at + 1]
            case Delivery.WITH_MORE_BEHIND:
                yield octets + BEHIND

    @property
    def behind(self) -> bytes:
        """What must be left over when the message has been read."""
        return BEHIND if self is Delivery.WITH_MORE_BEHIND else b""


@dataclass(frozen=True, slots=True)
class Collected:
    """A head as the octets of a connection gave it, or why it was given up."""

    block: bytes = b""
    rest: bytes = b""
    hopeless: str = ""


def collect_head(octets: bytes, delivery: Delivery) -> Collected:
    """Gather a head from its first octet to its empty line."""
    held = b""
    for piece in delivery.pieces(octets):
        scanned = len(held)
        held += piece
        end = held.find(END, max(0, scanned - 3))
        if end >= 0:
            return Collected(held[: end + 4], held[end + 4 :])
        why = hopeless(held, scanned)
        if why:
            return Collected(hopeless=why)
    return Collected(rest=held)


@dataclass(frozen=True, slots=True)
class Relayed:
    """What a body reader made of a body."""

    forwarded: bytes
    content_bytes: int
    done: bool
    rest: bytes


def relay(reader: BodyReader, octets: bytes, delivery: Delivery) -> Relayed:
    """Read a body to its end; what comes behind the end is not read."""
    forwarded = b""
    for piece in delivery.pieces(octets):
        assert not reader.done, "octets of the message are left, but the reader says that it ended"
        forwarded += reader.read(piece)
    return Relayed(forwarded, reader.content_bytes, reader.done, reader.rest)
