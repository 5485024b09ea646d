"""Octets of an HTTP/2 connection cut into frames (RFC 9113 4).

Frames are looked at before the ``h2`` library sees them, because it tells nothing of some that cost: continuations,
priorities, frames on streams that are gone. A frame that is too large is refused by its first nine octets.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MAX_FRAME_BYTES: Final = 16384
"""The size that every endpoint must take, and the largest that is taken here (RFC 9113 4.2)."""
HEAD_BYTES: Final = 9


class Kind(IntEnum):
    """Frame types (RFC 9113 6); others are extensions, which are thrown away."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


END_STREAM: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8


class FrameFault(Exception):
    """Octets that are no frame that is taken here. ``code`` is an error code of RFC 9113 7."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


PROTOCOL_ERROR: Final = 0x1
FRAME_SIZE_ERROR: Final = 0x6
ENHANCE_YOUR_CALM: Final = 0xB


class Frame(NamedTuple):
    """One whole frame. ``octets`` are all of it, head included."""

    kind: int
    flags: int
    stream: int
    octets: bytes

    @property
    def content_bytes(self) -> int:
        """Octets of a DATA frame without its padding; a negative number where the padding is longer than the frame."""
        size = len(self.octets) - HEAD_BYTES
        if self.flags & PADDED:
            return size - 1 - self.octets[HEAD_BYTES] if size else -1
        return size


class FrameSplitter:
    """Cuts what arrives into frames. At most one frame is kept; the octets of one header block are counted."""

    __slots__ = ("_block_bytes", "_block_limit", "_held", "_preface_left")

    def __init__(self, *, block_limit: int) -> None:
        """``block_limit`` bounds a header block as it is on the wire, compressed, over all its frames."""
        self._held = b""
        self._preface_left = PREFACE
        self._block_limit = block_limit
        self._block_bytes = 0

    @property
    def in_block(self) -> bool:
        """Whether a header block has begun and is not complete."""
        return self._block_bytes > 0

    def split(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now. Raises :class:`FrameFault`."""
        if self._preface_left:
            data = self._after_preface(data)
        buffer = self._held + data if self._held else data
        self._held = b""
        at = 0
        while len(buffer) - at >= HEAD_BYTES:
            size = int.from_bytes(buffer[at : at + 3])
            kind, flags = buffer[at + 3], buffer[at + 4]
            if size > MAX_FRAME_BYTES:
                raise FrameFault(FRAME_SIZE_ERROR, f"a frame of {size} bytes; {MAX_FRAME_BYTES} are allowed")
            if kind in (Kind.HEADERS, Kind.CONTINUATION) and self._block_bytes + size > self._block_limit:
                raise FrameFault(ENHANCE_YOUR_CALM, f"a header block larger than {self._block_limit} bytes")
            end = at + HEAD_BYTES + size
            if end > len(buffer):
                break
            if kind in (Kind.HEADERS, Kind.CONTINUATION):
                self._block_bytes = 0 if flags & END_HEADERS else self._block_bytes + size + 1
            stream = int.from_bytes(buffer[at + 5 : at + 9]) & 0x7FFFFFFF
            frame = Frame(kind, flags, stream, buffer[at:end])
            at = end
            yield frame
        self._held = buffer[at:]

    def _after_preface(self, data: bytes) -> bytes:
        expected = self._preface_left
        if not data.startswith(expected[: len(data)]):
            raise FrameFault(PROTOCOL_ERROR, "the connection does not begin as HTTP/2 does")
        self._preface_left = expected[len(data) :]
        return data[len(expected) :]
