"""What a gateway does to a response head: RFC 9110 7.6, RFC 9112 6.3, and the two signs of an event stream."""

from __future__ import annotations

import pytest

from antechamber.protocol.failure import Failure, ResponseFault
from antechamber.protocol.framing import Framing
from antechamber.protocol.http1 import Field, parse_fields
from antechamber.protocol.translate import ResponsePlan, ResponseTranslator

DATE = b"Date: Sun, 22 Nov 2026 12:00:00 GMT"


def response(
    *fields: bytes, line: bytes = b"HTTP/1.1 200 OK", method: bytes = b"GET", asked: bytes | None = None
) -> ResponsePlan:
    block = b"\r\n".join([line, *fields]) + b"\r\n\r\n"
    return ResponseTranslator(count_limit=20).translate(block, method, asked)


def sent(plan: ResponsePlan) -> list[Field]:
    """The fields that go downstream, as far as they are known here."""
    return parse_fields(plan.head.partition(b"\r\n")[2])


def refusal(
    *fields: bytes, line: bytes = b"HTTP/1.1 200 OK", method: bytes = b"GET", asked: bytes | None = None
) -> Failure:
    with pytest.raises(ResponseFault) as caught:
        response(*fields, line=line, method=method, asked=asked)
    return caught.value.failure


def test_end_to_end_fields_pass_as_they_came() -> None:
    """RFC 9110 7.6: encodings, validators and ranges are the app's business."""
    fields = (
        b"Content-Encoding: gzip",
        b'ETag: W/"1"',
        b"Content-Range: bytes 0-1/5",
        b"Set-Cookie: a=1",
        b"set-cookie: b=2",
        DATE,
        b"Content-Type: text/html",
    )
    plan = response(*fields, b"Content-Length: 2", line=b"HTTP/1.1 206 Partial Content")
    assert plan.head.startswith(b"HTTP/1.1 206 Partial Content\r\n")
    assert [b"%b: %b" % field for field in sent(plan)] == [*fields, b"Content-Length: 2"]
    assert (plan.status, plan.framing, plan.length, plan.close) == (206, Framing.LENGTH, 2, False)


def test_hop_by_hop_fields_go_and_so_does_what_connection_names() -> None:
    """RFC 9110 7.6.1; ``Transfer-Encoding`` is written anew by whoever frames the body."""
    plan = response(
        b"Connection: close, X-Hop",
        b"Keep-Alive: timeout=5, max=100",
        b"Proxy-Authenticate: Basic",
        b"Trailer: Digest",
        b"Transfer-Encoding: chunked",
        b"Upgrade: h2c",
        b"X-Hop: 1",
        b"X-Stay: 1",
    )
    assert sent(plan) == [(b"X-Stay", b"1")]
    assert plan.framing is Framing.CHUNKED


def test_the_version_is_the_edges_own() -> None:
    """RFC 9110 6.2: an HTTP/1.0 app's answer goes out as HTTP/1.1."""
    assert response(b"Content-Length: 0", line=b"HTTP/1.0 404 Nope").head.startswith(b"HTTP/1.1 404 Nope\r\n")


# The end of the app's connection


@pytest.mark.parametrize(
    ("line", "fields", "close"),
    [
        (b"HTTP/1.1 200 OK", (b"Content-Length: 1",), False),
        (b"HTTP/1.1 200 OK", (b"Content-Length: 1", b"Connection: close"), True),
        (b"HTTP/1.1 200 OK", (), True),
        (b"HTTP/1.0 200 OK", (b"Content-Length: 1",), True),
        (b"HTTP/1.0 200 OK", (b"Content-Length: 1", b"Connection: Keep-Alive"), False),
    ],
)
def test_it_is_known_whether_the_app_keeps_its_connection(line: bytes, fields: tuple[bytes, ...], close: bool) -> None:
    """RFC 9112 9.3."""
    assert response(*fields, line=line).close is close


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"timeout=5", 5),
        (b"max=100, timeout=5", 5),
        (b"Timeout=72", 72),
        (b"timeout=0", 0),
        (b"max=5", None),
        (b"timeout=-1", None),
        (b"timeout=x", None),
        (b"timeout=12345678", None),
        (b"timeout=\xb2", None),
        (b"", None),
    ],
)
def test_an_announced_idle_time_is_read(value: bytes, seconds: int | None) -> None:
    """RFC 2068 19.7.1.1, as Node announces it: closing races with the next request at that very second."""
    assert response(b"Keep-Alive: " + value, b"Content-Length: 1").keep_alive_s == seconds


