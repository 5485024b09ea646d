"""Answers that the edge makes up: whole HTTP/1.1 messages that name the hop and leak nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from antechamber.edge.answer import HOP, answer
from antechamber.protocol.failure import Failure
from antechamber.protocol.http1 import parse_response_head

DETAIL = "the app closed the connection without an answer"


@dataclass(frozen=True, slots=True)
class Read:
    """An answer, read as a client would."""

    status: int
    reason: bytes
    fields: dict[bytes, bytes]
    body: bytes


def read(message: bytes) -> Read:
    """Read it with the strict grammar; every field once."""
    head, end, body = message.partition(b"\r\n\r\n")
    parsed = parse_response_head(head + end, count_limit=100)
    fields = {name.lower(): value for name, value in parsed.fields}
    assert len(fields) == len(parsed.fields)
    return Read(parsed.status, parsed.reason, fields, body)


def made(
    status: int = 502,
    detail: str = DETAIL,
    *,
    failure: Failure = Failure.CONNECTION_TERMINATED,
    accept: bytes = b"",
    close: bool = False,
    retry_after_s: int = 0,
) -> Read:
    return read(answer(status, detail, failure=failure, accept=accept, close=close, retry_after_s=retry_after_s))


@pytest.mark.parametrize("accept", [b"", b"text/html", b"application/json", b"image/png"])
@pytest.mark.parametrize("failure", Failure, ids=lambda failure: failure.value)
def test_every_failure_has_a_whole_answer_in_every_form(failure: Failure, accept: bytes) -> None:
    told = made(failure.status, failure=failure, accept=accept)
    assert told.status == failure.status
    assert told.fields[b"content-length"] == b"%d" % len(told.body)
    assert told.fields[b"cache-control"] == b"no-store"
    assert DETAIL.encode() in told.body


def test_the_hop_that_speaks_is_named_with_the_error() -> None:
    """RFC 9209 2 and 2.3."""
    expected = f'{HOP}; error=connection_terminated; details="{DETAIL}"'
    assert made().fields[b"proxy-status"] == expected.encode()


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (b"text/html,application/xhtml+xml,*/*;q=0.8", b"text/html; charset=utf-8"),
        (b"TEXT/HTML", b"text/html; charset=utf-8"),
        (b"application/json", b"application/json"),
        (b"application/problem+json, */*", b"application/json"),
        (b"text/event-stream", b"text/plain; charset=utf-8"),
        (b"*/*", b"text/plain; charset=utf-8"),
        (b"", b"text/plain; charset=utf-8"),
        (b"\xff\xfe", b"text/plain; charset=utf-8"),
    ],
)
def test_the_form_is_one_that_the_client_accepts(accept: bytes, kind: bytes) -> None:
    """RFC 9110 12.5.1, as far as three forms need it: a page for people, JSON for the app's own code, else text."""
    assert made(accept=accept).fields[b"content-type"] == kind


def test_json_says_the_same_in_fields() -> None:
    assert json.loads(made(413, "too large", failure=Failure.REQUEST_ERROR, accept=b"application/json").body) == {
        "status": 413,
        "error": "http_request_error",
        "detail": "too large",
        "hop": HOP,
    }


def test_a_page_shows_the_detail_as_text() -> None:
    page = made(detail="a <b> & 'c'", accept=b"text/html").body
    assert b"a &lt;b&gt; &amp; &#x27;c&#x27;" in page
    assert b"<b>" not in page


def test_quotes_and_backslashes_cannot_break_the_proxy_status() -> None:
    """RFC 8941 3.3.3."""
    value = made(detail='say "no" to \\').fields[b"proxy-status"]
    assert value == b"antechamber; error=connection_terminated; details=\"say 'no' to \""


def test_a_detail_that_is_not_ascii_stays_a_valid_field() -> None:
    """The operating system's words may be in another language; in the body they stand as they are."""
    told = made(detail="Verbindungsaufbau abgelehnt: üä")
    assert told.fields[b"proxy-status"].endswith(b'abgelehnt: ??"')
    assert "üä".encode() in told.body


def test_an_answer_to_head_has_the_head_only() -> None:
    """RFC 9110 9.3.2: with the length that the body would have had."""
    whole = answer(404, "no", failure=Failure.REQUEST_ERROR)
    head = answer(404, "no", failure=Failure.REQUEST_ERROR, to_head=True)
    assert whole.startswith(head)
    assert head.endswith(b"\r\n\r\n")
    assert read(head).fields[b"content-length"] == b"%d" % len(read(whole).body)


@pytest.mark.parametrize(("close", "connection"), [(True, b"close"), (False, None)])
def test_it_says_whether_the_connection_closes(close: bool, connection: bytes | None) -> None:
    """RFC 9112 9.6."""
    assert made(close=close).fields.get(b"connection") == connection


@pytest.mark.parametrize(("retry_after_s", "value"), [(5, b"5"), (0, None)])
def test_it_says_when_to_come_back(retry_after_s: int, value: bytes | None) -> None:
    """RFC 9110 10.2.3, for 503."""
    assert made(503, retry_after_s=retry_after_s).fields.get(b"retry-after") == value


@pytest.mark.parametrize(("status", "allowed"), [(405, b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"), (400, None)])
def test_a_405_says_what_is_allowed(status: int, allowed: bytes | None) -> None:
    """RFC 9110 15.5.6 (MUST)."""
    assert made(status).fields.get(b"allow") == allowed


def test_a_status_without_a_registered_phrase_has_one_all_the_same() -> None:
    assert made(499).reason == b"Error"
    assert made(508).reason == b"Loop Detected"
