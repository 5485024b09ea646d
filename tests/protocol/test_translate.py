"""What a gateway does to a head on its way through: RFC 9110 7.6, from the octets that come to the octets that go."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from antechamber.protocol.failure import RequestFault
from antechamber.protocol.forwarded import Peer, Trust
from antechamber.protocol.framing import Framing
from antechamber.protocol.http1 import Field, parse_fields
from antechamber.protocol.translate import RequestPlan, RequestRules, RequestTranslator

RULES = RequestRules.of(
    untrusted=frozenset({"x-original-url", "cf-connecting-ip"}),
    pseudonym="edge-1",
    upgrades=frozenset({"websocket"}),
    default_host="default.test",
    line_limit=100,
    count_limit=12,
)
STRANGER = "198.51.100.7"
PROXY = "10.0.0.1"
TOLD = {b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Host", b"X-Real-IP", b"Forwarded", b"Via"}


def translator(address: str = STRANGER) -> RequestTranslator:
    return RequestTranslator(Peer(address, secure=False, trust=Trust((ip_network("10.0.0.0/8"),))), RULES)


def request(
    *fields: bytes, line: bytes = b"GET /x HTTP/1.1", address: str = STRANGER, host: bytes = b"Host: app.test"
) -> tuple[bytes, RequestPlan]:
    """Target and plan of a request that came with these fields."""
    lines = [line, *([host] if host else []), *fields]
    _, target, plan = translator(address).translate(b"\r\n".join(lines) + b"\r\n\r\n")
    return target, plan


def sent(plan: RequestPlan) -> list[Field]:
    """The fields that go upstream, without those that tell about the client."""
    assert plan.section.endswith(b"\r\n\r\n")
    return [field for field in parse_fields(plan.section[:-2]) if field[0] not in TOLD]


def value(plan: RequestPlan, name: bytes) -> bytes | None:
    """The value of a field that goes upstream at most once."""
    values = [each for own, each in parse_fields(plan.section[:-2]) if own.lower() == name.lower()]
    assert len(values) <= 1
    return values[0] if values else None


def refusal(*fields: bytes, line: bytes = b"GET /x HTTP/1.1", host: bytes = b"Host: app.test") -> RequestFault:
    with pytest.raises(RequestFault) as caught:
        request(*fields, line=line, host=host)
    return caught.value


# Fields


def test_end_to_end_fields_pass_as_they_came() -> None:
    """RFC 9110 7.6: order, spelling and repetition included."""
    _, plan = request(b"cookie: a=b", b"X-One: 1", b"x-one: 2", b"Last-Event-ID: 7", b"Accept: text/event-stream")
    assert sent(plan) == [
        (b"Host", b"app.test"),
        (b"cookie", b"a=b"),
        (b"X-One", b"1"),
        (b"x-one", b"2"),
        (b"Last-Event-ID", b"7"),
        (b"Accept", b"text/event-stream"),
    ]
    assert plan.accept == b"text/event-stream"
    assert plan.plain


def test_hop_by_hop_fields_go_and_so_does_what_connection_names() -> None:
    """RFC 9110 7.6.1."""
    _, plan = request(
        b"Connection: keep-alive, X-Hop",
        b"Keep-Alive: timeout=5",
        b"Proxy-Connection: keep-alive",
        b"Proxy-Authorization: Basic eA==",
        b"Proxy: http://evil.test",
        b"Trailer: X",
        b"TE: gzip",
        b"x-hop: 1",
        b"X-Stay: 1",
    )
    assert sent(plan) == [(b"Host", b"app.test"), (b"X-Stay", b"1")]


def test_the_host_is_kept_and_cannot_be_taken_away() -> None:
    """RFC 9112 3.2; naming it in ``Connection`` is an old trick."""
    _, plan = request(b"Connection: host, content-length", b"Content-Length: 5", line=b"POST /x HTTP/1.1")
    assert sent(plan) == [(b"Host", b"app.test"), (b"Content-Length", b"5")]


def test_a_stranger_cannot_send_look_alikes() -> None:
    _, plan = request(b"X-Original-URL: /admin", b"CF-Connecting-IP: 1.2.3.4", b"CF_Connecting_IP: 1.2.3.4")
    assert sent(plan) == [(b"Host", b"app.test")]


def test_a_trusted_proxy_can_send_look_alikes() -> None:
    """But not under ``Connection``, which takes away whatever it names."""
    _, plan = request(b"CF-Connecting-IP: 1.2.3.4", address=PROXY)
    assert (b"CF-Connecting-IP", b"1.2.3.4") in sent(plan)
    _, plan = request(b"CF-Connecting-IP: 1.2.3.4", b"Connection: cf-connecting-ip", address=PROXY)
    assert sent(plan) == [(b"Host", b"app.test")]


def test_claims_of_a_stranger_are_dropped_and_it_is_noted() -> None:
    """An outer proxy that nobody told the edge about would turn into a 403 of the app without a word."""
    _, plan = request(b"X-Forwarded-For: 1.2.3.4")
    assert plan.claims_dropped
    assert not plan.plain
    assert plan.client == STRANGER
    assert value(plan, b"X-Forwarded-For") == STRANGER.encode()


def test_claims_of_a_trusted_proxy_are_read() -> None:
    _, plan = request(b"X-Forwarded-For: 1.2.3.4", b"X-Forwarded-Proto: https", address=PROXY)
    assert not plan.claims_dropped
    assert plan.client == "1.2.3.4"
    assert value(plan, b"X-Forwarded-Proto") == b"https"


# Via


def test_the_edge_names_itself_behind_those_before_it() -> None:
    """RFC 9110 7.6.3."""
    _, plan = request()
    assert value(plan, b"Via") == b"1.1 edge-1"
    _, plan = request(b"Via: 1.0 fred, 1.1 p.test", b"Via: 2 cdn")
    assert value(plan, b"Via") == b"1.0 fred, 1.1 p.test, 2 cdn, 1.1 edge-1"


def test_a_request_that_has_been_here_is_a_loop() -> None:
    """RFC 9110 7.6.3; RFC 5842 7.2."""
    assert refusal(b"Via: 1.1 other, 1.1 edge-1").status == 508
    assert refusal(b"via: 1.1 Edge-1", b"VIA: 1.1 other").status == 508


# Target and Host


@pytest.mark.parametrize(
    ("line", "target", "host"),
    [
        (b"GET /a/../b?c HTTP/1.1", b"/a/../b?c", b"app.test"),
        (b"GET //a HTTP/1.1", b"//a", b"app.test"),
        (b"OPTIONS * HTTP/1.1", b"*", b"app.test"),
        (b"GET http://other.test:81/a?b HTTP/1.1", b"/a?b", b"other.test:81"),
        (b"GET http://other.test HTTP/1.1", b"/", b"other.test"),
    ],
)
def test_a_target_is_forwarded_in_origin_form(line: bytes, target: bytes, host: bytes) -> None:
    """RFC 9112 3.2.1 to 3.2.4: unchanged, or out of an absolute URL whose authority then is the host."""
    read_target, plan = request(line=line)
    assert (read_target, value(plan, b"Host")) == (target, host)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"CONNECT app.test:443 HTTP/1.1", 405),
        (b"TRACE / HTTP/1.1", 405),
        (b"GET * HTTP/1.1", 400),
        (b"GET app.test:443 HTTP/1.1", 400),
        (b"GET ftp://app.test/ HTTP/1.1", 400),
        (b"GET http://user@app.test/ HTTP/1.1", 400),
        (b"GET / HTTP/2.0", 505),
    ],
)
def test_a_request_that_a_gateway_does_not_forward_is_refused(line: bytes, status: int) -> None:
    """RFC 9110 9.3.6 and 9.3.8, RFC 9112 3.2."""
    assert refusal(line=line).status == status


@pytest.mark.parametrize("host", [b"", b"Host: a b", b"Host: a,b", b"Host: user@a", b"Host:", b"Host: a\r\nHost: a"])
def test_an_http_1_1_request_has_exactly_one_valid_host(host: bytes) -> None:
    """RFC 9112 3.2: a server MUST respond with 400."""
    assert refusal(host=host).status == 400


def test_an_http_1_0_request_without_a_host_gets_the_default_one() -> None:
    """Upstream the edge speaks HTTP/1.1, where a host must be."""
    _, plan = request(line=b"GET /x HTTP/1.0", host=b"")
    assert value(plan, b"Host") == b"default.test"
    assert plan.close
    assert not plan.plain
    assert value(plan, b"Via") == b"1.0 edge-1"


def test_an_http_1_0_request_with_a_host_keeps_it() -> None:
    _, plan = request(line=b"GET /x HTTP/1.0")
    assert value(plan, b"Host") == b"app.test"


# Framing, expectations, the end of the connection


def test_a_length_is_written_anew() -> None:
    _, plan = request(b"Content-Length: 007", line=b"POST /x HTTP/1.1")
    assert value(plan, b"Content-Length") == b"7"
    assert (plan.framing, plan.length, plan.plain) == (Framing.LENGTH, 7, False)


def test_a_length_of_zero_is_said_upstream_too() -> None:
    """RFC 9110 8.6: a POST without one makes some servers answer 411."""
    _, plan = request(b"Content-Length: 0", line=b"POST /x HTTP/1.1")
    assert value(plan, b"Content-Length") == b"0"
    assert plan.framing is Framing.NONE


def test_chunks_are_said_anew() -> None:
    _, plan = request(b"transfer-encoding: Chunked", line=b"POST /x HTTP/1.1")
    assert value(plan, b"Transfer-Encoding") == b"chunked"
    assert plan.framing is Framing.CHUNKED


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ((b"Content-Length: 5", b"Transfer-Encoding: chunked"), 400),
        ((b"Content-Length: 5", b"content-length: 5"), 400),
        ((b"Transfer-Encoding: gzip",), 501),
        ((b"Expect: 200-ok", b"Content-Length: 5"), 417),
        ((b"X: 1",) * 12, 431),
    ],
)
def test_a_request_that_nobody_must_guess_about_is_refused(fields: tuple[bytes, ...], status: int) -> None:
    """RFC 9112 6.3, RFC 9110 10.1.1, RFC 6585 5."""
    assert refusal(*fields, line=b"POST /x HTTP/1.1").status == status


def test_an_expectation_passes_if_there_is_a_body_to_expect() -> None:
    """RFC 9110 10.1.1: a client MUST NOT send it without content; an HTTP/1.0 one is ignored."""
    expect = b"Expect: 100-Continue"
    _, plan = request(expect, b"Content-Length: 5", line=b"POST /x HTTP/1.1")
    assert value(plan, b"Expect") == b"100-continue"
    _, plan = request(expect)
    assert value(plan, b"Expect") is None
    _, plan = request(expect, b"Content-Length: 5", line=b"POST /x HTTP/1.0")
    assert value(plan, b"Expect") is None


@pytest.mark.parametrize(
    ("line", "fields", "close"),
    [
        (b"GET /x HTTP/1.1", (), False),
        (b"GET /x HTTP/1.1", (b"Connection: keep-alive",), False),
        (b"GET /x HTTP/1.1", (b"Connection: Close",), True),
        (b"GET /x HTTP/1.0", (), True),
        (b"GET /x HTTP/1.0", (b"Connection: keep-alive",), True),
    ],
)
def test_it_is_known_whether_another_request_may_follow(line: bytes, fields: tuple[bytes, ...], close: bool) -> None:
    """RFC 9112 9.3; RFC 2068 19.7.1 warns of keep-alive for HTTP/1.0 clients behind a proxy."""
    _, plan = request(*fields, line=line)
    assert plan.close is close
    assert value(plan, b"Connection") is None


def test_only_the_wish_for_trailers_passes_in_te() -> None:
    """RFC 9110 10.1.4: TE is hop by hop; the edge itself takes trailers."""
    _, plan = request(b"TE: gzip;q=0.5, Trailers", b"Connection: TE")
    assert (value(plan, b"TE"), value(plan, b"Connection")) == (b"trailers", b"TE")


# Upgrades

HANDSHAKE = (
    b"Connection: keep-alive, Upgrade",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    b"Sec-WebSocket-Version: 13",
)


def test_a_handshake_passes_with_one_token() -> None:
    """RFC 6455 4.2: everything that the app needs, and no ``TE`` beside it."""
    _, plan = request(*HANDSHAKE, b"Upgrade: WebSocket", b"TE: trailers")
    assert plan.upgrade == b"websocket"
    assert (value(plan, b"Connection"), value(plan, b"Upgrade"), value(plan, b"TE")) == (b"Upgrade", b"websocket", None)
    assert value(plan, b"Sec-WebSocket-Key") == b"dGhlIHNhbXBsZSBub25jZQ=="
    assert not plan.plain


@pytest.mark.parametrize("token", [b"h2c", b"websocket, h2c", b"tls/1.0"])
def test_what_is_no_handshake_of_ours_passes_as_an_ordinary_request(token: bytes) -> None:
    """RFC 9110 7.8: a server may ignore ``Upgrade``; h2c is never relayed."""
    _, plan = request(*HANDSHAKE, b"Upgrade: " + token, b"HTTP2-Settings: AAMAAABk")
    assert plan.upgrade is None
    assert (value(plan, b"Connection"), value(plan, b"Upgrade"), value(plan, b"HTTP2-Settings")) == (None, None, None)


# Memory: the same head is not read twice, and reading it would give the same

HEADS = [
    b"GET /a HTTP/1.1\r\nHost: app.test\r\nX: 1\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: app.test\r\nX: 1\r\n\r\n",
    b"GET /b?c HTTP/1.1\r\nHost: app.test\r\nX: 1\r\n\r\n",
    b"HEAD /b?c HTTP/1.1\r\nHost: app.test\r\nX: 1\r\n\r\n",
    b"GET /b HTTP/1.1\r\nHost: app.test\r\nX: 2\r\n\r\n",
    b"GET http://other.test/b HTTP/1.1\r\nHost: app.test\r\nX: 2\r\n\r\n",
    b"GET /b HTTP/1.1\r\nHost: app.test\r\nX: 2\r\n\r\n",
    b"GET http://third.test/b HTTP/1.1\r\nHost: app.test\r\nX: 2\r\n\r\n",
    b"GET /b HTTP/1.0\r\nHost: app.test\r\nX: 2\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: app.test\r\nX: 2\r\n\r\n",
    b"OPTIONS /x HTTP/1.1\r\nHost: app.test\r\nX: 2\r\n\r\n",
]


@pytest.mark.parametrize(
    ("method", "came", "goes", "last_hop"),
    [
        (b"OPTIONS", b"3", b"2", False),
        (b"OPTIONS", b"1", b"0", False),
        (b"OPTIONS", b"0", b"0", True),
        (b"OPTIONS", b"00", b"0", True),
        (b"GET", b"0", b"0", False),
        (b"GET", b"x", b"x", False),
    ],
)
def test_max_forwards_counts_for_options_only(method: bytes, came: bytes, goes: bytes, last_hop: bool) -> None:
    """RFC 9110 7.6.2: one less on each hop, and at zero nobody is asked any more."""
    _, plan = request(b"Max-Forwards: " + came, line=method + b" /x HTTP/1.1")
    assert value(plan, b"max-forwards") == goes
    assert (plan.last_hop, plan.plain) == (last_hop, not last_hop)


@pytest.mark.parametrize("fields", [(b"Max-Forwards: x",), (b"Max-Forwards: ",), (b"Max-Forwards: 1",) * 2])
def test_a_max_forwards_that_is_no_number_is_refused_where_it_counts(fields: tuple[bytes, ...]) -> None:
    assert refusal(*fields, line=b"OPTIONS /x HTTP/1.1").status == 400


def test_what_is_remembered_changes_nothing() -> None:
    """A translator that has seen all those heads reads the next one as one that has seen none."""
    seasoned = translator()
    for head in HEADS * 2:
        assert seasoned.translate(head) == translator().translate(head)


def test_a_head_that_differs_in_its_target_only_has_the_same_plan() -> None:
    """Clients repeat their fields: that is what HPACK lives on as well."""
    seasoned = translator()
    plan = seasoned.translate(HEADS[0])[2]
    assert seasoned.translate(HEADS[1])[2] is plan
    method, target, again = seasoned.translate(HEADS[2])
    assert (method, target) == (b"GET", b"/b?c")
    assert again is plan


@pytest.mark.parametrize(
    "line",
    [
        b"GET /x#y HTTP/1.1",
        b"GET  /x HTTP/1.1",
        b"GET * HTTP/1.1",
        b"TRACE /x HTTP/1.1",
        b"GET /x HTTP/1.1\r\nHost: app.test",
        b"GET /" + b"x" * 100 + b" HTTP/1.1",
    ],
)
def test_known_fields_do_not_excuse_a_bad_request_line(line: bytes) -> None:
    """The short way has to refuse whatever the long one refuses."""
    seasoned = translator()
    seasoned.translate(HEADS[0])
    with pytest.raises(RequestFault):
        seasoned.translate(line + HEADS[0][HEADS[0].index(b"\r\n") :])


def test_a_refused_head_is_refused_again() -> None:
    seasoned = translator()
    for _ in range(2):
        with pytest.raises(RequestFault):
            seasoned.translate(b"GET /x HTTP/1.1\r\n\r\n")
    assert seasoned.translate(HEADS[0]) == translator().translate(HEADS[0])


def test_a_translator_that_forgot_reads_anew() -> None:
    seasoned = translator()
    read = seasoned.translate(HEADS[0])
    seasoned.forget()
    again = seasoned.translate(HEADS[0])
    assert again == read
    assert again[2] is not read[2]


def test_a_line_of_exactly_the_limit_is_read_on_both_ways() -> None:
    """RFC 9112 3."""
    seasoned = translator()
    fields = HEADS[0][HEADS[0].index(b"\r\n") :]
    longest = b"GET /" + b"x" * (RULES.line_limit - len(b"GET / HTTP/1.1")) + b" HTTP/1.1"
    assert len(longest) == RULES.line_limit
    plan = seasoned.translate(longest + fields)[2]
    assert seasoned.translate(longest.replace(b"/x", b"/y") + fields)[2] is plan
