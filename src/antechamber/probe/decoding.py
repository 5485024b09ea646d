"""Undoing content codings, to see whether the octets are what ``Content-Encoding`` says (RFC 9110 8.4).

gzip and deflate are in the standard library; brotli and zstd are undone where their packages are installed, and judged
by their first octets else.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from enum import Enum
from importlib import import_module
from importlib.util import find_spec

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class Decoded(Enum):
    """What came of undoing a coding."""

    INTACT = "intact"
    GARBLED = "garbled"
    UNKNOWN = "unknown"


def decode(codings: str, body: bytes, *, whole: bool) -> tuple[Decoded, bytes]:
    """Undo ``codings`` (as in ``Content-Encoding``), the last one first. ``whole``: the body is complete."""
    for coding in reversed([word.strip() for word in codings.split(",") if word.strip()]):
        undo = _UNDO.get(coding)
        if undo is None:
            return Decoded.UNKNOWN, body
        try:
            decoded = undo(body, whole)
        except Exception:  # each coding's package has an error of its own for octets that are none of its
            return Decoded.GARBLED, body
        if decoded is None:
            return Decoded.UNKNOWN, body
        body = decoded
    return Decoded.INTACT, body


def looks_coded(body: bytes) -> bool:
    """Whether octets are still compressed after every coding that was said has been undone."""
    return body.startswith((GZIP_MAGIC, ZSTD_MAGIC))


def _gzip(body: bytes, whole: bool) -> bytes:
    return _inflate(zlib.decompressobj(16 + zlib.MAX_WBITS), body, whole)


def _deflate(body: bytes, whole: bool) -> bytes:
    """``deflate`` is zlib's format; some send the bare one."""
    try:
        return _inflate(zlib.decompressobj(), body, whole)
    except zlib.error:
        return _inflate(zlib.decompressobj(-zlib.MAX_WBITS), body, whole)


def _inflate(inflating: zlib._Decompress, body: bytes, whole: bool) -> bytes:
    decoded = inflating.decompress(body)
    if whole and not inflating.eof:
        raise zlib.error("the octets end before their coding does")
    return decoded


def _brotli(body: bytes, whole: bool) -> bytes | None:
    if find_spec("brotli") is None:
        return None
    decoder = import_module("brotli").Decompressor()
    decoded: bytes = decoder.process(body)
    return decoded


def _zstd(body: bytes, whole: bool) -> bytes | None:
    if find_spec("zstandard") is None:
        if not body.startswith(ZSTD_MAGIC):
            raise ValueError("no zstd frame")
        return None
    decoded: bytes = import_module("zstandard").ZstdDecompressor().decompressobj().decompress(body)
    return decoded


_UNDO: dict[str, Callable[[bytes, bool], bytes | None]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
    "identity": lambda body, whole: body,
}
