"""Chunked bodies, octet by octet: read, written anew, refused, and what may stand behind them (RFC 9112 7.1)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from antechamber.protocol.framing import (
    LAST_CHUNK,
    MAX_CHUNK_LINE,
    MAX_EXTENSIONS,
    MAX_TRAILERS,
    ChunkedReader,
    FramingFault,
    known_size_line,
    safe_trailers,
    whole_chunk,
)
from tests.protocol.deliveries import BEHIND, Delivery, relay


@dataclass(frozen=True, slots=True)
class Chunked:
    """A chunked body: as it comes, what it holds, and how it is written for the next hop when it came whole."""

    wire: bytes
    content: bytes
    written: bytes
    trailers: bytes = b""


CHUNKED: dict[str, Chunked] = {
    "no content": Chunked(b"0\r\n\r\n", b"", LAST_CHUNK),
    "one chunk": Chunked(b"5\r\nhello\r\n0\r\n\r\n", b"hello", b"5\r\nhello\r\n0\r\n\r\n"),
    "two chunks": Chunked(b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", b"abc", b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"),
    "sizes in small and large hexadecimal digits": Chunked(
        b"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
        b"01234567890123456789",
        b"a\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
    ),
    "leading zeros": Chunked(b"0005\r\nhello\r\n000\r\n\r\n", b"hello", b"5\r\nhello\r\n0\r\n\r\n"),
    "line ends as content": Chunked(b"4\r\n\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n", b"4\r\n\r\n\r\n\r\n0\r\n\r\n"),
    "a size that needs more than one digit": Chunked(
        b"11\r\n" + b"x" * 17 + b"\r\n0\r\n\r\n", b"x" * 17, b"11\r\n" + b"x" * 17 + b"\r\n0\r\n\r\n"
    ),
    "extensions, which go": Chunked(
        b'5;a\r\nhello\r\n1 ; b="c;d"\t;e=f\r\n!\r\n0;z\r\n\r\n', b"hello!", b"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
    ),
    "trailers, of which the harmless stay": Chunked(
        b"1\r\na\r\n0\r\nDigest:  x \r\nContent-Length: 5\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
        b"a",
        b"1\r\na\r\n0\r\nDigest: x\r\n\r\n",
        b"Digest: x\r\n",
    ),
    "trailers, none of which may stay": Chunked(
        b"1\r\na\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", b"a", b"1\r\na\r\n0\r\n\r\n"
    ),
}


@pytest.mark.parametrize("delivery", Delivery)
@pytest.mark.parametrize("case", CHUNKED.values(), ids=CHUNKED)
def test_a_chunked_body_gives_its_content(case: Chunked, delivery: Delivery) -> None:
    """RFC 9112 7.1: chunk framing is undone where the next hop does not speak it (an HTTP/1.0 client)."""
    relayed = relay(ChunkedReader(reframe=False), case.wire, delivery)
    assert relayed.forwarded == case.content
    assert relayed.content_bytes == len(case.content)
    assert relayed.done
    assert relayed.rest == delivery.behind


@pytest.mark.parametrize("delivery", Delivery)
@pytest.mark.parametrize("case", CHUNKED.values(), ids=CHUNKED)
def test_a_chunked_body_is_written_anew_for_the_next_hop(case: Chunked, delivery: Delivery) -> None:
    """RFC 9112 7.1.1 and 7.1.2: no extension and no harmful trailer passes, whatever pieces it came in."""
    relayed = relay(ChunkedReader(reframe=True), case.wire, delivery)
    if delivery is not Delivery.BYTE_BY_BYTE:
        assert relayed.forwarded == case.written
    assert relayed.forwarded.endswith(b"0\r\n" + case.trailers + b"\r\n")
    assert relay(ChunkedReader(reframe=False), relayed.forwarded, Delivery.WHOLE).forwarded == case.content
    assert relayed.rest == delivery.behind


@pytest.mark.parametrize("case", CHUNKED.values(), ids=CHUNKED)
def test_what_is_written_is_read_as_it_is_written(case: Chunked) -> None:
    """Writing is canonical: a second hop of the same kind changes nothing."""
    assert relay(ChunkedReader(reframe=True), case.written, Delivery.WHOLE).forwarded == case.written


@pytest.mark.parametrize("case", CHUNKED.values(), ids=CHUNKED)
def test_a_chunked_body_may_be_cut_anywhere(case: Chunked) -> None:
    """Two pieces, in every place: a size, an extension, a line end or a trailer in the middle."""
    for at in range(1, len(case.wire)):
        reader = ChunkedReader(reframe=False)
        assert reader.read(case.wire[:at]) + reader.read(case.wire[at:]) == case.content, at
        assert reader.done, at


@pytest.mark.parametrize("case", CHUNKED.values(), ids=CHUNKED)
def test_a_chunked_body_is_not_done_before_its_last_octet(case: Chunked) -> None:
    """RFC 9112 8: a body without its last chunk and final line end is incomplete."""
    for at in range(len(case.wire)):
        reader = ChunkedReader(reframe=True)
        reader.read(case.wire[:at])
        assert not reader.done, at


def test_a_whole_chunk_is_passed_on_as_it_came_and_counted() -> None:
    """How event streams arrive: one event, one chunk, one piece. No octet of it is copied."""
    reader = ChunkedReader(reframe=True)
    event = b"10\r\ndata: 0123456789\r\n"
    assert reader.read(event) is event
    assert reader.content_bytes == 16
    assert reader.read(LAST_CHUNK) == LAST_CHUNK
    assert reader.done


def test_a_size_line_is_known_for_each_length_that_a_whole_chunk_can_have_and_for_no_other() -> None:
    """Digits and data add up to a length in one way or, where the size gains a digit, in none: 21, 262, 4103 octets."""
    for length in range(6, 4200):
        for size in range(length - 8, length - 4):
            wire = (b"%x\r\n" % size + bytes(max(size, 0)))[: length - 2] + b"\r\n"
            if size > 0 and len(wire) == length and len(b"%x\r\n" % size) + size + 2 == length:
                assert whole_chunk(wire) == size
                assert wire.startswith(known_size_line(length) or b"none")
                break
        else:
            assert not whole_chunk(bytes(length))
            assert not known_size_line(length)


@pytest.mark.parametrize(
    "wire",
    [b"5\r\nhelloXX", b"5\r\nhello\r\n3", b"5\r\nhell"],
    ids=["a wrong line end", "a chunk and a size", "a part of a chunk"],
)
def test_what_only_looks_like_a_whole_chunk_is_read_with_care(wire: bytes) -> None:
    """The short way is for one whole canonical chunk in one piece; everything else goes the long way."""
    reader = ChunkedReader(reframe=True)
    if wire.endswith(b"XX"):
        with pytest.raises(FramingFault):
            reader.read(wire)
    else:
        assert reader.read(wire).startswith((b"5\r\nhello\r\n", b"4\r\nhell\r\n"))


MALFORMED: dict[str, bytes] = {
    "no size": b"\r\nhello\r\n",
    "a size that is no number": b"x\r\n",
    "a sign": b"+5\r\nhello\r\n",
    "a prefix": b"0x5\r\nhello\r\n",
    "an underscore": b"1_0\r\n",
    "white space before the size": b" 5\r\nhello\r\n",
    "white space behind the size, and no extension": b"5 \r\nhello\r\n",
    "a size of more than sixty bits": b"1000000000000000\r\n",
    "a bare line feed behind the size": b"5\nhello\r\n",
    "a carriage return in an extension": b"5;a\rb\r\nhello\r\n",
    "a line feed in an extension": b"5;a\nb\r\nhello\r\n",
    "a NUL in an extension": b"5;\x00\r\nhello\r\n",
    "a chunk that is longer than its size": b"5\r\nhello!\r\n0\r\n\r\n",
    "a chunk that is shorter than its size": b"6\r\nhello\r\n0\r\n\r\n",
    "a bare line feed behind the data": b"5\r\nhello\n0\r\n\r\n",
    "a carriage return without its line feed behind the data": b"5\r\nhello\rX",
    "a trailer without a colon": b"0\r\nDigest\r\n\r\n",
    "a trailer with a space before the colon": b"0\r\nDigest : x\r\n\r\n",
    "a folded trailer": b"0\r\nDigest: x\r\n y\r\n\r\n",
    "a NUL in a trailer": b"0\r\nDigest: \x00\r\n\r\n",
    "a bare line feed in a trailer": b"0\r\nA: b\nC: d\r\n\r\n",
}


@pytest.mark.parametrize("reframe", [True, False], ids=["chunks out", "content out"])
@pytest.mark.parametrize("delivery", Delivery)
@pytest.mark.parametrize("wire", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_chunked_body_is_refused(wire: bytes, delivery: Delivery, reframe: bool) -> None:
    """RFC 9112 7.1, 11.2: chunk lines that two parsers read differently are how TE.TE smuggling is done."""
    with pytest.raises(FramingFault) as caught:
        relay(ChunkedReader(reframe=reframe), wire, delivery)
    assert caught.value.detail


@pytest.mark.parametrize("reframe", [True, False])
def test_a_chunk_size_line_has_a_limit(reframe: bool) -> None:
    """RFC 9112 7.1.1: a recipient ought to limit extensions. It may be as long as the limit and not one longer."""
    longest = b"1;" + b"x" * (MAX_CHUNK_LINE - 4) + b"\r\n"
    assert len(longest) == MAX_CHUNK_LINE
    ChunkedReader(reframe=reframe).read(longest)
    with pytest.raises(FramingFault, match="too long"):
        ChunkedReader(reframe=reframe).read(longest[:-2] + b"x\r\n")


def test_a_chunk_size_line_without_an_end_is_given_up() -> None:
    reader = ChunkedReader(reframe=True)
    reader.read(b"1;" + b"x" * (MAX_CHUNK_LINE - 2))
    with pytest.raises(FramingFault, match="too long"):
        reader.read(b"x")


def test_extensions_of_one_body_have_a_limit_together() -> None:
    """CVE-2023-39326: octets that count nowhere are a way to make a server read for ever."""
    chunk = b"1;" + b"x" * (MAX_CHUNK_LINE - 4) + b"\r\na\r\n"
    reader = ChunkedReader(reframe=True)
    for _ in range(MAX_EXTENSIONS // MAX_CHUNK_LINE):
        reader.read(chunk)
    with pytest.raises(FramingFault, match="too many chunk extensions"):
        reader.read(chunk)


def test_a_trailer_section_has_a_limit() -> None:
    """Trailers come when nobody counts any more; they are counted all the same."""
    reader = ChunkedReader(reframe=True)
    with pytest.raises(FramingFault, match="trailer section is too large"):
        reader.read(b"0\r\n" + b"X: 12345678\r\n" * (MAX_TRAILERS // 13 + 2))


def test_a_trailer_section_just_below_the_limit_passes() -> None:
    section = b"Digest: " + b"x" * (MAX_TRAILERS - 10) + b"\r\n"
    assert relay(ChunkedReader(reframe=True), b"0\r\n" + section + b"\r\n", Delivery.WHOLE).forwarded.endswith(
        section + b"\r\n"
    )


def test_what_comes_behind_a_body_is_kept_for_the_next_message() -> None:
    """Pipelining, RFC 9112 9.3.2."""
    for reader in (ChunkedReader(reframe=True), ChunkedReader(reframe=False)):
        reader.read(b"1\r\na\r\n0\r\n\r\n" + BEHIND)
        assert reader.rest == BEHIND


# Trailers


@pytest.mark.parametrize(
    "name", [b"Digest", b"Server-Timing", b"ETag", b"Grpc-Status", b"Signature", b"Host-Name", b"Hosts"]
)
def test_a_trailer_that_only_describes_the_content_passes(name: bytes) -> None:
    assert safe_trailers([(name, b"x")]) == [(name, b"x")]


@pytest.mark.parametrize(
    "name",
    [
        b"Content-Length",
        b"content-encoding",
        b"TRANSFER-ENCODING",
        b"Host",
        b"Authorization",
        b"Proxy-Authorization",
        b"Cookie",
        b"Set-Cookie",
        b"Set-Cookie2",
        b"Connection",
        b"Upgrade",
        b"TE",
        b"Trailer",
        b"Via",
        b"Forwarded",
        b"X-Forwarded-For",
        b"X_Real_IP",
        b"CF-Connecting-IP",
        b"True-Client-IP",
        b"Client_IP",
        b"Fastly-Client-IP",
        b"Forwarded-For",
        b"Remote-User",
        b"Expect",
        b"Range",
        b"If-Match",
        b"Cache-Control",
        b"Location",
        b"Vary",
    ],
)
def test_a_trailer_that_frames_routes_or_claims_trust_is_dropped(name: bytes) -> None:
    """RFC 9110 6.5.1: a receiver that merges trailers into the head would believe it."""
    assert safe_trailers([(name, b"x")]) == []
