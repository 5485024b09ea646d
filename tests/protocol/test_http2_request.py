"""Requests over HTTP/2 become HTTP/1.1 heads that mean the same, or nothing at all (RFC 9113 8, RFC 8441).

The table of what is refused is the one of downgrade smuggling: whatever could be read as a second line, a second field
or a second request in HTTP/1.1 (CVE-2021-36740, CVE-2021-21295, "HTTP/2: The Sequel is Always Worse") is malformed.
"""

from __future__ import annotations

import pytest

from antechamber.protocol.failure import RequestFault
from antechamber.protocol.http1 import parse_request_head
from antechamber.protocol.http2_request import Malformed, Request, request_of, trailers_of

Fields = list[tuple[bytes, bytes]]
TUNNELS = frozenset({b"websocket", b"other/1"})
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


def plain(*more: tuple[bytes, bytes], without: bytes = b"", **instead: bytes) -> Fields:
    """An ordinary request with ``more`` fields; ``instead`` has other pseudo-fields, ``without`` leaves one out."""
    values = {b":method": b"GET", b":scheme": b"https", b":authority": b"app.test", b":path": b"/"}
    values |= {b":" + name.encode(): value for name, value in instead.items()}
    values.pop(without, None)
    return [*values.items(), *more]


def post(*more: tuple[bytes, bytes]) -> Fields:
    return plain(*more, method=b"POST")


def connect(*more: tuple[bytes, bytes], protocol: bytes = b"websocket") -> Fields:
    return plain(*more, method=b"CONNECT", protocol=protocol)


def read(fields: Fields, *, ended: bool = True) -> Request:
    return request_of(fields, ended=ended, tunnels=TUNNELS, key=KEY)


