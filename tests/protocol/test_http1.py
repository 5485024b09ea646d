"""HTTP/1.1 message heads, octet by octet: what is read, what is refused and with which words (RFC 9112 2 to 5)."""

from __future__ import annotations

import pytest

from antechamber.protocol.failure import Failure, RequestFault, ResponseFault
from antechamber.protocol.http1 import (
    Field,
    RequestHead,
    ResponseHead,
    hopeless,
    is_field_section,
    is_host,
    parse_fields,
    parse_request_head,
    parse_response_head,
    serialise,
    skip_empty_lines,
    split_absolute,
    split_request_line,
)
from tests.protocol.deliveries import Delivery, collect_head

HOST = (b"Host", b"app.test")

READ: dict[str, tuple[bytes, RequestHead]] = {
    "origin form": (
        b"GET /api/event?since=7 HTTP/1.1\r\nHost: app.test\r\n\r\n",
        RequestHead(b"GET", b"/api/event?since=7", 1, [HOST]),
    ),
    "HTTP/1.0 without a field": (b"GET / HTTP/1.0\r\n\r\n", RequestHead(b"GET", b"/", 0, [])),
    "absolute form": (
        b"GET http://app.test/x HTTP/1.1\r\nHost: app.test\r\n\r\n",
        RequestHead(b"GET", b"http://app.test/x", 1, [HOST]),
    ),
    "asterisk form": (
        b"OPTIONS * HTTP/1.1\r\nHost: app.test\r\n\r\n",
        RequestHead(b"OPTIONS", b"*", 1, [HOST]),
    ),
    "a method nobody registered, of every kind of token character": (
        b"!#$%&'*+-.^_`|~0aZ / HTTP/1.1\r\nHost: app.test\r\n\r\n",
        RequestHead(b"!#$%&'*+-.^_`|~0aZ", b"/", 1, [HOST]),
    ),
    "a target with characters that URLs do not have but browsers send": (
        b'GET /a"<>\\^`{|}~b HTTP/1.1\r\nHost: app.test\r\n\r\n',
        RequestHead(b"GET", b'/a"<>\\^`{|}~b', 1, [HOST]),
    ),
    "no white space before the value": (
        b"GET / HTTP/1.1\r\nHost:a\r\n\r\n",
        RequestHead(b"GET", b"/", 1, [(b"Host", b"a")]),
    ),
    "tabs and spaces around the value, and inside it": (
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \t one \t two \t \r\n\r\n",
        RequestHead(b"GET", b"/", 1, [(b"Host", b"a"), (b"X", b"one \t two")]),
    ),
    "an empty value, and one of white space only": (
        b"GET / HTTP/1.1\r\nX:\r\nY: \t\r\n\r\n",
        RequestHead(b"GET", b"/", 1, [(b"X", b""), (b"Y", b"")]),
    ),
    "colons and octets above 127 in a value": (
        b"GET / HTTP/1.1\r\nX: a:b:\xc3\xa4\xff\r\n\r\n",
        RequestHead(b"GET", b"/", 1, [(b"X", b"a:b:\xc3\xa4\xff")]),
    ),
    "the order, the spelling and the repetition of fields": (
        b"GET / HTTP/1.1\r\nb: 1\r\nA: 2\r\nB: 3\r\n\r\n",
        RequestHead(b"GET", b"/", 1, [(b"b", b"1"), (b"A", b"2"), (b"B", b"3")]),
    ),
}

