"""The app's own layer of compression: brotli, gzip or deflate, from 1 KiB, and never an event stream.

It is here to be passed through: a proxy that compresses again, or that buffers what it inflates, shows itself on these
answers. The threshold counts only where the length is known; an answer without one is compressed at any size, and
each of its pieces is flushed. ``Content-Length`` goes, the ETag is weak already (RFC 9110, section 8.8.1).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

THRESHOLD_BYTES = 1024
_COMPRESSIBLE = re.compile(r"text/|application/(json|javascript|xml|manifest\+json)|image/svg\+xml")
_BROTLI_QUALITY = 4
"""What the app's library takes for answers made on the fly; 11 would take a hundred times as long."""


class Encoder(Protocol):
    """One answer's coding: ``encode`` returns what can already be sent."""

    def encode(self, piece: bytes, *, last: bool) -> bytes: ...


class _Zlib:
    def __init__(self, window_bits: int) -> None:
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, window_bits)

    def encode(self, piece: bytes, *, last: bool) -> bytes:
        return self._deflate.compress(piece) + self._deflate.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


class _Brotli:
    def __init__(self) -> None:
        self._compressor = import_module("brotli").Compressor(quality=_BROTLI_QUALITY)

    def encode(self, piece: bytes, *, last: bool) -> bytes:
        body: bytes = self._compressor.process(piece)
        rest: bytes = self._compressor.finish() if last else self._compressor.flush()
        return body + rest


_CODINGS: dict[str, Callable[[], Encoder]] = {
    **({"br": _Brotli} if find_spec("brotli") else {}),
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
}
"""By preference. Brotli is there if its package is: ``docs/chamber-differences.md``."""


def choose_coding(accept_encoding: str) -> str:
    """The coding that an ``Accept-Encoding`` allows and we prefer; empty for none (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        name, _, parameter = item.partition(";")
        weights[name.strip()] = _weight(parameter)
    for coding in _CODINGS:
        if weights.get(coding, weights.get("*", 0.0)) > 0:
            return coding
    return ""


def _weight(parameter: str) -> float:
    found = re.fullmatch(r"\s*q=([01](?:\.[0-9]{0,3})?)\s*", parameter)
    return float(found[1]) if found else 1.0


class Compression:
    """ASGI middleware around everything that answers requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        accepts = Headers(scope=scope)
        wants_events = "text/event-stream" in accepts.get("accept", "")
        coding = "" if scope["method"] == "HEAD" or wants_events else choose_coding(accepts.get("accept-encoding", ""))
        await self._app(scope, receive, _CompressingSend(send, coding))


class _CompressingSend:
    """``send`` for one answer. Decides at the head, which is all it needs to see."""

    def __init__(self, send: Send, coding: str) -> None:
        self._send = send
        self._coding = coding
        self._encoder: Encoder | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begin(message)
        elif message["type"] == "http.response.body" and self._encoder is not None:
            last = not message.get("more_body", False)
            message["body"] = self._encoder.encode(message.get("body", b""), last=last)
        await self._send(message)

    def _begin(self, message: Message) -> None:
        headers = MutableHeaders(raw=message["headers"])
        if not _is_worth_it(message["status"], headers):
            return
        headers.add_vary_header("Accept-Encoding")
        length = headers.get("content-length")
        if self._coding and (length is None or int(length) >= THRESHOLD_BYTES):
            self._encoder = _CODINGS[self._coding]()
            del headers["content-length"]
            headers["content-encoding"] = self._coding
        message["headers"] = headers.raw


def _is_worth_it(status: int, headers: Headers) -> bool:
    if status in (204, 304) or "content-encoding" in headers or "no-transform" in headers.get("cache-control", ""):
        return False
    content_type = headers.get("content-type", "")
    return _COMPRESSIBLE.match(content_type) is not None and not content_type.startswith("text/event-stream")
