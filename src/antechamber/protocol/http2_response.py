"""The HTTP/1.1 octets of one response, read back into what HTTP/2 says of it: heads, content, trailers (RFC 9113 8.1).

The octets are the edge's own, so this is no place for doubts about framing; what is not a response as the edge writes
them raises. Fields that belong to an HTTP/1.1 connection are left behind, names become lower case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from antechamber.protocol.framing import BodyReader, ChunkedReader, Framing, LengthReader, response_framing, whole_chunk
from antechamber.protocol.http1 import END, Field, ResponseHead, parse_fields, parse_response_head

FIELD_COUNT: Final = 100_000
"""More than the edge lets through."""
_LEFT_BEHIND: Final = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te"}
)


@dataclass(slots=True)
class Head:
    """A response head; an interim one if ``status`` is below 200. ``switched``: it opened a tunnel."""

    status: int
    fields: list[Field]
    """With ``:status`` first."""
    switched: bool = False


@dataclass(slots=True)
class End:
    """The response is whole."""

    trailers: list[Field] = field(default_factory=list)


Part = Head | bytes | End


class TrailedReader(ChunkedReader):
    """A chunked body as plain content, with the trailer fields behind it."""

    __slots__ = ("trailers",)

    def __init__(self) -> None:
        super().__init__(reframe=False)
        self.trailers: list[Field] = []

    def _trailers(self, buffer: bytes, at: int, out: list[bytes]) -> int:
        after = super()._trailers(buffer, at, out)
        if self.done and after - at > 2:
            self.trailers = [(name.lower(), value) for name, value in parse_fields(buffer[at : after - 2])]
        return after


class ResponseReader:
    """Reads the octets of one response. ``whole``: nothing is missing of it; ``tunnel``: the app has switched."""

    __slots__ = ("_body", "_held", "_to_head", "tunnel", "whole")

    def __init__(self, *, to_head: bool) -> None:
        self._to_head = to_head
        self._held = b""
        self._body: BodyReader | None = None
        self.tunnel = False
        self.whole = False

    def read(self, octets: bytes) -> list[Part]:
        """What the octets say, in order. Behind the end of the response nothing is read."""
        body = self._body
        if body is not None:
            return self._content(body, octets)
        if self.tunnel:
            return [octets]
        parts: list[Part] = []
        data = self._held + octets if self._held else octets
        self._held = b""
        while data and not self.whole:
            end = data.find(END) + len(END)
            if end < len(END):
                self._held = data
                break
            head = parse_response_head(data[:end], count_limit=FIELD_COUNT)
            data = data[end:]
            parts.append(Head(head.status, _fields(head), head.status == 101))
            if head.status == 101:
                self.tunnel = True
                return [*parts, data] if data else parts
            if head.status >= 200:
                return parts + self._begin(head, data)
        return parts

    def _begin(self, head: ResponseHead, data: bytes) -> list[Part]:
        lengths = [value for name, value in head.fields if name.lower() == b"content-length"]
        codings = [value for name, value in head.fields if name.lower() == b"transfer-encoding"]
        framing, length = response_framing(head.status, lengths, codings, head.minor, to_head=self._to_head)
        match framing:
            case Framing.LENGTH:
                self._body = LengthReader(length)
            case Framing.CHUNKED:
                self._body = TrailedReader()
            case Framing.NONE:
                self.whole = True
                return [End()]
            case Framing.CLOSE:
                raise ValueError("a response to HTTP/1.1 that ends with its connection")
        return self._content(self._body, data) if data else []

    def _content(self, body: BodyReader, octets: bytes) -> list[Part]:
        if isinstance(body, ChunkedReader) and body.between_chunks and (size := whole_chunk(octets)):
            body.content_bytes += size
            return [octets[-2 - size : -2]]  # how events come
        content = body.read(octets)
        parts: list[Part] = [content] if content else []
        if body.done and not self.whole:
            self.whole = True
            parts.append(End(body.trailers if isinstance(body, TrailedReader) else []))
        return parts


def _fields(head: ResponseHead) -> list[Field]:
    """The fields as HTTP/2 has them."""
    fields = [(b":status", b"%d" % head.status)]
    fields += [(low, value) for name, value in head.fields if (low := name.lower()) not in _LEFT_BEHIND]
    return fields
