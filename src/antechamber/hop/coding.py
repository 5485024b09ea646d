"""Steps that change the content: compression where there should be none, and what it takes to look compressed."""

from __future__ import annotations

import re
import zlib
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from antechamber.hop.reply import Reply, Step

BROTLI_QUALITY = 4
COMPRESSIBLE = re.compile(rb"text/|application/(?:json|javascript|xml|manifest\+json)|image/svg\+xml")


class Encoder(Protocol):
    """A content coding. ``encode`` returns all that can be decoded so far."""

    def encode(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class Gzip:
    """gzip, flushed after each piece."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def encode(self, data: bytes) -> bytes:
        return self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._deflate.flush(zlib.Z_FINISH)


class Brotli:
    """Brotli, flushed after each piece."""

    def __init__(self) -> None:
        self._compressor = import_module("brotli").Compressor(quality=BROTLI_QUALITY)

    def encode(self, data: bytes) -> bytes:
        done: bytes = self._compressor.process(data) + self._compressor.flush()
        return done

    def finish(self) -> bytes:
        done: bytes = self._compressor.finish()
        return done


class Encoded(Step):
    """Content goes through one more coding; the length is no longer known."""

    def __init__(self, name: bytes, encoder: Encoder) -> None:
        super().__init__()
        self._name = name
        self._encoder = encoder

    def head(self, reply: Reply) -> None:
        codings = [value for key, value in reply.fields if key.lower() == b"content-encoding"]
        reply.fields = [
            *reply.without(b"content-encoding", b"accept-ranges"),
            (b"Content-Encoding", b", ".join([*codings, self._name])),
        ]
        reply.length = None
        self.next.head(reply)

    def content(self, data: bytes) -> None:
        self.next.content(self._encoder.encode(data))

    def end(self) -> None:
        self.next.content(self._encoder.finish())
        self.next.end()


class Mislabelled(Step):
    """Says that it is compressed, and is not."""

    def head(self, reply: Reply) -> None:
        reply.fields = [*reply.fields, (b"Content-Encoding", b"gzip")]
        self.next.head(reply)


class Uncommented(Step):
    """An event stream without its comments: lines that begin with a colon. Lines are passed on when they are whole."""

    def __init__(self) -> None:
        super().__init__()
        self._line = b""

    def content(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        kept = b"".join(line + b"\n" for line in lines if not line.startswith(b":"))
        if kept:
            self.next.content(kept)

    def end(self) -> None:
        if self._line and not self._line.startswith(b":"):
            self.next.content(self._line)
        self.next.end()


def preferred(accept_encoding: bytes) -> tuple[bytes, Encoder] | None:
    """The coding that a client accepts and a CDN would choose; ``None`` if it accepts none of ours."""
    accepted = {
        coding.strip()
        for coding, _, weight in (word.partition(b";") for word in accept_encoding.lower().split(b","))
        if weight.strip() not in (b"q=0", b"q=0.0")
    }
    if b"br" in accepted and find_spec("brotli"):
        return b"br", Brotli()
    return (b"gzip", Gzip()) if b"gzip" in accepted else None
