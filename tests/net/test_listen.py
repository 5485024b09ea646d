"""Opening listening sockets: real ones on the loopback, and a way out for whoever cannot have one."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from antechamber.errors import ConfigError
from antechamber.net.listen import local_address, open_listeners
from antechamber.policy.model import Address

LOOPBACK = Address(host="127.0.0.1", port=0)
ABSENT = "203.0.113.1"
"""RFC 5737: an address of documentation, which no machine has."""


@contextmanager
def listening(*addresses: Address) -> Iterator[list[socket.socket]]:
    listeners = open_listeners(addresses)
    try:
        yield listeners
    finally:
        for listener in listeners:
            listener.close()


def refusal(*addresses: Address) -> str:
    with pytest.raises(ConfigError) as caught:
        open_listeners(addresses)
    assert caught.value.place == f"listen address {addresses[-1]}"
    return str(caught.value)


@contextmanager
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def can_connect(address: Address) -> bool:
    try:
        socket.create_connection((address.host, address.port), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_port_of_zero_becomes_a_real_one() -> None:
    with listening(LOOPBACK) as (listener,):
        address = local_address(listener)
        assert address.port > 0
        assert can_connect(address)
        assert not listener.getblocking()


def test_ipv6_is_listened_on_for_itself() -> None:
    """RFC 4291: an IPv6 listener that took IPv4 too would show clients as mapped addresses."""
    with listening(Address(host="::1", port=0)) as (listener,):
        assert listener.family == socket.AF_INET6
        assert listener.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
        assert can_connect(local_address(listener))


def test_several_addresses_are_all_listened_on() -> None:
    with listening(LOOPBACK, LOOPBACK) as listeners:
        assert len({local_address(listener).port for listener in listeners}) == 2
        assert all(can_connect(local_address(listener)) for listener in listeners)


def test_no_host_means_every_address_of_the_machine() -> None:
    with listening(Address(port=0)) as listeners:
        hosts = {str(local_address(listener).host) for listener in listeners}
        assert "0.0.0.0" in hosts
        port = next(local_address(each).port for each in listeners if each.family == socket.AF_INET)
        assert can_connect(Address(host="127.0.0.1", port=port))


def test_a_restarted_edge_gets_its_port_back_at_once() -> None:
    """Connections of the one before may still be in TIME_WAIT."""
    with listening(LOOPBACK) as (first,):
        address = local_address(first)
        client = socket.create_connection((address.host, address.port), timeout=10)
        first.setblocking(True)
        served, _ = first.accept()
        served.close()
        client.close()
    with listening(address) as (second,):
        assert local_address(second) == address


def test_a_port_that_is_taken_is_told_with_the_way_to_find_out_by_whom() -> None:
    with taken() as port:
        line = refusal(Address(host="127.0.0.1", port=port))
    assert "the port is in use" in line
    assert f"ss -ltnp 'sport = :{port}'" in line


def test_all_addresses_are_opened_or_none() -> None:
    """An edge that serves on half of its addresses would look healthy."""
    with listening(LOOPBACK) as (listener,):
        free = local_address(listener)
    with taken() as port:
        refusal(free, Address(host="127.0.0.1", port=port))
    assert not can_connect(free)


def test_an_address_of_another_machine_is_told_as_such() -> None:
    assert "this machine does not have that address" in refusal(Address(host=ABSENT, port=0))


def test_a_host_that_does_not_resolve_is_told_as_such() -> None:
    assert "the host no.such.host.invalid does not resolve" in refusal(Address(host="no.such.host.invalid", port=0))


PRIVILEGED_BELOW = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())


@pytest.mark.skipif(PRIVILEGED_BELOW <= 1, reason="this kernel gives every port to everybody")
def test_a_port_that_is_for_root_is_told_with_the_way_out() -> None:
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # nobody: Linux takes the effective capabilities away with it, and gives them back
    try:
        line = refusal(Address(host="127.0.0.1", port=1))
    finally:
        os.seteuid(user)
    assert "no right to listen on port 1" in line
    assert "CAP_NET_BIND_SERVICE" in line


def resolve_to(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Let a name have these addresses, as a line in the hosts file would."""
    found = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (host, 0, 0, 0))
        if ":" in host
        else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0))
        for host in hosts
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_a_name_is_listened_on_at_those_of_its_addresses_that_are_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """``localhost`` is ``::1`` as well in most hosts files, in containers without IPv6 too."""
    resolve_to(monkeypatch, ABSENT, "127.0.0.1", "127.0.0.2")
    with listening(Address(host="both.test", port=0)) as listeners:
        assert [local_address(listener).host for listener in listeners] == ["127.0.0.1", "127.0.0.2"]


def test_a_name_of_which_no_address_is_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, ABSENT, "203.0.113.2")
    assert "this machine does not have that address" in refusal(Address(host="elsewhere.test", port=0))


def test_an_address_that_is_listed_twice_is_listened_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1", "127.0.0.1")
    with listening(Address(host="twice.test", port=0)) as listeners:
        assert len(listeners) == 1