REFUSED: dict[str, tuple[bytes, int, str]] = {
    "no version (HTTP/0.9)": (b"GET /\r\n\r\n", 400, "method, one space, target, one space, version"),
    "two spaces before the target": (b"GET  / HTTP/1.1\r\n\r\n", 400, "one space"),
    "two spaces before the version": (b"GET /  HTTP/1.1\r\n\r\n", 400, "one space"),
    "a space at the end of the line": (b"GET / HTTP/1.1 \r\n\r\n", 400, "one space"),
    "a tab for a space": (b"GET\t/ HTTP/1.1\r\n\r\n", 400, "one space"),
    "a space inside the target": (b"GET /a b HTTP/1.1\r\n\r\n", 400, "one space"),
    "an empty target": (b"GET  HTTP/1.1\r\n\r\n", 400, "the request target"),
    "a method with a separator": (b"G(T / HTTP/1.1\r\n\r\n", 400, "the method is not a token"),
    "a method with an octet above 127": (b"G\xc9T / HTTP/1.1\r\n\r\n", 400, "the method is not a token"),
    "a fragment in the target": (b"GET /a#b HTTP/1.1\r\n\r\n", 400, "percent-encoded"),
    "an octet above 127 in the target": (b"GET /\xc3\xa4 HTTP/1.1\r\n\r\n", 400, "percent-encoded"),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\n\r\n", 505, "only HTTP/1.1 and HTTP/1.0"),
    "the HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\n", 505, "only HTTP/1.1 and HTTP/1.0"),
    "HTTP/0.9 in words": (b"GET / HTTP/0.9\r\n\r\n", 505, "only HTTP/1.1 and HTTP/1.0"),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n\r\n", 400, "the version"),
    "HTTP/1.10": (b"GET / HTTP/1.10\r\n\r\n", 400, "the version"),
    "a version in small letters": (b"GET / http/1.1\r\n\r\n", 400, "the version"),
    "another protocol's name": (b"GET / ICY/1.1\r\n\r\n", 400, "the version"),
    "a NUL in the target": (b"GET /\x00 HTTP/1.1\r\n\r\n", 400, "control characters"),
    "a DEL in a value": (b"GET / HTTP/1.1\r\nX: \x7f\r\n\r\n", 400, "control characters"),
    "a vertical tab in a value": (b"GET / HTTP/1.1\r\nX: a\x0bb\r\n\r\n", 400, "control characters"),
    "a bare line feed behind a field": (b"GET / HTTP/1.1\r\nX: a\nY: b\r\n\r\n", 400, "bare line ends"),
    "a bare line feed behind the request line": (b"GET / HTTP/1.1\nX: a\r\n\r\n", 400, "bare line ends"),
    "a bare carriage return in a value": (b"GET / HTTP/1.1\r\nX: a\rY: b\r\n\r\n", 400, "bare line ends"),
    "two carriage returns": (b"GET / HTTP/1.1\r\nX: a\r\r\n\r\n", 400, "bare line ends"),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "header line 1 is malformed"),
    "a folded line": (b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", 400, "header line 2 is malformed"),
    "white space before the first field": (b"GET / HTTP/1.1\r\n X: a\r\n\r\n", 400, "header line 1 is malformed"),
    "no colon": (b"GET / HTTP/1.1\r\nA: b\r\nB: c\r\nhello\r\n\r\n", 400, "header line 3 is malformed"),
    "no name": (b"GET / HTTP/1.1\r\n: a\r\n\r\n", 400, "header line 1 is malformed"),
    "a separator in the name": (b"GET / HTTP/1.1\r\nX(y): a\r\n\r\n", 400, "header line 1 is malformed"),
    "an octet above 127 in the name": (b"GET / HTTP/1.1\r\nX\xff: a\r\n\r\n", 400, "header line 1 is malformed"),
}


def read(block: bytes, *, line_limit: int = 8192, count_limit: int = 100) -> RequestHead:
    return parse_request_head(block, line_limit=line_limit, count_limit=count_limit)


@pytest.mark.parametrize("delivery", Delivery)
@pytest.mark.parametrize(("octets", "head"), READ.values(), ids=READ)
def test_a_valid_request_head_is_read_as_it_stands(octets: bytes, head: RequestHead, delivery: Delivery) -> None:
    """RFC 9112 2.2, 3, 5: no beginning of a valid head may look hopeless, and nothing behind it is touched."""
    collected = collect_head(octets, delivery)
    assert collected.hopeless == ""
    assert collected.rest == delivery.behind
    assert read(collected.block) == head


@pytest.mark.parametrize(("octets", "head"), READ.values(), ids=READ)
def test_a_head_that_is_written_reads_back_as_the_same(octets: bytes, head: RequestHead) -> None:
    """What leaves is canonical: one space, no white space around values, and no other reading than ours."""
    line = b"%b %b HTTP/1.%d" % (head.method, head.target, head.minor)
    written = serialise(line, head.fields)
    assert read(written) == head
    assert serialise(line, read(written).fields) == written


@pytest.mark.parametrize("delivery", Delivery)
@pytest.mark.parametrize(("octets", "status", "words"), REFUSED.values(), ids=REFUSED)
def test_what_the_grammar_does_not_allow_is_refused_with_its_reason(
    octets: bytes, status: int, words: str, delivery: Delivery
) -> None:
    """RFC 9112 2.2, 3, 5.1: nothing is repaired, since the next parser might repair it in another way."""
    collected = collect_head(octets, delivery)
    if collected.block:
        with pytest.raises(RequestFault) as caught:
            read(collected.block)
        assert caught.value.status == status
        assert words in caught.value.detail
    else:
        assert collected.hopeless, "neither complete nor hopeless: a client would wait for the timeout"


def test_the_request_line_has_a_limit_of_its_own() -> None:
    """RFC 9112 3: 414 for a target that is longer than the server wishes to parse. The limit itself is allowed."""
    line = b"GET /abc HTTP/1.1"
    octets = line + b"\r\nHost: a\r\n\r\n"
    assert read(octets, line_limit=len(line)).target == b"/abc"
    with pytest.raises(RequestFault, match=f"longer than {len(line) - 1} bytes") as caught:
        read(octets, line_limit=len(line) - 1)
    assert caught.value.status == 414


