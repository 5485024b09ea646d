"""HTTP/1.1 octets of a response, as the edge writes them, read back for HTTP/2: whole, byte by byte, in any pieces."""

from __future__ import annotations

import pytest

from antechamber.protocol.failure import ResponseFault
from antechamber.protocol.http2_response import End, Head, Part, ResponseReader

OK = (b":status", b"200")


def merged(parts: list[Part]) -> list[Part]:
    """Neighbouring pieces of content in one."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, bytes) and out and isinstance(out[-1], bytes):
            out[-1] += part
        else:
            out.append(part)
    return out


CASES: dict[str, tuple[bytes, bool, list[Part]]] = {
    "of known length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: b\r\n\r\nabc",
        False,
        [Head(200, [OK, (b"content-length", b"3"), (b"x-a", b"b")]), b"abc", End()],
    ),
    "chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
        False,
        [Head(200, [OK]), b"abcdefg", End()],
    ),
    "with trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\nX-B: 2\r\n\r\n",
        False,
        [Head(200, [OK]), b"a", End([(b"x-sum", b"1"), (b"x-b", b"2")])],
    ),
    "empty": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        False,
        [Head(200, [OK, (b"content-length", b"0")]), End()],
    ),
    "to HEAD": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        True,
        [Head(200, [OK, (b"content-length", b"9")]), End()],
    ),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", False, [Head(204, [(b":status", b"204")]), End()]),
    "behind interim ones": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        False,
        [
            Head(100, [(b":status", b"100")]),
            Head(103, [(b":status", b"103"), (b"link", b"a")]),
            Head(204, [(b":status", b"204")]),
            End(),
        ],
    ),
    "that switches": (
        b"HTTP/1.1 101 Switch\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: 1\r\n\r\n\r\n\r\nHTTP",
        False,
        [Head(101, [(b":status", b"101"), (b"x", b"1")], switched=True), b"\r\n\r\nHTTP"],
    ),
    "with fields of the connection": (
        b"HTTP/1.1 204 No Content\r\nConnection: close\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nProxy-Connection: a\r\n\r\n",
        False,
        [Head(204, [(b":status", b"204")]), End()],
    ),
}


@pytest.mark.parametrize(("octets", "to_head", "parts"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_a_response(octets: bytes, to_head: bool, parts: list[Part], size: int) -> None:
    reader = ResponseReader(to_head=to_head)
    read: list[Part] = []
    for at in range(0, len(octets), size):
        read += reader.read(octets[at : at + size])
    assert merged(read) == parts
    assert reader.whole is not reader.tunnel


def test_nothing_is_read_behind_the_end() -> None:
    reader = ResponseReader(to_head=False)
    assert reader.read(b"HTTP/1.1 204 No Content\r\n\r\n")[-1] == End()
    assert reader.read(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == []


def test_what_is_cut_is_not_whole() -> None:
    reader = ResponseReader(to_head=False)
    reader.read(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")
    assert not reader.whole


def test_what_the_edge_would_not_write_is_an_error() -> None:
    with pytest.raises(ResponseFault):
        ResponseReader(to_head=False).read(b"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n")
    with pytest.raises(ValueError, match="ends with its connection"):
        ResponseReader(to_head=False).read(b"HTTP/1.1 200 OK\r\n\r\n")
