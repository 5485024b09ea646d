"""Reading what arrives, with a deadline that only a fault reaches; what came instead is in the error."""

from __future__ import annotations

from dataclasses import dataclass

from tests.hostile.answer import Answer, Fields, parse_fields, read_answer, values
from tests.hostile.strict import Seen, read_body, read_head
from tests.hostile.wire import End, Wire, after

PATIENCE_S = 15.0
"""Generous: a busy machine must not fail a test. Nothing waits so long unless it waits for ever."""


@dataclass(frozen=True, slots=True)
class Head:
    """A response head, read before any of its body."""

    status: int
    fields: Fields
    raw: bytes

    def all(self, name: str) -> list[str]:
        return values(self.fields, name)


async def take(wire: Wire, mark: bytes) -> bytes:
    """Everything up to and including ``mark``."""
    taken = await wire.take_through(mark, after(PATIENCE_S))
    assert taken is not None, f"{mark!r} did not come; there is {bytes(wire.inbox[-300:])!r} ({wire.end.name})"
    return taken


async def take_head(wire: Wire) -> Head:
    """The next response head, interim or final; whatever follows stays in the inbox."""
    raw = await take(wire, b"\r\n\r\n")
    line, *lines = raw[:-4].split(b"\r\n")
    return Head(int(line.split(b" ")[1]), parse_fields(lines), raw)


async def take_piece(wire: Wire) -> bytes:
    """What arrives next, as it arrives."""
    if not wire.inbox:
        assert await wire.fill(after(PATIENCE_S)), f"nothing came ({wire.end.name})"
    return wire.take(len(wire.inbox))


async def take_answer(wire: Wire, method: str = "GET") -> Answer:
    """One whole response. Whether it was whole is for the caller to judge."""
    return await read_answer(wire, PATIENCE_S, method=method)


async def take_request(wire: Wire) -> Seen:
    """The next request head as the app gets it, read strictly; its body stays in the inbox."""
    seen = Seen(era=0)
    read_head(seen, await take(wire, b"\r\n\r\n"))
    assert seen.faults == []
    return seen


async def take_body(wire: Wire, seen: Seen) -> bytes:
    """The rest of a request, read strictly; it is in ``seen`` with its trailers."""
    await read_body(seen, wire)
    return seen.body


async def take_end(wire: Wire) -> End:
    """How the peer ends the connection. Nothing may come before that."""
    assert await wire.until_end(after(PATIENCE_S)), f"still open, with {bytes(wire.inbox[:300])!r}"
    assert wire.inbox == b""
    return wire.end
