"""The opening handshake: RFC 6455 section 4, both roles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.utils import accept_key

from antechamber.protocol.handshake import (
    Refusal,
    accept_of,
    judge_request,
    judge_response,
    key_of,
    request_fields,
)

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ANSWER = [
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
]
ASK = [(b"Host", b"app.test"), *request_fields(KEY)]


def without(fields: list[tuple[bytes, bytes]], name: bytes) -> list[tuple[bytes, bytes]]:
    return [field for field in fields if field[0] != name]


def test_the_accept_key_is_the_one_of_the_rfc_example() -> None:
    """RFC 6455 section 1.3."""
    assert accept_of(KEY) == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@given(st.binary(min_size=16, max_size=16))
def test_the_accept_key_is_the_one_that_websockets_computes(nonce: bytes) -> None:
    assert accept_of(key_of(nonce)).decode() == accept_key(key_of(nonce).decode())


def test_a_nonce_of_another_length_makes_no_key() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        key_of(bytes(15))


def test_a_proper_answer_opens_the_socket() -> None:
    assert judge_response(101, ANSWER, key=KEY) is None
    spelled_otherwise = [
        (b"UPGRADE", b"WebSocket"),
        (b"connection", b"keep-alive"),
        (b"connection", b"Foo, UPGRADE"),
        (b"sec-websocket-accept", b" s3pPLMBiTxaQ9kYGzzhZRbK+xOo= "),
    ]
    assert judge_response(101, spelled_otherwise, key=KEY) is None


@pytest.mark.parametrize(
    ("status", "fields", "refusal"),
    [
        (200, ANSWER, Refusal.NOT_SWITCHED),
        (101, without(ANSWER, b"Upgrade"), Refusal.NO_UPGRADE),
        (101, [*without(ANSWER, b"Upgrade"), (b"Upgrade", b"h2c")], Refusal.NO_UPGRADE),
        (101, without(ANSWER, b"Connection"), Refusal.NO_CONNECTION),
        (101, [*without(ANSWER, b"Connection"), (b"Connection", b"upgraded")], Refusal.NO_CONNECTION),
        (101, without(ANSWER, b"Sec-WebSocket-Accept"), Refusal.WRONG_ACCEPT),
        (101, [*ANSWER, ANSWER[-1]], Refusal.WRONG_ACCEPT),
        (101, [*ANSWER, (b"Sec-WebSocket-Extensions", b"permessage-deflate")], Refusal.UNASKED_EXTENSION),
        (101, [*ANSWER, (b"Sec-WebSocket-Protocol", b"chat")], Refusal.UNASKED_PROTOCOL),
    ],
)
def test_an_answer_that_does_not_open_the_socket_says_why(
    status: int, fields: list[tuple[bytes, bytes]], refusal: Refusal
) -> None:
    assert judge_response(status, fields, key=KEY) is refusal


def test_an_answer_to_another_key_is_refused() -> None:
    """A cache between the two would answer with an old key: that is what the field is for."""
    assert judge_response(101, ANSWER, key=key_of(bytes(16))) is Refusal.WRONG_ACCEPT


def test_one_of_the_offered_subprotocols_may_be_chosen() -> None:
    chosen = [*ANSWER, (b"Sec-WebSocket-Protocol", b"v2")]
    assert judge_response(101, chosen, key=KEY, subprotocols=[b"v1", b"v2"]) is None
    assert (b"Sec-WebSocket-Protocol", b"v1, v2") in request_fields(KEY, subprotocols=[b"v1", b"v2"])


def test_what_we_ask_is_a_proper_handshake() -> None:
    assert judge_request(b"GET", ASK) is None


@pytest.mark.parametrize(
    ("method", "fields", "refusal"),
    [
        (b"POST", ASK, Refusal.NOT_GET),
        (b"GET", without(ASK, b"Upgrade"), Refusal.NO_UPGRADE),
        (b"GET", without(ASK, b"Connection"), Refusal.NO_CONNECTION),
        (b"GET", without(ASK, b"Sec-WebSocket-Key"), Refusal.BAD_KEY),
        (b"GET", [*without(ASK, b"Sec-WebSocket-Key"), (b"Sec-WebSocket-Key", b"c2hvcnQ=")], Refusal.BAD_KEY),
        (b"GET", [*without(ASK, b"Sec-WebSocket-Key"), (b"Sec-WebSocket-Key", b"!" * 24)], Refusal.BAD_KEY),
        (b"GET", [*ASK, (b"sec-websocket-key", KEY)], Refusal.BAD_KEY),
        (b"GET", without(ASK, b"Sec-WebSocket-Version"), Refusal.BAD_VERSION),
        (b"GET", [*without(ASK, b"Sec-WebSocket-Version"), (b"Sec-WebSocket-Version", b"8")], Refusal.BAD_VERSION),
    ],
)
def test_a_request_that_asks_for_no_socket_says_why(
    method: bytes, fields: list[tuple[bytes, bytes]], refusal: Refusal
) -> None:
    assert judge_request(method, fields) is refusal