def test_no_announcement_is_none() -> None:
    assert response(b"Content-Length: 1").keep_alive_s is None


# Content-Length where there is no body


def test_the_length_of_what_head_asked_about_is_passed_on() -> None:
    """RFC 9110 8.6 and 9.3.2."""
    plan = response(b"Content-Length: 12", method=b"HEAD")
    assert (b"Content-Length", b"12") in sent(plan)
    assert (plan.framing, plan.length) == (Framing.NONE, 0)


def test_the_length_in_a_304_is_passed_on() -> None:
    """RFC 9110 8.6."""
    assert sent(response(b"Content-Length: 12", line=b"HTTP/1.1 304 Not Modified")) == [(b"Content-Length", b"12")]


def test_a_204_has_no_length() -> None:
    """RFC 9110 8.6: MUST NOT."""
    assert sent(response(b"Content-Length: 0", line=b"HTTP/1.1 204 No Content")) == []


def test_equal_lengths_become_one() -> None:
    """RFC 9110 8.6: the one repair, and what goes out is one number."""
    assert sent(response(b"Content-Length: 3", b"Content-Length: 3")) == [(b"Content-Length", b"3")]
    assert sent(response(b"Content-Length: 3", b"Content-Length: 3", method=b"HEAD")) == [(b"Content-Length", b"3")]


@pytest.mark.parametrize("lengths", [(b"3", b"4"), (b"x",)])
def test_a_senseless_length_is_refused_even_where_there_is_no_body(lengths: tuple[bytes, ...]) -> None:
    fields = [b"Content-Length: " + length for length in lengths]
    assert refusal(*fields, method=b"HEAD") is Failure.PROTOCOL_ERROR
    assert refusal(*fields) is Failure.PROTOCOL_ERROR


# Interim responses and upgrades


def test_an_interim_response_passes_without_framing() -> None:
    """RFC 9110 15.2; RFC 8297."""
    plan = response(b"Link: </a>; rel=preload", line=b"HTTP/1.1 103 Early Hints")
    assert sent(plan) == [(b"Link", b"</a>; rel=preload")]
    assert plan.whole == b""


def test_a_switch_that_was_asked_for_names_its_protocol() -> None:
    """RFC 9110 7.8."""
    plan = response(
        b"Connection: Upgrade",
        b"Upgrade: WebSocket",
        b"Sec-WebSocket-Accept: x",
        line=b"HTTP/1.1 101 Switching Protocols",
        asked=b"websocket",
    )
    assert sent(plan) == [(b"Sec-WebSocket-Accept", b"x"), (b"Upgrade", b"WebSocket")]


@pytest.mark.parametrize(
    ("asked", "fields"),
    [(None, (b"Upgrade: websocket",)), (b"websocket", (b"Upgrade: h2c",)), (b"websocket", ())],
)
def test_a_switch_that_nobody_asked_for_is_refused(asked: bytes | None, fields: tuple[bytes, ...]) -> None:
    """RFC 9110 7.8: otherwise the next request would be read as the tunnel's octets."""
    assert refusal(*fields, line=b"HTTP/1.1 101 Switching Protocols", asked=asked) is Failure.UPGRADE_FAILED


def test_a_426_says_what_to_upgrade_to() -> None:
    """RFC 9110 15.5.22: MUST send an Upgrade field."""
    plan = response(
        b"Upgrade: TLS/1.2", b"Upgrade: websocket", b"Content-Length: 0", DATE, line=b"HTTP/1.1 426 Upgrade"
    )
    assert (b"Upgrade", b"TLS/1.2, websocket") in sent(plan)
    assert plan.whole == b"", "Connection: Upgrade has still to be added"


# Event streams


@pytest.mark.parametrize(
    "kind", [b"text/event-streamer", b"text/event-stream+json", b"text/event", b"x-text/event-stream"]
)
def test_another_media_type_whose_name_begins_alike_is_no_event_stream(kind: bytes) -> None:
    plan = response(b"Content-Type: " + kind)
    assert not plan.event_stream
    assert sent(plan) == [(b"Content-Type", kind)]


@pytest.mark.parametrize("kind", [b"text/event-stream", b"text/event-stream; charset=utf-8", b"TEXT/Event-Stream;x"])
def test_an_event_stream_carries_the_two_signs_by_which_further_proxies_know_it(kind: bytes) -> None:
    """nginx reads ``X-Accel-Buffering``, a CDN reads ``no-transform`` (RFC 9111 5.2.2.6)."""
    plan = response(b"Content-Type: " + kind, b"Transfer-Encoding: chunked")
    assert plan.event_stream
    assert (b"X-Accel-Buffering", b"no") in sent(plan)
    assert (b"Cache-Control", b"no-cache, no-transform") in sent(plan)