def test_the_number_of_fields_has_a_limit() -> None:
    """RFC 6585 5. Many small fields cost more than their octets."""
    octets = b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 3 + b"\r\n"
    assert len(read(octets, count_limit=3).fields) == 3
    with pytest.raises(RequestFault, match="more than 2 header fields") as caught:
        read(octets, count_limit=2)
    assert caught.value.status == 431


@pytest.mark.parametrize(
    "octets", [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n."]
)
def test_only_a_whole_head_and_nothing_else_is_one(octets: bytes) -> None:
    """A driver that cuts in the wrong place gets a refusal, not half a head."""
    with pytest.raises(RequestFault):
        read(octets)


def test_the_request_line_alone_can_be_split() -> None:
    assert split_request_line(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n") == (b"GET", b"/x", 1, 17)
    assert split_request_line(b"GET /x HTTP/1.0\r\n\r\n") == (b"GET", b"/x", 0, 17)
    assert split_request_line(b"GET  /x HTTP/1.1\r\n\r\n") is None


HOPELESS: dict[str, tuple[bytes, str]] = {
    "a TLS hello": (b"\x16\x03\x01\x02\x00", "not HTTP/1.1"),
    "a space first": (b" GET /", "not HTTP/1.1"),
    "a colon first": (b": a", "not HTTP/1.1"),
    "lines that end in a bare line feed": (b"GET / HTTP/1.1\nHost: a\n\n", "bare line ends"),
    "a carriage return without its line feed": (b"GET / HTTP/1.1\rHost", "bare line ends"),
    "a NUL in a field": (b"GET / HTTP/1.1\r\nX: \x00", "control characters"),
    "HTTP/0.9, which sends nothing behind its line": (b"GET /x\r\n", "one space, version"),
    "an empty line where only a request line may come": (b"\r\n", "one space, version"),
}


@pytest.mark.parametrize(("start", "words"), HOPELESS.values(), ids=HOPELESS)
def test_a_start_that_can_never_become_a_request_is_told_at_once(start: bytes, words: str) -> None:
    """Whole and octet by octet: a peer that speaks something else must not wait for the head timeout."""
    assert words in hopeless(start, 0)
    assert any(words in hopeless(start[:end], end - 1) for end in range(1, len(start) + 1))


def test_a_carriage_return_at_the_end_of_what_came_is_no_fault_yet() -> None:
    assert hopeless(b"GET / HTTP/1.1\r", 0) == ""
    assert hopeless(b"\r", 0) == ""


@pytest.mark.parametrize("line", [b"GET / HTTP/2.0\r\n", b"GET / HTTP/1.2\r\n", b"GET /\xc3\xa4 HTTP/1.1\r\n"])
def test_a_request_line_that_has_an_answer_of_its_own_waits_for_the_rest_of_its_head(line: bytes) -> None:
    """Otherwise a client whose head comes in two pieces would be told 400 where it is told 505 in one."""
    assert hopeless(line, 0) == ""


def test_a_few_empty_lines_before_a_request_are_skipped() -> None:
    """RFC 9112 2.2: at least one; but not so many that a flood of them is free."""
    assert skip_empty_lines(b"GET") == b"GET"
    assert skip_empty_lines(b"\r\nGET") == b"GET"
    assert skip_empty_lines(b"\r\n" * 4 + b"GET") == b"GET"
    assert skip_empty_lines(b"\r\n" * 5 + b"GET") == b"\r\nGET"
    assert skip_empty_lines(b"\nGET") == b"\nGET"


def test_what_was_looked_at_is_not_looked_at_again() -> None:
    """``scanned`` makes the work linear: only the last octet before it is seen once more, for a line end cut in two."""
    start = b"GET /\x00 HTTP/1.1\r\nHost"
    assert hopeless(start, 0)
    assert hopeless(start, len(start)) == ""
    assert hopeless(b"GET / HTTP/1.1\r" + b"X", len(b"GET / HTTP/1.1\r"))


ANSWERS: dict[str, tuple[bytes, ResponseHead]] = {
    "a reason": (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", ResponseHead(200, b"OK", 1, [(b"A", b"b")])),
    "a reason of several words, with obs-text": (
        b"HTTP/1.1 404 Not \xe4 Found\r\n\r\n",
        ResponseHead(404, b"Not \xe4 Found", 1, []),
    ),
    "an empty reason": (b"HTTP/1.1 204 \r\n\r\n", ResponseHead(204, b"", 1, [])),
    "no reason and no space either": (b"HTTP/1.1 204\r\n\r\n", ResponseHead(204, b"", 1, [])),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\n", ResponseHead(200, b"OK", 0, [])),
    "an interim response": (
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        ResponseHead(103, b"Early Hints", 1, [(b"Link", b"</a>")]),
    ),
}


@pytest.mark.parametrize("behind", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["alone", "with more behind"])
@pytest.mark.parametrize(("octets", "head"), ANSWERS.values(), ids=ANSWERS)
def test_a_valid_response_head_is_read_as_it_stands(octets: bytes, head: ResponseHead, behind: bytes) -> None:
    """RFC 9112 4: the reason phrase may be empty, and clients meet servers that leave out its space too."""
    block, end, rest = (octets + behind).partition(b"\r\n\r\n")
    assert parse_response_head(block + end, count_limit=100) == head
    assert rest == behind


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 099 Low\r\n\r\n",
        b"HTTP/1.1 2000 High\r\n\r\n",
        b"HTTP/1.1 20x OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.2 200 OK\r\n\r\n",
        b"http/1.1 200 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 200 O\x00K\r\n\r\n",
        b"HTTP/1.1 200 OK\nA: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
    ],
)
def test_a_malformed_response_head_is_a_protocol_error(octets: bytes) -> None:
    """RFC 9112 5.1 lets a proxy repair white space before a colon; refusing is simpler and no app sends it."""
    with pytest.raises(ResponseFault) as caught:
        parse_response_head(octets, count_limit=100)
    assert caught.value.failure is Failure.PROTOCOL_ERROR


def test_the_number_of_fields_in_a_response_has_a_limit() -> None:
    octets = b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 3 + b"\r\n"
    assert len(parse_response_head(octets, count_limit=3).fields) == 3
    with pytest.raises(ResponseFault) as caught:
        parse_response_head(octets, count_limit=2)
    assert caught.value.failure is Failure.RESPONSE_HEADER_SIZE


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        (b"", []),
        (b"A:b\r\n", [(b"A", b"b")]),
        (b"A: b \r\nC:\td\t\r\n", [(b"A", b"b"), (b"C", b"d")]),
    ],
)
def test_a_field_section_is_split_without_the_white_space_around_values(section: bytes, fields: list[Field]) -> None:
    """RFC 9112 5.1."""
    assert is_field_section(section)
    assert parse_fields(section) == fields


