"""Trust fields: what an untrusted peer claims changes nothing, and what is told is always well-formed (RFC 7239)."""

from __future__ import annotations

import re
import sys
from ipaddress import ip_address, ip_network
from random import Random

from antechamber.protocol.forwarded import Peer, Trust, parse_address
from antechamber.protocol.http1 import Field, is_field_section, is_host, parse_fields
from tests.hostile.fuzz.drive import Target, main

TRUST = Trust(networks=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")))
PEERS = ("10.0.0.1", "192.0.2.1", "fd00::1", "2001:db8::1", "::ffff:10.0.0.1", "")
NAMES = (b"X-Forwarded-For", b"x-forwarded-for", b"X-Forwarded-Proto", b"X-Forwarded-Host", b"X-Real-IP", b"Forwarded")
ELEMENTS = (
    *(b"6.6.6.6", b"10.0.0.9", b"fd00::9", b"[2001:db8::7]:443", b"6.6.6.6:80", b"unknown", b"_hidden", b"", b" "),
    *(b"for=6.6.6.6", b'for="[fd00::5]:1"', b"proto=https", b"host=evil.test", b"for=10.0.0.2;proto=wss", b'for="'),
    *(b'"', b"\t", b";", b"="),
    *(b"https", b"http", b"wss", b"evil.test", b"a b", b"a/b", b"[::1", b"%00", b"\xff", b"0x7f.1", b"999.1.1.1"),
)
TOLD = (b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Host", b"X-Real-IP", b"Forwarded")
HOSTS = (b"app.test", b"app.test:8443", b"[::1]:80")


def trial(random: Random) -> None:
    claims = [_claim(random) for _ in range(random.randrange(5))]
    host = random.choice(HOSTS)
    peer = Peer(random.choice(PEERS), secure=random.random() < 0.5, trust=TRUST)
    told = peer.tell(host, claims)
    fields = dict(parse_fields(told.block))
    assert is_field_section(told.block), told.block
    assert tuple(fields) == TOLD, told.block
    if not peer.trusted:
        assert told == peer.tell(host, []), claims
    _check_chain(fields[b"X-Forwarded-For"].decode().split(", "), peer)
    assert fields[b"X-Real-IP"] == told.client.encode() == fields[b"X-Forwarded-For"].split(b", ")[0]
    assert fields[b"X-Forwarded-Proto"] in (b"http", b"https")
    assert is_host(fields[b"X-Forwarded-Host"])
    assert re.fullmatch(rb'for=("?)[^\s,;]+\1;host=[^\s,;]+;proto=https?(, for=[^\s,;]+)*', fields[b"Forwarded"])


def _claim(random: Random) -> Field:
    separator = random.choice((b",", b", ", b" ,\t", b";"))
    return random.choice(NAMES), separator.join(random.choices(ELEMENTS, k=random.randrange(5))).strip(b" \t")


def _check_chain(chain: list[str], peer: Peer) -> None:
    """Every hop but the first is one we trust, the last is the peer itself."""
    assert chain[-1] == peer.text
    if peer.address is not None:
        assert all(ip_address(each) for each in chain)
    assert all(TRUST.covers(parse_address(each)) for each in chain[1:])


TARGET = Target("forwarded_fields", trial)

if __name__ == "__main__":
    sys.exit(main(TARGET))
