"""Addresses and origins: each spelling that is promised, and each mistake with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.policy.endpoints import ListenAddresses, PublicOrigin, Upstream
from antechamber.policy.model import Address
from antechamber.policy.value import ValueProblem
from tests.policy.refusal import refusal

BASE = Path("/srv/site")


def tcp(host: str, port: int) -> Address:
    return Address(host=host, port=port)


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("http://127.0.0.1:3000", tcp("127.0.0.1", 3000)),
        ("http://127.0.0.1:3000/", tcp("127.0.0.1", 3000)),
        ("app.internal:3000", tcp("app.internal", 3000)),
        ("my_app:3000", tcp("my_app", 3000)),
        (":3000", tcp("127.0.0.1", 3000)),
        ("3000", tcp("127.0.0.1", 3000)),
        (3000, tcp("127.0.0.1", 3000)),
        ("http://app", tcp("app", 80)),
        ("http://[::1]:3000", tcp("::1", 3000)),
        ("[::1]:3000", tcp("::1", 3000)),
        ("unix:/run/app.sock", Address(unix="/run/app.sock")),
        ("unix:///run/app.sock", Address(unix="/run/app.sock")),
        ("unix:app.sock", Address(unix="/srv/site/app.sock")),
    ],
)
def test_the_app_may_be_a_url_a_host_a_port_or_a_socket(raw: object, address: Address) -> None:
    assert Upstream().parse(raw, base=BASE) == address


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("https://app:3000", "not supported yet"),
        ("HTTPS://app:3000", "not supported yet"),
        ("ws://app:3000", "not an http URL"),
        ("http://app:3000/chamber", "has a path"),
        ("http://app:3000?x=1", "has a path"),
        ("app:3000/chamber", "has a path"),
        ("http://me:secret@app:3000", "user name or password"),
        ("app", "has no port"),
        ("localhost", "has no port"),
        ("http://", "host is missing"),
        ("app:0", "port 0"),
        ("app:70000", "not a port"),
        ("app:", "not a port"),
        ("app:3000x", "not a port"),
        ("::1", "several colons"),
        ("::1:3000", "several colons"),
        ("[::1:3000", "bracket"),
        ("[::1]x", "bracket"),
        ("[app]:3000", "not an IPv6 address"),
        ("999.1.1.1:3000", "not an IPv4 address"),
        ("127.1:3000", "not an IPv4 address"),
        ("a b:3000", "not a host name"),
        ("-app:3000", "not a host name"),
        ("büro.example:3000", "not ASCII"),
        ("unix:", "no path"),
        ("unix:/" + "x" * 110, "longer than"),
        ("", "empty"),
        (None, "NoneType"),
        (True, "true/false"),
        (["a:1"], "a list"),
    ],
)
def test_an_app_that_cannot_be_dialled_is_refused_with_a_reason(raw: object, problem: str) -> None:
    with pytest.raises(ValueProblem) as caught:
        Upstream().parse(raw, base=BASE)
    assert problem in caught.value.problem
    assert caught.value.way_out


def test_a_password_in_the_url_is_not_repeated_in_the_message() -> None:
    with pytest.raises(ValueProblem) as caught:
        Upstream().parse("http://me:hunter2@app:3000", base=BASE)
    assert "hunter2" not in caught.value.problem + caught.value.way_out


@pytest.mark.parametrize(
    ("raw", "addresses"),
    [
        ("127.0.0.1:8080", [tcp("127.0.0.1", 8080)]),
        ("8080", [tcp("127.0.0.1", 8080)]),
        (8080, [tcp("127.0.0.1", 8080)]),
        (":8080", [tcp("", 8080)]),
        ("[::]:8080", [tcp("::", 8080)]),
        ("localhost:0", [tcp("localhost", 0)]),
        (["127.0.0.1:80", "[::1]:80"], [tcp("127.0.0.1", 80), tcp("::1", 80)]),
        ("127.0.0.1:80, [::1]:80", [tcp("127.0.0.1", 80), tcp("::1", 80)]),
    ],
)
def test_a_bare_port_listens_on_this_machine_and_a_colon_opens_every_interface(
    raw: object, addresses: list[Address]
) -> None:
    assert list(ListenAddresses().parse(raw, base=BASE)) == addresses


@pytest.mark.parametrize(
    "raw", ["", "localhost", "http://127.0.0.1:8080", "unix:/x", "1.2.3.4:99999", ":", "127.0.0.1:80,", ["", 80], -1]
)
def test_a_place_that_cannot_be_listened_on_is_refused(raw: object) -> None:
    with pytest.raises(ValueProblem):
        ListenAddresses().parse(raw, base=BASE)


@pytest.mark.parametrize(
    ("raw", "origin"),
    [
        ("https://chamber.example.com", "https://chamber.example.com"),
        ("https://Chamber.Example.com/", "https://chamber.example.com"),
        ("https://chamber.example.com:443", "https://chamber.example.com"),
        ("http://chamber.example.com:80", "http://chamber.example.com"),
        ("https://chamber.example.com:8443", "https://chamber.example.com:8443"),
        ("http://chamber.example.com:443", "http://chamber.example.com:443"),
        ("HTTPS://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_origin_is_what_a_browser_sends(raw: str, origin: str) -> None:
    """RFC 6454, section 6.2: lower case, no default port, no path."""
    assert str(PublicOrigin().parse(raw, base=BASE)) == origin


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "chamber.example.com",
        "wss://chamber.example.com",
        "https://",
        "https://a/b",
        "https://a?b",
        "https://u@a",
        "https://:443",
        "https://a:0",
        "ftp://a",
        "https://*.example.com",
        443,
        "null",
    ],
)
def test_what_is_not_an_origin_is_refused(raw: object) -> None:
    with pytest.raises(ValueProblem):
        PublicOrigin().parse(raw, base=BASE)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_a_problem_in_one_line(text: str) -> None:
    for value_type in (Upstream(), ListenAddresses(), PublicOrigin()):
        problem = refusal(value_type, text)
        assert problem is None or (problem.problem + problem.way_out).isprintable()


@given(st.ip_addresses(), st.integers(1, 65535))
def test_an_address_that_is_shown_is_read_back(ip: object, port: int) -> None:
    address = tcp(str(ip), port)
    assert Upstream().parse(f"http://{address}", base=BASE) == address
    assert ListenAddresses().parse(str(address), base=BASE) == (address,)
