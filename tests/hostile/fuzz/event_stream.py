"""Event streams: items are the same however the octets are cut, and nothing is raised."""

from __future__ import annotations

import sys
from random import Random

from antechamber.protocol.sse import Bound, Item, Parser, TooLarge
from tests.hostile.fuzz.drive import Target, main
from tests.protocol.material import cuts

LINES = (
    *(
        b"data: a",
        b"data:b",
        b"data",
        b"data:  c: d",
        b"event: add",
        b"event",
        b"id: 7",
        b"id",
        b"id: a\0b",
        b": comment",
    ),
    *(
        b"retry: 100",
        b"retry: 1e3",
        b"retry: \xd9\xa5",
        b"other: x",
        b"\xef\xbb\xbfdata: bom",
        b"data: \xff\xfe",
        b"",
        b"",
    ),
)
ENDS = (b"\n", b"\r\n", b"\r")


def trial(random: Random) -> None:
    octets = random.choice((b"", b"\xef\xbb\xbf", b"\xef\xbb"))
    for _ in range(random.randrange(30)):
        octets += random.choice(LINES) + random.choice(ENDS)
    octets += random.choice((b"", b"data: unfinished", b"x" * 300))
    whole, parted = _items([octets]), _items(cuts(octets, random))
    assert _unless_too_large(whole) == _unless_too_large(parted), octets


def _items(pieces: list[bytes]) -> list[Item]:
    parser = Parser(line_limit_bytes=200, event_limit_bytes=400)
    return [item for piece in pieces for item in parser.feed(piece)]


def _unless_too_large(items: list[Item]) -> list[Item]:
    """A bound is one end, whichever of the two is met first."""
    return [TooLarge(Bound.LINE, 0) if isinstance(item, TooLarge) else item for item in items]


TARGET = Target("event_stream", trial)

if __name__ == "__main__":
    sys.exit(main(TARGET))
