"""Where a body ends, and reading the bodies that need no undoing (RFC 9112 6)."""

from __future__ import annotations

import pytest

from antechamber.protocol.failure import Failure, RequestFault, ResponseFault
from antechamber.protocol.framing import (
    LAST_CHUNK,
    CloseReader,
    Framing,
    LengthReader,
    content_length,
    request_framing,
    response_framing,
)
from tests.protocol.deliveries import Delivery, relay

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
