"""Small print of RFC 9112 and 9110 that real traffic hardly ever reaches and attackers do."""

from __future__ import annotations

import pytest

from antechamber.protocol.forwarded import Peer, Trust
from antechamber.protocol.framing import safe_trailers
from antechamber.protocol.http1 import is_host
from antechamber.protocol.translate import RequestRules, RequestTranslator


def _translator() -> RequestTranslator:
    rules = RequestRules.of(untrusted=frozenset(), pseudonym="edge", upgrades=frozenset(), default_host="a.test")
    return RequestTranslator(Peer("192.0.2.1", secure=False, trust=Trust()), rules)


@pytest.mark.parametrize(
    "name", [b"Transfer_Encoding", b"CONTENT_LENGTH", b"Max_Forwards", b"True_Client_IP", b"www-authenticate"]
)
def test_a_trailer_that_does_harm_does_so_with_underscores_as_well(name: bytes) -> None:
    """RFC 9110 6.5.1; CGI folds the two."""
    assert safe_trailers([(name, b"x"), (b"Server-Timing", b"db")]) == [(b"Server-Timing", b"db")]


@pytest.mark.parametrize(
    ("target", "forwarded"),
    [(b"http://a.test", b"*"), (b"http://a.test/", b"/"), (b"http://a.test?x", b"/?x"), (b"*", b"*")],
)
def test_options_on_a_url_without_a_path_asks_the_server_itself(target: bytes, forwarded: bytes) -> None:
    """RFC 9112 3.2.4 (MUST)."""
    translator = _translator()
    _, sent, _ = translator.translate(b"OPTIONS %b HTTP/1.1\r\nHost: a.test\r\n\r\n" % target)
    assert sent == forwarded


def test_a_large_head_is_not_remembered() -> None:
    """Else thousands of clients that send one each and stay would hold three times its size each."""
    seasoned = _translator()
    large = b"GET /x HTTP/1.1\r\nHost: app.test\r\nX: %b\r\n\r\n" % (b"x" * 60_000)
    first, second = seasoned.translate(large), seasoned.translate(large)
    assert first == second
    assert first is not second
    small = b"GET /x HTTP/1.1\r\nHost: app.test\r\n\r\n"
    assert seasoned.translate(small) is seasoned.translate(small)


@pytest.mark.parametrize("host", [b"[1]", b"[abc]", b"[1.2.3.4]", b"[]"])
def test_what_stands_in_brackets_is_an_ipv6_address(host: bytes) -> None:
    """RFC 3986 3.2.2; ``Forwarded`` would have to quote anything else in brackets."""
    assert not is_host(host)
    assert is_host(b"[::1]:80")
    assert is_host(b"[2001:db8::192.0.2.1]")