MALFORMED: dict[str, Fields] = {
    "no method": plain(without=b":method"),
    "no scheme": plain(without=b":scheme"),
    "no path": plain(without=b":path"),
    "no authority and no host": plain(without=b":authority"),
    "an empty method": plain(method=b""),
    "an empty path": plain(path=b""),
    "an empty authority": plain(authority=b""),
    "a method with a space": plain(method=b"GET /admin HTTP/1.1\r\nX: "),
    "a method with a space only": plain(method=b"GET /admin"),
    "a method with a line end": plain(method=b"GET\r\n"),
    "a method with a tab": plain(method=b"GET\t/"),
    "a method beyond ASCII": plain(method=b"GET\xa0"),
    "a path with a space": plain(path=b"/ HTTP/1.1\r\nHost: evil"),
    "a path with a space only": plain(path=b"/a b"),
    "a path with a tab": plain(path=b"/a\tb"),
    "a path with a line end": plain(path=b"/\r\nX-Injected: 1"),
    "a path with a line feed": plain(path=b"/\n"),
    "a path with NUL": plain(path=b"/\x00"),
    "a path beyond ASCII": plain(path=b"/\xc3\xa4"),
    "a path with a fragment": plain(path=b"/a#b"),
    "a path that is a URL": plain(path=b"http://evil.test/"),
    "a path without a slash": plain(path=b"admin"),
    "a star for GET": plain(path=b"*"),
    "a path that begins with a query": plain(path=b"?a"),
    "a scheme that is none": plain(scheme=b"https\r\nX: 1"),
    "a scheme with a host": plain(scheme=b"http://evil.test/?"),
    "another scheme": plain(scheme=b"ftp"),
    "an authority with a path": plain(authority=b"app.test/admin"),
    "an authority with user information": plain(authority=b"user@app.test"),
    "an authority with a space": plain(authority=b"app.test evil"),
    "an authority with a line end": plain(authority=b"app.test\r\nX-Injected: 1"),
    "an authority with a bad port": plain(authority=b"app.test:99999"),
    "an authority with a list": plain(authority=b"app.test, evil.test"),
    "another host": plain((b"host", b"evil.test")),
    "two hosts": plain((b"host", b"app.test"), (b"host", b"app.test"), without=b":authority"),
    "two hosts that differ": plain((b"host", b"a.test"), (b"host", b"b.test")),
    "a host with a line end": plain((b"host", b"app.test\r\nX: 1"), without=b":authority"),
    "a path twice": [*plain(), (b":path", b"/admin")],
    "a method twice": [(b":method", b"GET"), *plain()],
    "a pseudo-field behind a field": [*plain(without=b":path"), (b"a", b"1"), (b":path", b"/")],
    "a pseudo-field behind a cookie": [*plain(without=b":path"), (b"cookie", b"1"), (b":path", b"/")],
    "an unknown pseudo-field": plain(unknown=b"1"),
    "a response's pseudo-field": plain(status=b"200"),
    "a protocol without CONNECT": plain(protocol=b"websocket"),
    "transfer-encoding": post((b"transfer-encoding", b"chunked")),
    "transfer-encoding beside a length": post((b"content-length", b"3"), (b"transfer-encoding", b"chunked")),
    "transfer-encoding with a tab": post((b"transfer-encoding", b"\tchunked")),
    "transfer-encoding in capitals": post((b"Transfer-Encoding", b"chunked")),
    "a name with transfer-encoding in it": post((b"x: 1\r\ntransfer-encoding", b"chunked")),
    "a value with transfer-encoding in it": post((b"x", b"1\r\ntransfer-encoding: chunked")),
    "a value with a second request in it": post((b"x", b"1\r\n\r\nGET /admin HTTP/1.1\r\nHost: app.test\r\n\r\n")),
    "connection": plain((b"connection", b"close")),
    "proxy-connection": plain((b"proxy-connection", b"close")),
    "keep-alive": plain((b"keep-alive", b"5")),
    "upgrade": plain((b"upgrade", b"websocket")),
    "te that is not trailers": plain((b"te", b"chunked")),
    "te with more": plain((b"te", b"trailers, gzip")),
    "a name in capitals": plain((b"X-Name", b"1")),
    "a name with a space": plain((b"a b", b"1")),
    "a name with a space behind": plain((b"content-length ", b"1")),
    "a name with a colon": plain((b"a:b", b"1")),
    "a name with a colon behind": plain((b"transfer-encoding:", b"chunked")),
    "a name with a line end": plain((b"a\r\nb", b"1")),
    "a name with NUL": plain((b"a\x00", b"1")),
    "a name beyond ASCII": plain((b"a\xe9", b"1")),
    "an empty name": plain((b"", b"1")),
    "a value with a carriage return": plain((b"a", b"1\r")),
    "a value with a line feed": plain((b"a", b"1\nb: 2")),
    "a value with NUL": plain((b"a", b"1\x00")),
    "a value with an escape": plain((b"a", b"\x1b[2J")),
    "a value with DEL": plain((b"a", b"\x7f")),
    "a value with a space before it": plain((b"a", b" 1")),
    "a value with a tab behind it": plain((b"a", b"1\t")),
    "a cookie with a line end": plain((b"cookie", b"a=1\r\nb: 2")),
    "a length that is no number": post((b"content-length", b"+3")),
    "a length in hexadecimal": post((b"content-length", b"0x3")),
    "an empty length": post((b"content-length", b"")),
    "a length with a list": post((b"content-length", b"3, 3")),
    "two lengths": post((b"content-length", b"3"), (b"content-length", b"4")),
    "the same length twice": post((b"content-length", b"3"), (b"content-length", b"3")),
    "a length of 30 digits": post((b"content-length", b"1" * 30)),
    "a length and nothing behind it": post((b"content-length", b"3")),
    "CONNECT with a path": plain(method=b"CONNECT", without=b":scheme"),
    "CONNECT with a scheme": plain(method=b"CONNECT", without=b":path"),
    "a tunnel without a path": [field for field in connect() if field[0] != b":path"],
    "a tunnel that has ended": connect(),
}


@pytest.mark.parametrize("fields", MALFORMED.values(), ids=MALFORMED)
def test_what_would_be_read_otherwise_in_http11_is_malformed(fields: Fields) -> None:
    with pytest.raises(Malformed):
        read(fields)


@pytest.mark.parametrize(
    "fields",
    [
        connect((b"content-length", b"0")),
        plain(method=b"CONNECT", path=b"", protocol=b"websocket"),
        plain(method=b"CONNECT", protocol=b"websocket", scheme=b"ws"),
    ],
)
def test_a_tunnel_that_could_not_be_one_is_malformed(fields: Fields) -> None:
    with pytest.raises(Malformed):
        read(fields, ended=False)


