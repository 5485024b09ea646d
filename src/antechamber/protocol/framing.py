"""How long a body is, and reading it piece by piece without ever holding it whole (RFC 9112 sections 6 and 7).

A *reader* turns octets as they arrive into octets as they are forwarded: it validates the incoming framing and writes
the outgoing one, so what the next hop sees is always re-serialised by us. ``read`` returns what may be forwarded now;
afterwards ``done`` tells whether the message ended and ``rest`` holds what came behind its end. Readers keep at most a
chunk-size line, never content.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from antechamber.protocol.failure import Failure, RequestFault, ResponseFault
from antechamber.protocol.http1 import Field, is_field_section, parse_fields, serialise

MAX_LENGTH_DIGITS: Final = 18
"""Content-Length up to 10**18 - 1; a longer number is a fault, not a wish (RFC 9110 8.6 on overflow)."""
MAX_CHUNK_LINE: Final = 1024
"""Octets of one chunk-size line, extensions included. Nobody uses extensions; CVE-2023-39326 is what they are for."""
MAX_EXTENSIONS: Final = 64 * 1024
"""Octets of chunk extensions in one body."""
MAX_TRAILERS: Final = 16 * 1024
"""Octets of a trailer section."""

LAST_CHUNK: Final = b"0\r\n\r\n"

_CHUNK = re.compile(rb"(0++|0*+[1-9A-Fa-f][0-9A-Fa-f]{0,14}+)((?:[ \t]*+;[\t\x20-\x7e\x80-\xff]*+)?)\r\n")
_CHUNK_LINE_SO_FAR = re.compile(rb"[0-9A-Fa-f]*+(?:[ \t]*+(?:;[\t\x20-\x7e\x80-\xff]*+)?)?\r?")
_DIGITS = re.compile(rb"[0-9]{1,%d}" % MAX_LENGTH_DIGITS)


class FramingFault(Exception):
    """The octets of a body contradict its framing. The connection they came on is of no further use."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Framing(Enum):
    """How the end of a body is found (RFC 9112 6.3)."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


NONE, LENGTH, CHUNKED, CLOSE = Framing
"""The members as plain names: see :data:`antechamber.protocol.exchange.DIALLING`."""


def content_length(values: list[bytes]) -> int | None:
    """The length that the ``Content-Length`` lines agree on, or ``None`` if they do not or are no plain number.

    A list or repeated lines are refused even if all members are equal: RFC 9110 8.6 allows that, and an app that
    depends on duplicates does not exist, while parsers that read them differently do.
    """
    if len(values) == 1 and _DIGITS.fullmatch(values[0]):
        return int(values[0])
    return None


def request_framing(lengths: list[bytes], codings: list[bytes], minor: int) -> tuple[Framing, int]:
    """Decide a request's framing from its length and transfer-coding lines. Raises :class:`RequestFault`.

    ``(LENGTH, n)`` for n > 0, ``(NONE, 0)`` for no body. Any doubt is 400, a coding that we do not undo is 501.
    """
    if codings:
        if lengths:
            raise RequestFault(400, "Content-Length and Transfer-Encoding in one request")
        if minor == 0:
            raise RequestFault(400, "Transfer-Encoding in an HTTP/1.0 request")
        if len(codings) != 1 or codings[0].lower() != b"chunked":
            raise RequestFault(501, "a transfer coding other than chunked")
        return CHUNKED, 0
    if lengths:
        length = content_length(lengths)
        if length is None:
            raise RequestFault(400, "Content-Length is not one plain number")
        return (LENGTH, length) if length else (NONE, 0)
    return NONE, 0


def response_framing(
    status: int, lengths: list[bytes], codings: list[bytes], minor: int, *, to_head: bool
) -> tuple[Framing, int]:
    """Decide a response's framing (RFC 9112 6.3). Raises :class:`ResponseFault`.

    Content-Length beside Transfer-Encoding is refused although rule 3 would let chunked win: an app that sends both
    may disagree with itself, and then one of the two readings is another client's answer.
    """
    if to_head or status in (204, 304) or status < 200:
        return NONE, 0
    if codings:
        if lengths:
            raise ResponseFault(Failure.PROTOCOL_ERROR, "Content-Length and Transfer-Encoding in one response")
        if minor == 0:
            raise ResponseFault(Failure.PROTOCOL_ERROR, "Transfer-Encoding in an HTTP/1.0 response")
        if len(codings) != 1 or codings[0].lower() != b"chunked":
            raise ResponseFault(Failure.RESPONSE_TRANSFER_CODING, "a transfer coding other than chunked")
        return CHUNKED, 0
    if lengths:
        if len(set(lengths)) == 1:
            lengths = lengths[:1]
        length = content_length(lengths)
        if length is None:
            raise ResponseFault(Failure.PROTOCOL_ERROR, "Content-Length of the response is not one plain number")
        return (LENGTH, length) if length else (NONE, 0)
    return CLOSE, 0


class LengthReader:
    """A body of known length; forwarded as it is."""

    __slots__ = ("content_bytes", "done", "left", "rest")

    def __init__(self, length: int) -> None:
        self.left = length
        self.content_bytes = 0
        self.done = length == 0
        self.rest = b""

    def read(self, received: bytes) -> bytes:
        """Take octets; return those that belong to the body."""
        size = len(received)
        if size > self.left:
            self.rest = received[self.left :]
            received = received[: self.left]
            size = self.left
        self.left -= size
        self.content_bytes += size
        self.done = self.left == 0
        return received


class CloseReader:
    """A body that ends with its connection; forwarded in chunks (``reframe``) or as it is."""

    __slots__ = ("content_bytes", "done", "reframe", "rest")

    def __init__(self, *, reframe: bool) -> None:
        self.reframe = reframe
        self.content_bytes = 0
        self.done = False
        self.rest = b""

    def read(self, received: bytes) -> bytes:
        """Take octets; return them as one chunk, or as they are."""
        self.content_bytes += len(received)
        return b"%x\r\n%b\r\n" % (len(received), received) if self.reframe else received

    def end(self) -> bytes:
        """The connection ended in an orderly way: return the last chunk, if chunks are written."""
        self.done = True
        return LAST_CHUNK if self.reframe else b""


def whole_chunk(octets: bytes) -> int:
    """The size of the content of octets that are one whole chunk, written as we would write it; else 0.

    This is how event streams arrive. The length of the octets leaves one size line that can fit, or none.
    """
    length = len(octets)
    line = known_size_line(length)
    if line is None:
        line = _size_line(length)
    if line and octets.startswith(line) and octets.endswith(b"\r\n"):
        return length - len(line) - 2
    return 0


_size_lines: dict[int, bytes] = {}
_SIZE_LINES_REMEMBERED = 4096

known_size_line = _size_lines.get
"""The size line that a whole chunk of so many octets in all begins with; nothing where none fits, or where
:func:`whole_chunk` has not met the length yet. For the one place that cannot afford a call of ours: an event on a
stream (``edge.stream``)."""


def _size_line(length: int) -> bytes:
    """The line with which a chunk of ``length`` octets in all begins, or nothing: size and digits add up in one way."""
    fitting = (b"%x\r\n" % size for digits in range(1, 9) if len(b"%x" % (size := length - digits - 4)) == digits)
    line = next(fitting, b"") if length > 5 else b""
    if len(_size_lines) >= _SIZE_LINES_REMEMBERED:
        _size_lines.clear()
    _size_lines[length] = line
    return line


class _Part(Enum):
    """What a chunked body is at: the line with a chunk's size, its data, the line end behind it, the trailers."""

    SIZE = 0
    DATA = 1
    DATA_END = 2
    TRAILERS = 3
    END = 4


