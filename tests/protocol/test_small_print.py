"""Small print of RFC 9112 and 9110 that real traffic hardly ever reaches and attackers do."""

from __future__ import annotations

import pytest

from antechamber.protocol.forwarded import Peer, Trust
from antechamber.protocol.framing import safe_trailers
from antechamber.protocol.http1 import is_host
from antechamber.protocol.translate import RequestRules, RequestTranslator


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
    rules = RequestRules.of(untrusted=frozenset(), pseudonym="edge", upgrades=frozenset(), default_host="a.test")
    translator = RequestTranslator(Peer("192.0.2.1", secure=False, trust=Trust()), rules)
    _, sent, _ = translator.translate(b"OPTIONS %b HTTP/1.1\r\nHost: a.test\r\n\r\n" % target)
    assert sent == forwarded


@pytest.mark.parametrize("host", [b"[1]", b"[abc]", b"[1.2.3.4]", b"[]"])
def test_what_stands_in_brackets_is_an_ipv6_address(host: bytes) -> None:
    """RFC 3986 3.2.2; ``Forwarded`` would have to quote anything else in brackets."""
    assert not is_host(host)
    assert is_host(b"[::1]:80")
    assert is_host(b"[2001:db8::192.0.2.1]")