@pytest.mark.parametrize(
    ("lines", "merged"),
    [
        ((b"no-cache",), b"no-cache, no-transform"),
        ((b"no-cache", b"private"), b"no-cache, private, no-transform"),
        ((b"", b"no-store"), b"no-store, no-transform"),
        ((b"",), b"no-cache, no-transform"),
        ((b"no-cache, No-Transform",), b"no-cache, No-Transform"),
        ((b"no-transform", b"no-cache"), b"no-transform, no-cache"),
        ((b'private="x, no-transform, y"',), b'private="x, no-transform, y", no-transform'),
        (
            (b'private="a\\", no-transform, \\"b", no-cache',),
            b'private="a\\", no-transform, \\"b", no-cache, no-transform',
        ),
        ((b'private="x", No-Transform',), b'private="x", No-Transform'),
    ],
)
def test_no_transform_is_merged_into_the_one_cache_control(lines: tuple[bytes, ...], merged: bytes) -> None:
    """A second line would be lost on whoever reads only the first."""
    plan = response(b"Content-Type: text/event-stream", *[b"Cache-Control: " + line for line in lines])
    assert [value for name, value in sent(plan) if name == b"Cache-Control"] == [merged]


def test_what_the_app_said_about_buffering_stands() -> None:
    plan = response(b"Content-Type: text/event-stream", b"X-Accel-Buffering: yes")
    assert [value for name, value in sent(plan) if name == b"X-Accel-Buffering"] == [b"yes"]
    assert not plan.incremental


def test_other_responses_are_left_alone() -> None:
    plan = response(b"Content-Type: text/event", b"Cache-Control: no-cache", b"Cache-Control: private")
    assert not plan.event_stream
    assert sent(plan)[1:] == [(b"Cache-Control", b"no-cache"), (b"Cache-Control", b"private")]


@pytest.mark.parametrize(
    ("field", "incremental"),
    [
        (b"Incremental: ?1", True),
        (b"Incremental: ?0", False),
        (b"Incremental: yes", False),
        (b"X-Accel-Buffering: no", True),
        (b"X-Accel-Buffering: NO", True),
        (b"X-Accel-Buffering: yes", False),
        (b"X-Other: no", False),
    ],
)
def test_an_app_may_ask_for_piece_by_piece_forwarding(field: bytes, incremental: bool) -> None:
    """RFC 10036, and nginx's older word for it; both pass on."""
    plan = response(field)
    assert plan.incremental is incremental
    assert field in [b"%b: %b" % each for each in sent(plan)]


# Ready to be sent


def test_a_head_to_which_nothing_is_to_be_added_is_ready() -> None:
    plan = response(b"Content-Length: 2", DATE)
    assert plan.dated
    assert plan.whole == plan.head + b"\r\n"


@pytest.mark.parametrize(
    "fields",
    [(b"Content-Length: 2",), (DATE, b"Transfer-Encoding: chunked"), (DATE,)],
    ids=["no date", "chunks", "close"],
)
def test_a_head_that_lacks_something_is_not(fields: tuple[bytes, ...]) -> None:
    """RFC 9110 6.6.1: a date is added; how the body is framed and whether the connection stays is decided later."""
    assert response(*fields).whole == b""


# Refusals and memory


def test_a_malformed_head_is_refused() -> None:
    assert refusal(b"X : 1") is Failure.PROTOCOL_ERROR
    assert refusal(*[b"X: 1"] * 21) is Failure.RESPONSE_HEADER_SIZE
    assert refusal(b"Transfer-Encoding: gzip, chunked") is Failure.RESPONSE_TRANSFER_CODING


def test_the_same_answer_to_the_same_question_is_not_read_twice() -> None:
    """Answers repeat across connections; but what was asked is a part of what an answer means."""
    shared = ResponseTranslator(count_limit=20)
    block = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    plan = shared.translate(block, b"GET", None)
    assert shared.translate(bytes(bytearray(block)), b"GET", None) is plan
    assert shared.translate(block, b"HEAD", None).framing is Framing.NONE
    assert shared.translate(block, b"GET", b"websocket") == plan
    assert shared.translate(block.replace(b"2", b"3"), b"GET", None).length == 3
