"""Messages to read, and ways to spoil them: the corpora as seeds, mutations that hit where parsers differ.

Everything random comes from a :class:`random.Random` that is passed in, so that a seed repeats a run and hypothesis can
shrink it.
"""

from __future__ import annotations

from functools import cache
from random import Random

from tests.hostile.canned import CANNED
from tests.hostile.corpus import expand, load_all

SEED_BYTES = 2048
"""Longer corpus cases test limits, not grammar."""

SPICES = (
    *(
        b"\r",
        b"\n",
        b"\r\n",
        b"\0",
        b" ",
        b"\t",
        b"\x0b",
        b"\x0c",
        b"\x1f",
        b"\x7f",
        b"\x80",
        b"\x85",
        b"\xa0",
        b"\xff",
    ),
    *(
        b":",
        b",",
        b";",
        b'"',
        b"\\",
        b"#",
        b"?",
        b"/",
        b"%",
        b"@",
        b"[",
        b"]",
        b"_",
        b"-",
        b"+",
        b"0",
        b"5",
        b"0x",
        b"f",
    ),
    *(b"chunked", b"identity", b"close", b"upgrade", b"websocket", b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0", b"http://"),
    *(b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: b.test\r\n"),
    *(
        b"Connection: close\r\n",
        b"Connection: Host, Content-Length\r\n",
        b"X-A: b\r\n",
        b"X_Forwarded_For: 6.6.6.6\r\n",
    ),
    *(b"0\r\n\r\n", b"5\r\nhello\r\n", b"5;a=b\r\n", b"\r\n\r\n", b" folded\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
)

PLAIN_REQUESTS = (
    b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"POST /x?y=z HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nA;b=c\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\nGET",
    b"GET http://b.test/x HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a.test:80\r\nConnection: X-A, close\r\nX-A: 1\r\n\r\n",
    b"GET /ws HTTP/1.1\r\nHost: [::1]:80\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x80abcd",
    b"GET / HTTP/1.0\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=x\r\nTE: trailers\r\nExpect: 100-continue\r\n\r\n",
)
PLAIN_RESPONSES = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n",
    b"HTTP/1.0 404 Not Found\r\nConnection: keep-alive, X-A\r\nX-A: 1\r\nKeep-Alive: timeout=5\r\n\r\nuntil the end",
    b'HTTP/1.1 304 Not Modified\r\nETag: W/"a"\r\nContent-Length: 500\r\n\r\n',
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\r\ndata: 1\n\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n",
)
PLAIN_CHUNKS = (
    b"0\r\n\r\n",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"5;a=b\r\nhello\r\n006\r\n world\r\n00\r\nX-T: 1\r\nDigest: x\r\n\r\nbehind",
    b"a\r\n0123456789\r\nFF\r\n" + b"x" * 255 + b"\r\n0\r\n\r\nGET / HTTP/1.1\r\n",
)


@cache
def requests() -> tuple[bytes, ...]:
    """Request seeds: plain ones, and the corpus."""
    raw = (expand("".join(part.send for part in case.parts)) for case in load_all())
    return PLAIN_REQUESTS + tuple(octets for octets in raw if len(octets) <= SEED_BYTES)


@cache
def responses() -> tuple[bytes, ...]:
    """Response seeds: plain ones, and what the corpus and the faulty origin answer."""
    answers = [expand(case.origin.raw) for case in load_all() if case.origin.raw]
    faults = [canned.reply for canned in CANNED]
    return PLAIN_RESPONSES + tuple(octets for octets in answers + faults if len(octets) <= SEED_BYTES)


@cache
def chunked_bodies() -> tuple[bytes, ...]:
    """Bodies of the seeds that are chunked, and plain ones."""
    bodies = (octets.partition(b"\r\n\r\n")[2] for octets in requests() + responses() if b"chunked" in octets)
    return PLAIN_CHUNKS + tuple(body for body in bodies if body)


def spoiled(octets: bytes, others: tuple[bytes, ...], random: Random) -> bytes:
    """``octets`` with zero to four mutations."""
    for _ in range(random.randrange(5)):
        octets = random.choice(_MUTATIONS)(octets, others, random)
    return octets


def cuts(octets: bytes, random: Random) -> list[bytes]:
    """``octets`` in pieces of random size."""
    pieces = []
    while octets:
        size = random.choice((1, 1, 2, 3, 5, 8, 64, 1024))
        pieces.append(octets[:size])
        octets = octets[size:]
    return pieces


def _insert(octets: bytes, _: tuple[bytes, ...], random: Random) -> bytes:
    at = random.randrange(len(octets) + 1)
    return octets[:at] + random.choice(SPICES) + octets[at:]


def _replace(octets: bytes, _: tuple[bytes, ...], random: Random) -> bytes:
    at = random.randrange(len(octets) + 1)
    return octets[:at] + random.choice(SPICES) + octets[at + 1 :]


def _any_byte(octets: bytes, _: tuple[bytes, ...], random: Random) -> bytes:
    at = random.randrange(len(octets) + 1)
    return octets[:at] + bytes([random.randrange(256)]) + octets[at + 1 :]


def _remove(octets: bytes, _: tuple[bytes, ...], random: Random) -> bytes:
    at = random.randrange(len(octets) + 1)
    return octets[:at] + octets[at + random.choice((1, 1, 2, 8)) :]


def _double_line(octets: bytes, _: tuple[bytes, ...], random: Random) -> bytes:
    lines = octets.split(b"\r\n")
    at = random.randrange(len(lines))
    return b"\r\n".join([*lines[: at + 1], *lines[at:]])


def _swap_lines(octets: bytes, _: tuple[bytes, ...], random: Random) -> bytes:
    lines = octets.split(b"\r\n")
    one, two = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\r\n".join(lines)


def _swap_case(octets: bytes, _: tuple[bytes, ...], random: Random) -> bytes:
    at = random.randrange(len(octets) + 1)
    return octets[:at] + octets[at : at + 20].swapcase() + octets[at + 20 :]


def _splice(octets: bytes, others: tuple[bytes, ...], random: Random) -> bytes:
    other = random.choice(others)
    return octets[: random.randrange(len(octets) + 1)] + other[random.randrange(len(other) + 1) :]


def _append(octets: bytes, others: tuple[bytes, ...], random: Random) -> bytes:
    return octets + random.choice(others)


_MUTATIONS = (_insert, _insert, _replace, _any_byte, _remove, _double_line, _swap_lines, _swap_case, _splice, _append)