_SIZE, _DATA, _DATA_END, _TRAILERS, _END = _Part


class ChunkedReader:
    """A chunked body (RFC 9112 7.1), strictly; forwarded in chunks (``reframe``) or as plain content.

    Extensions are dropped. Trailer fields are kept only if ``reframe`` and only those that mean no harm behind the
    head (:func:`safe_trailers`).
    """

    __slots__ = ("_extensions", "_held", "_left", "_part", "content_bytes", "done", "reframe", "rest")

    def __init__(self, *, reframe: bool) -> None:
        self.reframe = reframe
        self.content_bytes = 0
        self.done = False
        self.rest = b""
        self._part = _SIZE
        self._left = 0
        self._held = b""
        self._extensions = 0

    def read(self, received: bytes) -> bytes:
        """Take octets; return what may be forwarded. Raises :class:`FramingFault`."""
        if self.reframe and self.between_chunks and (size := whole_chunk(received)):
            self.content_bytes += size
            return received
        return self._read(received)

    @property
    def between_chunks(self) -> bool:
        """Whether the next octet begins a chunk."""
        return self._part is _SIZE and not self._held

    def _read(self, received: bytes) -> bytes:
        out: list[bytes] = []
        buffer = self._held + received if self._held else received
        self._held = b""
        at = 0
        end = len(buffer)
        while at < end and self._part is not _END:
            match self._part:
                case _Part.SIZE:
                    after = self._size(buffer, at)
                case _Part.DATA:
                    after = self._data(buffer, at, out)
                case _Part.DATA_END:
                    after = self._data_end(buffer, at)
                case _:
                    after = self._trailers(buffer, at, out)
            if after < 0:
                self._held = buffer[at:]
                return b"".join(out)
            at = after
        self.rest = buffer[at:]
        return out[0] if len(out) == 1 else b"".join(out)

    def _size(self, buffer: bytes, at: int) -> int:
        match = _CHUNK.match(buffer, at)
        if match is None:
            line = buffer[at : at + MAX_CHUNK_LINE + 1]
            if len(line) > MAX_CHUNK_LINE or _CHUNK_LINE_SO_FAR.fullmatch(line) is None:
                raise FramingFault("a chunk-size line is malformed or too long")
            return -1
        if match.end() - at > MAX_CHUNK_LINE:
            raise FramingFault("a chunk-size line is malformed or too long")
        self._extensions += match.end(2) - match.start(2)
        if self._extensions > MAX_EXTENSIONS:
            raise FramingFault("too many chunk extensions")
        self._left = int(match[1], 16)
        self._part = _DATA if self._left else _TRAILERS
        return match.end()

    def _data(self, buffer: bytes, at: int, out: list[bytes]) -> int:
        after = min(at + self._left, len(buffer))
        content = buffer[at:after]
        self._left -= after - at
        self.content_bytes += after - at
        out.append(b"%x\r\n%b\r\n" % (after - at, content) if self.reframe else content)
        if not self._left:
            self._part = _DATA_END
        return after

    def _data_end(self, buffer: bytes, at: int) -> int:
        if buffer.startswith(b"\r\n", at):
            self._part = _SIZE
            return at + 2
        if buffer[at:] == b"\r":
            return -1
        raise FramingFault("chunk data is not followed by a line end where its size says")

    def _trailers(self, buffer: bytes, at: int, out: list[bytes]) -> int:
        if buffer.startswith(b"\r\n", at):
            end = at
        else:
            end = buffer.find(b"\r\n\r\n", at, at + MAX_TRAILERS + 4) + 2
            if end < 2:
                if len(buffer) - at > MAX_TRAILERS:
                    raise FramingFault("the trailer section is too large")
                return -1
        section = buffer[at:end]
        if not is_field_section(section):
            raise FramingFault("a trailer line is malformed")
        if self.reframe:
            trailers = safe_trailers(parse_fields(section)) if section else []
            out.append(serialise(b"0", trailers) if trailers else LAST_CHUNK)
        self._part = _END
        self.done = True
        return end + 2


BodyReader = LengthReader | ChunkedReader | CloseReader

_FORBIDDEN_TRAILERS = re.compile(
    rb"(?i)content-.*|transfer-encoding|host|authorization|proxy-.*|(?:set-)?cookie2?|connection|keep-alive|te|trailer|upgrade"
    rb"|via|forwarded|x[-_].*|cf-.*|expect|max-forwards|range|if-.*|age|cache-control|date|expires|location"
    rb"|pragma|retry-after|vary|warning|www-authenticate|front-end-https|forwarded-for|(?:[a-z]+-)?client-ip|remote-user"
)


def safe_trailers(fields: list[Field]) -> list[Field]:
    """Trailer fields without those that frame, route, authenticate, condition or claim trust (RFC 9110 6.5.1).

    CGI folds ``_`` and ``-``, so the underscore spellings go with them.
    """
    return [field for field in fields if _FORBIDDEN_TRAILERS.fullmatch(field[0].replace(b"_", b"-")) is None]
