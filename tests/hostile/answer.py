"""The client's view of a response: what a browser or script would take it for.

Reads leniently where clients are lenient (chunk extensions, interim responses) and never guesses that a message is
complete: a body ends by its framing or it is :attr:`Outcome.CUT` (RFC 9112 sections 6.3 and 8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from tests.hostile.wire import End, Wire, after

STATUS_LINE = re.compile(rb"(HTTP/\d\.\d) (\d{3})[ \r]")
CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]+)[ \t]*(?:;|$)")
Fields = list[tuple[str, str]]


class Outcome(Enum):
    """How waiting for a response ended; the value is the word that the corpus uses for it."""

    WHOLE = "ok"
    INTERIM = "interim"
    CLOSED = "close"
    LATE = "timeout"
    CUT = "partial"
    NOT_HTTP = "nonhttp"


class Framing(Enum):
    """What delimits the body (RFC 9112 section 6.3)."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass
class Answer:
    """One final response with the interim ones before it."""

    outcome: Outcome = Outcome.LATE
    status: int = 0
    version: str = ""
    fields: Fields = field(default_factory=list)
    head: bytes = b""
    body: bytes = b""
    framing: Framing = Framing.NONE
    interim: list[int] = field(default_factory=list)
    trailers: list[bytes] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return values(self.fields, name)

    @property
    def whole(self) -> bool:
        return self.outcome is Outcome.WHOLE

    @property
    def told(self) -> int | str:
        """The status, or the corpus word for what came instead of one."""
        return self.status or self.outcome.value


def values(fields: Fields, name: str) -> list[str]:
    """All values of a field, in order."""
    wanted = name.lower()
    return [value for key, value in fields if key.lower() == wanted]


def parse_fields(lines: list[bytes]) -> Fields:
    pairs: Fields = []
    for line in lines:
        name, _, value = line.partition(b":")
        pairs.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
    return pairs


async def read_answer(
    wire: Wire,
    timeout_s: float,
    *,
    method: str = "GET",
    stop_at_interim: bool = False,
    answer: Answer | None = None,
) -> Answer:
    """Read one response. ``answer`` goes on with one that stopped at an interim response."""
    until = after(timeout_s)
    answer = answer or Answer()
    while True:
        outcome = await _read_head(wire, until, answer)
        if outcome is not Outcome.INTERIM or stop_at_interim:
            break
    if outcome is Outcome.WHOLE:
        outcome = await _read_body(wire, until, answer, method)
    answer.outcome = outcome
    return answer


async def _read_head(wire: Wire, until: float, answer: Answer) -> Outcome:
    while b"\r\n\r\n" not in wire.inbox:
        if len(wire.inbox) >= 5 and not wire.inbox.startswith(b"HTTP/"):
            if not await wire.fill(min(until, after(0.3))):
                return Outcome.NOT_HTTP
            continue
        if not await wire.fill(until):
            if wire.inbox:
                return Outcome.CUT
            return Outcome.CLOSED if wire.ended else Outcome.LATE
    head = wire.take(wire.inbox.index(b"\r\n\r\n") + 4)
    line = STATUS_LINE.match(head)
    if line is None:
        wire.inbox[:0] = head
        return Outcome.NOT_HTTP
    status = int(line[2])
    if 100 <= status < 200 and status != 101:
        answer.interim.append(status)
        return Outcome.INTERIM
    answer.status, answer.version, answer.head = status, line[1].decode(), head
    answer.fields = parse_fields(head[:-4].split(b"\r\n")[1:])
    return Outcome.WHOLE


async def _read_body(wire: Wire, until: float, answer: Answer, method: str) -> Outcome:
    if answer.status in (101, 204, 304) or method == "HEAD":
        return Outcome.WHOLE
    if "chunked" in ",".join(answer.all("transfer-encoding")).lower():
        answer.framing = Framing.CHUNKED
        return await _read_chunks(wire, until, answer)
    if lengths := answer.all("content-length"):
        answer.framing = Framing.LENGTH
        return await _read_length(wire, until, answer, lengths[0])
    answer.framing = Framing.CLOSE
    closed = await wire.until_end(until)
    answer.body = wire.take(len(wire.inbox))
    return Outcome.WHOLE if closed and wire.end is End.CLOSED else Outcome.CUT


async def _read_length(wire: Wire, until: float, answer: Answer, length: str) -> Outcome:
    if not re.fullmatch(r"[0-9]+", length):
        return Outcome.CUT
    size = int(length)
    while len(wire.inbox) < size:
        if not await wire.fill(until):
            answer.body = wire.take(len(wire.inbox))
            return Outcome.CUT
    answer.body = wire.take(size)
    return Outcome.WHOLE


async def _read_chunks(wire: Wire, until: float, answer: Answer) -> Outcome:
    pieces: list[bytes] = []
    while (size := await _chunk_size(wire, until)) > 0:
        while len(wire.inbox) < size + 2 and await wire.fill(until):
            pass
        if wire.inbox[size : size + 2] != b"\r\n":
            pieces.append(wire.take(min(size, len(wire.inbox))))
            break
        pieces.append(wire.take(size + 2)[:-2])
    answer.body = b"".join(pieces)
    if size != 0:
        return Outcome.CUT
    while (line := await wire.take_through(b"\r\n", until)) is not None:
        if line == b"\r\n":
            return Outcome.WHOLE
        answer.trailers.append(line[:-2])
    return Outcome.CUT


async def _chunk_size(wire: Wire, until: float) -> int:
    """The next chunk size, or -1 when there is none to be read."""
    line = await wire.take_through(b"\r\n", until)
    match = CHUNK_SIZE.match(line[:-2]) if line else None
    return int(match[1], 16) if match else -1
