"""Who the client is and what the app is told about it: RFC 7239, and ``X-Forwarded-*`` by convention."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from antechamber.protocol.forwarded import MAX_CHAIN, Network, Peer, Trust, parse_address
from antechamber.protocol.http1 import Field, parse_fields

NETWORKS: tuple[Network, ...] = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
PROXIES = Trust(NETWORKS)


def xff(value: bytes) -> Field:
    return (b"X-Forwarded-For", value)


def told(
    *claims: Field,
    address: str = "10.0.0.1",
    secure: bool = False,
    trust: Trust = PROXIES,
    host: bytes = b"app.test",
) -> dict[bytes, bytes]:
    """The field lines of a request, by name."""
    block = Peer(address, secure=secure, trust=trust).tell(host, list(claims)).block
    fields = parse_fields(block)
    assert len(dict(fields)) == len(fields) == 5, "five lines, each once"
    return dict(fields)


def client(*claims: Field, address: str = "10.0.0.1") -> str:
    return Peer(address, secure=False, trust=PROXIES).tell(b"app.test", list(claims)).client


# Addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1\t", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("192.0.2.1:_gazonk", "192.0.2.1"),
        ("[2001:db8::1]:_gaz.onk-1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_an_address_is_read_in_all_the_forms_that_chains_hold(text: str, address: str) -> None:
    """RFC 7239 6; a mapped IPv4 address is the IPv4 address (RFC 4291 2.5.5.2)."""
    assert parse_address(text) == ip_address(address)


@pytest.mark.parametrize(
    "text",
    [
        *("", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4/8", "::g", "0x7f.1", "a b"),
        *(
            "[::1",
            "[::1]x",
            "::1]",
            "[[::1]]",
            "1.2.3.4:",
            "1.2.3.4:x",
            "1.2.3.4:123456",
            "[::1]:",
            "[]",
            "[unknown]:1",
        ),
        pytest.param("[::1]" + "0" * 60_000, id="longer than any"),
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    """RFC 7239 6.2 and 6.3: ``unknown`` and obfuscated identifiers say nothing about trust."""
    assert parse_address(text) is None


# A peer that is not trusted


def test_a_stranger_is_told_of_as_the_client_whatever_it_claims() -> None:
    fields = told(
        xff(b"203.0.113.9"),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-Forwarded-Host", b"evil.test"),
        (b"X-Real-IP", b"203.0.113.9"),
        (b"Forwarded", b"for=203.0.113.9;proto=https;host=evil.test"),
        address="198.51.100.7",
    )
    assert fields == {
        b"X-Forwarded-For": b"198.51.100.7",
        b"X-Forwarded-Proto": b"http",
        b"X-Forwarded-Host": b"app.test",
        b"X-Real-IP": b"198.51.100.7",
        b"Forwarded": b"for=198.51.100.7;host=app.test;proto=http",
    }


def test_without_trusted_networks_nobody_is_trusted() -> None:
    assert told(xff(b"203.0.113.9"), trust=Trust())[b"X-Forwarded-For"] == b"10.0.0.1"


def test_a_connection_with_tls_is_https() -> None:
    assert told(secure=True, trust=Trust())[b"X-Forwarded-Proto"] == b"https"


def test_a_unix_socket_has_no_address_and_no_trust() -> None:
    """RFC 7239 6.2: what is not known is called so."""
    fields = told(xff(b"203.0.113.9"), address="")
    assert fields[b"X-Forwarded-For"] == b"unknown"
    assert fields[b"Forwarded"] == b"for=unknown;host=app.test;proto=http"


def test_an_ipv6_client_is_bracketed_and_quoted_where_the_grammar_wants_it() -> None:
    """RFC 7239 6: in ``Forwarded`` an IPv6 address stands in brackets and in quotes; a host with a port in quotes."""
    fields = told(address="2001:db8::1", host=b"app.test:8080")
    assert fields[b"X-Forwarded-For"] == b"2001:db8::1"
    assert fields[b"X-Real-IP"] == b"2001:db8::1"
    assert fields[b"Forwarded"] == b'for="[2001:db8::1]";host="app.test:8080";proto=http'


# A trusted proxy


@pytest.mark.parametrize(
    ("chain", "forwarded_for"),
    [
        (b"203.0.113.9", b"203.0.113.9, 10.0.0.1"),
        (b"203.0.113.9, 10.0.0.2", b"203.0.113.9, 10.0.0.2, 10.0.0.1"),
        (b"1.2.3.4, 203.0.113.9, 10.0.0.2", b"203.0.113.9, 10.0.0.2, 10.0.0.1"),
        (b"10.0.0.9, 203.0.113.9", b"203.0.113.9, 10.0.0.1"),
        (b"10.0.0.3,10.0.0.2", b"10.0.0.3, 10.0.0.2, 10.0.0.1"),
        (b"203.0.113.9:55555, [fd00::2]:80", b"203.0.113.9, fd00::2, 10.0.0.1"),
        (b"1.2.3.4, garbage, 10.0.0.2", b"10.0.0.2, 10.0.0.1"),
        (b"1.2.3.4, unknown", b"10.0.0.1"),
        (b"", b"10.0.0.1"),
        (b" , ,203.0.113.9,, ", b"203.0.113.9, 10.0.0.1"),
        (b"\xff\xfe", b"10.0.0.1"),
    ],
)
def test_the_chain_is_walked_from_the_right_up_to_the_first_stranger(chain: bytes, forwarded_for: bytes) -> None:
    """What stands left of the first untrusted address was written by it; a malformed element ends the walk."""
    fields = told(xff(chain))
    assert fields[b"X-Forwarded-For"] == forwarded_for
    assert fields[b"X-Real-IP"] == forwarded_for.split(b", ")[0]


def test_a_chain_in_several_lines_is_one_chain() -> None:
    """RFC 9110 5.3."""
    assert client(xff(b"1.2.3.4"), (b"x-forwarded-for", b"203.0.113.9"), xff(b"10.0.0.2")) == "203.0.113.9"


def test_a_very_long_chain_costs_no_more_than_a_long_one() -> None:
    forwarded_for = told(xff(b", ".join([b"10.9.9.9"] * 5000)))[b"X-Forwarded-For"]
    assert forwarded_for.count(b",") == MAX_CHAIN


@pytest.mark.parametrize(
    ("claim", "proto"),
    [
        (b"https", b"https"),
        (b"HTTPS", b"https"),
        (b"http", b"http"),
        (b"wss", b"https"),
        (b"ws", b"http"),
        (b"https, http", b"https"),
        (b"gopher", b"http"),
        (b"", b"http"),
        (b'https"; drop', b"http"),
    ],
)
def test_the_scheme_is_what_the_outermost_trusted_proxy_saw(claim: bytes, proto: bytes) -> None:
    """Four words are understood; Traefik says ``wss`` on upgrades, where apps that compare origins expect ``https``."""
    assert told((b"X-Forwarded-Proto", claim))[b"X-Forwarded-Proto"] == proto


@pytest.mark.parametrize(
    ("claim", "host"),
    [
        (b"public.test", b"public.test"),
        (b"public.test:8443", b"public.test:8443"),
        (b"public.test, inner.test", b"public.test"),
        (b"a b", b"app.test"),
        (b"user@public.test", b"app.test"),
        (b"", b"app.test"),
    ],
)
def test_the_host_is_the_outer_one_if_it_is_a_host_at_all(claim: bytes, host: bytes) -> None:
    assert told((b"X-Forwarded-Host", claim))[b"X-Forwarded-Host"] == host


@pytest.mark.parametrize(
    ("chain", "claim", "host"),
    [
        (b"203.0.113.9", b"evil.test, public.test", b"public.test"),
        (b"203.0.113.9, 10.0.0.2", b"public.test, inner.test", b"public.test"),
        (b"203.0.113.9, 10.0.0.2", b"evil.test, public.test, inner.test", b"public.test"),
        (b"1.2.3.4, 203.0.113.9", b"evil.test, public.test", b"public.test"),
        (b"203.0.113.9, 10.0.0.2", b"public.test", b"public.test"),
        (b"_hidden", b"evil.test, public.test", b"public.test"),
    ],
)
def test_what_stands_before_the_word_of_the_outermost_trusted_proxy_is_the_clients(
    chain: bytes, claim: bytes, host: bytes
) -> None:
    """Apache appends to the ``X-Forwarded-Host`` that a client sent, and the app would make its links with it."""
    proto = claim.replace(b"evil.test", b"http").replace(b"public.test", b"https").replace(b"inner.test", b"http")
    fields = told(xff(chain), (b"X-Forwarded-Host", claim), (b"X-Forwarded-Proto", proto))
    assert fields[b"X-Forwarded-Host"] == host
    assert fields[b"X-Forwarded-Proto"] == b"https"


def test_a_public_origin_decides_for_good() -> None:
    trust = Trust(NETWORKS, b"https", b"public.test")
    for claims in ([], [(b"X-Forwarded-Proto", b"http"), (b"X-Forwarded-Host", b"other.test")]):
        fields = told(*claims, trust=trust)
        assert (fields[b"X-Forwarded-Proto"], fields[b"X-Forwarded-Host"]) == (b"https", b"public.test")
        assert fields[b"Forwarded"].endswith(b"host=public.test;proto=https")


@pytest.mark.parametrize(
    ("value", "forwarded_for", "proto", "host"),
    [
        (b"for=203.0.113.9;proto=https;host=public.test", b"203.0.113.9, 10.0.0.1", b"https", b"public.test"),
        (b"For=203.0.113.9 , for=10.0.0.2;proto=https", b"203.0.113.9, 10.0.0.2, 10.0.0.1", b"https", b"app.test"),
        (b'for="[2001:db8::1]:4711";by=10.0.0.2', b"2001:db8::1, 10.0.0.1", b"http", b"app.test"),
        (b'for="203.0.113\\.9"', b"203.0.113.9, 10.0.0.1", b"http", b"app.test"),
        (b"proto=https;proto=http;host=a.test;host=b.test", b"10.0.0.1", b"https", b"a.test"),
        (b"for=_hidden, for=10.0.0.2", b"10.0.0.2, 10.0.0.1", b"http", b"app.test"),
        (b"proto=http;host=evil.test, for=203.0.113.9;proto=https", b"203.0.113.9, 10.0.0.1", b"https", b"app.test"),
        (
            b"for=1.2.3.4;host=evil.test, for=203.0.113.9;host=public.test;proto=https, for=10.0.0.2;proto=http",
            b"203.0.113.9, 10.0.0.2, 10.0.0.1",
            b"https",
            b"public.test",
        ),
        (b"for=203.0.113.9;proto=https;", b"203.0.113.9, 10.0.0.1", b"https", b"app.test"),
        (b"host=evil.test;proto=https, for=unknown;host=public.test", b"10.0.0.1", b"http", b"public.test"),
        (b"for=203.0.113.9 for=10.0.0.2", b"10.0.0.1", b"http", b"app.test"),
        (b'for="203.0.113.9', b"10.0.0.1", b"http", b"app.test"),
        (b"nonsense", b"10.0.0.1", b"http", b"app.test"),
        (b"", b"10.0.0.1", b"http", b"app.test"),
    ],
)
def test_forwarded_is_read_where_there_is_no_x_forwarded_for(
    value: bytes, forwarded_for: bytes, proto: bytes, host: bytes
) -> None:
    """RFC 7239 4: pairs in any order and case, quoted or not; what is malformed ends the reading."""
    fields = told((b"Forwarded", value))
    assert fields[b"X-Forwarded-For"] == forwarded_for
    assert fields[b"X-Forwarded-Proto"] == proto
    assert fields[b"X-Forwarded-Host"] == host


def test_x_forwarded_for_goes_before_forwarded() -> None:
    """Two accounts of one chain: proxies that append to the one leave the other as the client wrote it."""
    claims = xff(b"203.0.113.9"), (b"Forwarded", b"for=1.2.3.4;proto=https")
    fields = told(*claims)
    assert fields[b"X-Forwarded-For"] == b"203.0.113.9, 10.0.0.1"
    assert fields[b"X-Forwarded-Proto"] == b"http"


def test_every_node_of_the_chain_stands_in_forwarded_too() -> None:
    fields = told(xff(b"2001:db8::1, 10.0.0.2"))
    assert fields[b"Forwarded"] == b'for="[2001:db8::1]";host=app.test;proto=http, for=10.0.0.2, for=10.0.0.1'


# Memory


def test_the_same_claims_get_the_same_answer_without_being_read_again() -> None:
    peer = Peer("10.0.0.1", secure=False, trust=PROXIES)
    first = peer.tell(b"app.test", [xff(b"203.0.113.9")])
    assert peer.tell(b"app.test", [xff(b"203.0.113.9")]) is first
    assert peer.tell(b"app.test", [xff(b"203.0.113.10")]).client == "203.0.113.10"
    assert peer.tell(b"other.test", [xff(b"203.0.113.10")]).block.count(b"other.test") == 2


def test_what_was_remembered_can_be_let_go() -> None:
    """A stream may stay for days, and there may be thousands of them."""
    peer = Peer("10.0.0.1", secure=False, trust=PROXIES)
    first = peer.tell(b"app.test", [])
    peer.forget()
    again = peer.tell(b"app.test", [])
    assert again is not first
    assert again == first
