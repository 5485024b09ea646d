"""The strict reader of the recording origin: accepts exactly RFC 9112 and names everything else.

The origin is the judge of what a proxy forwards, so it must not share a parser with one. A fault is a sentence; a
*fatal* one means that the message can no longer be framed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.hostile.answer import Fields, values
from tests.hostile.wire import Wire

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
CHUNK_LINE = re.compile(rb"([0-9a-fA-F]+)((?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?)\r\n")
FOREVER = None


class Unframed(Exception):
    """What follows cannot be told apart from the message any more."""


class Gone(Exception):
    """The connection ended before the message did."""


@dataclass(eq=False)
class Seen:
    """One request as it reached the origin."""

    era: int
    """Which case was running when it came."""
    head: bytes = b""
    method: str = ""
    target: str = ""
    version: str = ""
    fields: Fields = field(default_factory=list)
    body: bytes = b""
    extensions: int = 0
    trailers: Fields = field(default_factory=list)
    trailer_bytes: int = 0
    complete: bool = False
    faults: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return values(self.fields, name)

    def joined(self, name: str) -> str:
        return ", ".join(self.all(name))


def read_head(seen: Seen, head: bytes) -> None:
    """Fill ``seen`` from a header section that ends in an empty line; note each fault."""
    seen.head = head
    text = head[:-4]
    note = seen.faults.append
    unpaired = text.replace(b"\r\n", b"")
    for byte, name in ((b"\n", "bare LF"), (b"\r", "bare CR"), (b"\0", "NUL")):
        if byte in unpaired:
            note(f"{name} forwarded")
    request_line, *lines = text.split(b"\r\n")
    _read_request_line(seen, request_line)
    for line in lines:
        _read_field(seen, line)
    _check_framing(seen)


def _read_request_line(seen: Seen, line: bytes) -> None:
    words = line.split(b" ")
    if len(words) != 3:
        seen.faults.append("malformed request line forwarded")
        words = [words[0], b" ".join(words[1:-1]), words[-1] if len(words) > 1 else b""]
    seen.method, seen.target, seen.version = (word.decode("latin-1") for word in words)
    if seen.version not in ("HTTP/1.1", "HTTP/1.0"):
        seen.faults.append(f"version {seen.version!r} forwarded")


def _read_field(seen: Seen, line: bytes) -> None:
    if line[:1] in (b" ", b"\t"):
        seen.faults.append("line that starts with whitespace forwarded")
        return
    name, colon, value = line.partition(b":")
    if not colon:
        seen.faults.append("field line without a colon forwarded")
        return
    if not TOKEN.fullmatch(name):
        seen.faults.append(f"invalid field name {name[:40]!r} forwarded")
    seen.fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))


def _check_framing(seen: Seen) -> None:
    hosts, lengths, codings = seen.all("host"), seen.all("content-length"), seen.all("transfer-encoding")
    note = seen.faults.append
    if seen.version == "HTTP/1.1" and len(hosts) != 1:
        note(f"{len(hosts)} Host lines forwarded")
    if len(lengths) > 1:
        note(f"{len(lengths)} Content-Length lines forwarded")
    if lengths and not re.fullmatch(r"[0-9]+", lengths[0]):
        note(f"invalid Content-Length {lengths[0][:40]!r} forwarded")
    if codings and [coding.lower() for coding in codings] != ["chunked"]:
        note(f"Transfer-Encoding {codings} forwarded")
    if codings and lengths:
        note("Content-Length and Transfer-Encoding both forwarded")
    if codings and seen.version == "HTTP/1.0":
        note("Transfer-Encoding in HTTP/1.0 forwarded")


async def read_body(seen: Seen, wire: Wire) -> None:
    """Read the body that the head announces; raises :class:`Unframed` or :class:`Gone`."""
    lengths = seen.all("content-length")
    if seen.all("transfer-encoding"):
        await _read_chunks(seen, wire)
    elif lengths and re.fullmatch(r"[0-9]+", lengths[0]):
        seen.body = await take_exactly(wire, int(lengths[0]))
    seen.complete = True


async def take_exactly(wire: Wire, size: int) -> bytes:
    while len(wire.inbox) < size:
        if not await wire.fill(FOREVER):
            raise Gone
    return wire.take(size)


async def take_line(wire: Wire) -> bytes:
    line = await wire.take_through(b"\n", FOREVER)
    if line is None:
        raise Gone
    if not line.endswith(b"\r\n"):
        raise Unframed("a line of the chunked coding without CRLF forwarded")
    return line


async def _read_chunks(seen: Seen, wire: Wire) -> None:
    pieces: list[bytes] = []
    while True:
        line = await take_line(wire)
        match = CHUNK_LINE.fullmatch(line)
        if match is None:
            raise Unframed(f"invalid chunk line {line[:40]!r} forwarded")
        seen.extensions += bool(match[2])
        size = int(match[1], 16)
        if size == 0:
            break
        chunk = await take_exactly(wire, size + 2)
        if not chunk.endswith(b"\r\n"):
            raise Unframed("chunk data without CRLF after it forwarded")
        pieces.append(chunk[:-2])
    seen.body = b"".join(pieces)
    await _read_trailers(seen, wire)


async def _read_trailers(seen: Seen, wire: Wire) -> None:
    while (line := await take_line(wire)) != b"\r\n":
        seen.trailer_bytes += len(line)
        name, colon, value = line[:-2].partition(b":")
        if not colon or not TOKEN.fullmatch(name):
            raise Unframed(f"invalid trailer line {line[:40]!r} forwarded")
        seen.trailers.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