ORDINARY: dict[str, tuple[Fields, bytes]] = {
    "a page": (plain((b"accept", b"*/*")), b"GET / HTTP/1.1\r\nhost: app.test\r\naccept: */*\r\n\r\n"),
    "a query": (plain(path=b"/a?b=c%20d"), b"GET /a?b=c%20d HTTP/1.1\r\nhost: app.test\r\n\r\n"),
    "all of a server": (plain(method=b"OPTIONS", path=b"*"), b"OPTIONS * HTTP/1.1\r\nhost: app.test\r\n\r\n"),
    "an authority with a port": (plain(authority=b"[::1]:8443"), b"GET / HTTP/1.1\r\nhost: [::1]:8443\r\n\r\n"),
    "a host instead of an authority": (
        plain((b"a", b"1"), (b"host", b"app.test"), without=b":authority"),
        b"GET / HTTP/1.1\r\nhost: app.test\r\na: 1\r\n\r\n",
    ),
    "a host beside its authority": (plain((b"host", b"app.test")), b"GET / HTTP/1.1\r\nhost: app.test\r\n\r\n"),
    "http": (plain(scheme=b"http"), b"GET / HTTP/1.1\r\nhost: app.test\r\n\r\n"),
    "an empty value": (plain((b"a", b"")), b"GET / HTTP/1.1\r\nhost: app.test\r\na: \r\n\r\n"),
    "cookies in crumbs": (
        plain((b"cookie", b"a=1"), (b"b", b"2"), (b"cookie", b"c=3")),
        b"GET / HTTP/1.1\r\nhost: app.test\r\nb: 2\r\ncookie: a=1; c=3\r\n\r\n",
    ),
    "trailers are taken": (plain((b"te", b"Trailers")), b"GET / HTTP/1.1\r\nhost: app.test\r\nte: Trailers\r\n\r\n"),
    "CONNECT, which is refused later": (
        [(b":method", b"CONNECT"), (b":authority", b"db.test:5432")],
        b"CONNECT db.test:5432 HTTP/1.1\r\nhost: db.test:5432\r\n\r\n",
    ),
}


@pytest.mark.parametrize(("fields", "head"), ORDINARY.values(), ids=ORDINARY)
def test_a_request_without_content_is_one_head(fields: Fields, head: bytes) -> None:
    request = read(fields)
    assert request.head == head
    assert (request.length, request.chunked, request.tunnel) == (None, False, b"")
    assert parse_request_head(head, line_limit=1000, count_limit=10).method == request.method


def test_content_of_known_length_keeps_it() -> None:
    request = read(post((b"content-length", b"3")), ended=False)
    assert (request.length, request.chunked) == (3, False)
    assert request.head == b"POST / HTTP/1.1\r\nhost: app.test\r\ncontent-length: 3\r\n\r\n"


def test_content_of_unknown_length_is_chunked() -> None:
    request = read(post(), ended=False)
    assert (request.length, request.chunked) == (None, True)
    assert request.head == b"POST / HTTP/1.1\r\nhost: app.test\r\ntransfer-encoding: chunked\r\n\r\n"


def test_a_websocket_is_an_upgrade_with_a_key_of_ours() -> None:
    """RFC 8441 5: key and accept have no meaning over HTTP/2, so a client's is not passed on."""
    mine = [(b"sec-websocket-version", b"13"), (b"sec-websocket-key", b"theirs"), (b"origin", b"https://app.test")]
    request = read(connect(*mine, protocol=b"WebSocket"), ended=False)
    assert (request.method, request.tunnel) == (b"CONNECT", b"websocket")
    assert request.head == (
        b"GET / HTTP/1.1\r\nhost: app.test\r\nsec-websocket-version: 13\r\norigin: https://app.test\r\n"
        b"connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: " + KEY + b"\r\n\r\n"
    )


def test_another_protocol_that_is_relayed_gets_no_key() -> None:
    request = read(connect(protocol=b"other/1"), ended=False)
    assert request.head == b"GET / HTTP/1.1\r\nhost: app.test\r\nconnection: Upgrade\r\nupgrade: other/1\r\n\r\n"


def test_a_protocol_that_is_not_relayed_has_an_answer() -> None:
    """RFC 9220 3 has 501 for it; the policy's list of tokens decides."""
    with pytest.raises(RequestFault) as refused:
        read(connect(protocol=b"connect-udp"), ended=False)
    assert refused.value.status == 501


def test_trailers_are_field_lines() -> None:
    assert trailers_of([(b"a", b"1"), (b"cookie", b"2")]) == b"a: 1\r\ncookie: 2\r\n"
    assert trailers_of([]) == b""


@pytest.mark.parametrize(
    "field", [(b":path", b"/"), (b"A", b"1"), (b"a", b"1\r\n\r\nGET /"), (b"transfer-encoding", b"chunked")]
)
def test_trailers_are_judged_as_fields_are(field: tuple[bytes, bytes]) -> None:
    with pytest.raises(Malformed):
        trailers_of([field])