@pytest.mark.parametrize(
    "section", [b"A", b"A: b", b"A : b\r\n", b"A: b\r\n c\r\n", b"A: b\n", b"\r\n", b"A: \x00\r\n"]
)
def test_what_is_no_field_section_is_not_taken_for_one(section: bytes) -> None:
    assert not is_field_section(section)


@pytest.mark.parametrize(
    "value",
    [
        b"a",
        b"app.test",
        b"app.test:8080",
        b"app.test:",
        b"127.0.0.1:1",
        b"[::1]",
        b"[::1]:65535",
        b"[::ffff:1.2.3.4]",
        b"a_b~c",
        b"A",
    ],
)
def test_a_host_with_or_without_port_is_one(value: bytes) -> None:
    """RFC 9112 3.2; RFC 3986 3.2.2 and 3.2.3 (an empty port is allowed)."""
    assert is_host(value)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b":80",
        b"a:65536",
        b"a:123456",
        b"a:x",
        b"a b",
        b"a,b",
        b"user@a",
        b"a/b",
        b"::1",
        b"[::1",
        b"[::1]x",
        b"a\xff",
        b"[]",
        b"[:::::]",
        b"[1:2]",
        b"[::1.2.3.400]",
        b"[fe80::1%25eth0]",
    ],
)
def test_what_is_no_host_is_not_taken_for_one(value: bytes) -> None:
    """A comma would be two hosts for one reader and one for the next; ``user@`` is another host for a URL parser."""
    assert not is_host(value)


@pytest.mark.parametrize(
    ("target", "authority", "path"),
    [
        (b"http://app.test/x?y", b"app.test", b"/x?y"),
        (b"HTTP://app.test:80/", b"app.test:80", b"/"),
        (b"https://[::1]:1/x", b"[::1]:1", b"/x"),
        (b"http://app.test", b"app.test", b"/"),
        (b"http://app.test?x", b"app.test", b"/?x"),
    ],
)
def test_an_absolute_target_parts_into_authority_and_path(target: bytes, authority: bytes, path: bytes) -> None:
    """RFC 9112 3.2.2: the authority replaces whatever ``Host`` says."""
    assert split_absolute(target) == (authority, path)


@pytest.mark.parametrize(
    "target", [b"app.test:443", b"ftp://a/", b"http:///x", b"http://user@a/", b"http:/a", b"x", b"*"]
)
def test_any_other_target_is_refused(target: bytes) -> None:
    with pytest.raises(RequestFault) as caught:
        split_absolute(target)
    assert caught.value.status == 400
