"""Where a body ends, and reading one piece by piece (RFC 9112 6 and 7)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from antechamber.protocol.failure import Failure, RequestFault, ResponseFault
from antechamber.protocol.framing import (
    LAST_CHUNK,
    MAX_CHUNK_LINE,
    MAX_EXTENSIONS,
    MAX_TRAILERS,
    ChunkedReader,
    CloseReader,
    Framing,
    FramingFault,
    LengthReader,
    content_length,
    request_framing,
    response_framing,
    safe_trailers,
)
from tests.protocol.deliveries import BEHIND, Delivery, relay

# Content-Length


@pytest.mark.parametrize(("value", "length"), [(b"0", 0), (b"5", 5), (b"007", 7), (b"9" * 18, 10**18 - 1)])
def test_a_plain_number_is_a_length(value: bytes, length: int) -> None:
    """RFC 9110 8.6: 1*DIGIT, leading zeros included."""
    assert content_length([value]) == length


@pytest.mark.parametrize(
    "values",
    [
        [],
        [b""],
        [b"+5"],
        [b"-5"],
        [b" 5"],
        [b"5 "],
        [b"5.0"],
        [b"5e1"],
        [b"0x5"],
        [b"1_0"],
        [b"\xb2"],
        [b"5,5"],
        [b"5, 6"],
        [b"5", b"5"],
        [b"5", b"6"],
        [b"1" * 19],
    ],
)
def test_anything_else_is_none(values: list[bytes]) -> None:
    """Python's own ``int`` would take half of these; a length that two parsers read differently is a smuggling hole."""
    assert content_length(values) is None


# What frames a request


@pytest.mark.parametrize(
    ("lengths", "codings", "framing", "length"),
    [
        ([], [], Framing.NONE, 0),
        ([b"0"], [], Framing.NONE, 0),
        ([b"12"], [], Framing.LENGTH, 12),
        ([], [b"chunked"], Framing.CHUNKED, 0),
        ([], [b"Chunked"], Framing.CHUNKED, 0),
    ],
)
def test_a_request_is_framed_by_its_one_length_or_by_chunks(
    lengths: list[bytes], codings: list[bytes], framing: Framing, length: int
) -> None:
    """RFC 9112 6.3; a request without either has no body."""
    assert request_framing(lengths, codings, 1) == (framing, length)


@pytest.mark.parametrize(
    ("lengths", "codings", "minor", "status"),
    [
        ([b"5"], [b"chunked"], 1, 400),
        ([], [b"chunked"], 0, 400),
        ([b"5", b"5"], [], 1, 400),
        ([b"five"], [], 1, 400),
        ([], [b"gzip"], 1, 501),
        ([], [b"gzip, chunked"], 1, 501),
        ([], [b"chunked", b"chunked"], 1, 501),
        ([], [b"chunked, identity"], 1, 501),
        ([], [b"\x0bchunked"], 1, 501),
        ([], [b"chunke\xc4\xa4"], 1, 501),
        ([], [b""], 1, 501),
    ],
)
def test_a_request_whose_framing_can_be_read_in_two_ways_is_refused(
    lengths: list[bytes], codings: list[bytes], minor: int, status: int
) -> None:
    """RFC 9112 6.1 and 6.3, 11.2 (request smuggling)."""
    with pytest.raises(RequestFault) as caught:
        request_framing(lengths, codings, minor)
    assert caught.value.status == status


# What frames a response


@pytest.mark.parametrize(
    ("status", "lengths", "codings", "framing", "length"),
    [
        (200, [b"12"], [], Framing.LENGTH, 12),
        (200, [b"0"], [], Framing.NONE, 0),
        (200, [b"7", b"7"], [], Framing.LENGTH, 7),
        (200, [], [b"CHUNKED"], Framing.CHUNKED, 0),
        (200, [], [], Framing.CLOSE, 0),
        (204, [b"5"], [], Framing.NONE, 0),
        (304, [b"5"], [], Framing.NONE, 0),
        (103, [], [b"chunked"], Framing.NONE, 0),
        (101, [], [], Framing.NONE, 0),
    ],
)
def test_a_response_is_framed_by_its_status_then_chunks_then_length_then_the_close(
    status: int, lengths: list[bytes], codings: list[bytes], framing: Framing, length: int
) -> None:
    """RFC 9112 6.3, in its order."""
    assert response_framing(status, lengths, codings, 1, to_head=False) == (framing, length)


def test_a_response_to_head_has_no_body_whatever_it_says() -> None:
    """RFC 9112 6.3 rule 1."""
    assert response_framing(200, [b"12"], [], 1, to_head=True) == (Framing.NONE, 0)
    assert response_framing(200, [], [b"chunked"], 1, to_head=True) == (Framing.NONE, 0)


@pytest.mark.parametrize(
    ("lengths", "codings", "minor", "failure"),
    [
        ([b"5"], [b"chunked"], 1, Failure.PROTOCOL_ERROR),
        ([], [b"chunked"], 0, Failure.PROTOCOL_ERROR),
        ([b"5", b"6"], [], 1, Failure.PROTOCOL_ERROR),
        ([b"-1"], [], 1, Failure.PROTOCOL_ERROR),
        ([], [b"gzip, chunked"], 1, Failure.RESPONSE_TRANSFER_CODING),
        ([], [b"chunked", b"chunked"], 1, Failure.RESPONSE_TRANSFER_CODING),
    ],
)
def test_a_response_whose_framing_contradicts_itself_is_refused(
    lengths: list[bytes], codings: list[bytes], minor: int, failure: Failure
) -> None:
    """One of its two readings would be another client's answer (RFC 9112 11.1)."""
    with pytest.raises(ResponseFault) as caught:
        response_framing(200, lengths, codings, minor, to_head=False)
    assert caught.value.failure is failure


# A body of known length


@pytest.mark.parametrize("delivery", Delivery)
@pytest.mark.parametrize("body", [b"x", b"hello world", b"\r\n\r\n0\r\n\r\n", bytes(range(256))])
def test_a_body_of_known_length_is_passed_on_as_it_is(body: bytes, delivery: Delivery) -> None:
    """RFC 9112 6.2."""
    relayed = relay(LengthReader(len(body)), body, delivery)
    assert relayed.forwarded == body
    assert relayed.content_bytes == len(body)
    assert relayed.done
    assert relayed.rest == delivery.behind


def test_a_body_of_length_zero_is_done_before_it_begins() -> None:
    assert LengthReader(0).done


def test_a_body_that_is_too_short_is_not_done() -> None:
    """RFC 9112 8: the reader says so; what follows from it is the driver's business."""
    reader = LengthReader(5)
    assert reader.read(b"four") == b"four"
    assert (reader.done, reader.left, reader.rest) == (False, 1, b"")


# A body that ends with its connection


@pytest.mark.parametrize(
    ("reframe", "forwarded", "last"), [(True, b"3\r\none\r\n5\r\n two!\r\n", LAST_CHUNK), (False, b"one two!", b"")]
)
def test_a_body_up_to_the_close_becomes_chunks_for_who_can_read_them(
    reframe: bool, forwarded: bytes, last: bytes
) -> None:
    """RFC 9112 6.3 rule 8: with chunks the next hop can tell a whole body from a broken one."""
    reader = CloseReader(reframe=reframe)
    assert reader.read(b"one") + reader.read(b" two!") == forwarded
    assert not reader.done
    assert reader.end() == last
    assert reader.done
    assert reader.content_bytes == 8


# A chunked body


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
