"""Networks, tokens, keys and files: a value that is wrong is an error, never a guess."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from antechamber.policy.networks import CLOUDFLARE, PRIVATE, Networks
from antechamber.policy.options import UNTRUSTED_FIELDS, UPGRADE
from antechamber.policy.suggest import did_you_mean, nearest
from antechamber.policy.value import ValueProblem, quoted
from antechamber.policy.words import Choice, LogTarget, PemFile, QueryKeys


def test_networks_may_be_blocks_addresses_or_words_and_come_once_each(tmp_path: Path) -> None:
    parsed = Networks().parse("10.0.0.0/8, 192.0.2.7,2001:db8::/32,10.0.0.0/8", base=tmp_path)
    assert parsed == (ip_network("10.0.0.0/8"), ip_network("192.0.2.7/32"), ip_network("2001:db8::/32"))
    assert Networks().parse("Private", base=tmp_path) == PRIVATE
    assert Networks().parse(["cloudflare", "private"], base=tmp_path) == CLOUDFLARE + PRIVATE
    assert Networks().parse("none", base=tmp_path) == Networks().parse([], base=tmp_path) == ()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd00::1"])
def test_private_holds_loopback_and_private_addresses(address: str) -> None:
    assert any(ip_address(address) in network for network in PRIVATE)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.64.0.1", "169.254.1.1", "2001:db8::1", "fe80::1"])
def test_private_holds_nothing_else(address: str) -> None:
    assert not any(ip_address(address) in network for network in PRIVATE)


@pytest.mark.parametrize(
    ("raw", "problem", "way_out"),
    [
        ("10.0.0.5/8", "bits set outside its mask", "Write 10.0.0.0/8."),
        ("0.0.0.0/0", "trusts every peer", "Name the proxy's own addresses."),
        ("::/0", "trusts every peer", "Name the proxy's own addresses."),
        ("10.0.0.0/33", "not a network", "CIDR"),
        ("cloudfare", "not a network", "Did you mean cloudflare?"),
        ("10.0.0.0/8,,", "empty item", "CIDR"),
        ("proxy.example.com", "not a network", "CIDR"),
        (["10.0.0.0/8", 5], "bare number 5", "CIDR"),
    ],
)
def test_a_network_that_is_wrong_is_refused(raw: object, problem: str, way_out: str, tmp_path: Path) -> None:
    with pytest.raises(ValueProblem) as caught:
        Networks().parse(raw, base=tmp_path)
    assert problem in caught.value.problem
    assert way_out in caught.value.way_out


def test_upgrade_tokens_are_lower_case_and_may_have_a_version(tmp_path: Path) -> None:
    """RFC 9110, section 7.8."""
    assert UPGRADE.type.parse("WebSocket, Foo/2.1", base=tmp_path) == {"websocket", "foo/2.1"}


@pytest.mark.parametrize("token", ["h2c", "H2C", "h2c/1", "HTTP/2.0", "TLS/1.0", "web socket", "a/b/c", "a;b", ""])
def test_h2c_and_its_like_are_refused_as_upgrades(token: str, tmp_path: Path) -> None:
    with pytest.raises(ValueProblem):
        UPGRADE.type.parse(token, base=tmp_path)


def test_field_names_are_tokens_and_compared_without_case(tmp_path: Path) -> None:
    assert UNTRUSTED_FIELDS.type.parse(["X-Mine"], base=tmp_path) == {"x-mine"}
    with pytest.raises(ValueProblem):
        UNTRUSTED_FIELDS.type.parse("X-Mine: 1", base=tmp_path)


def test_query_keys_keep_their_case_and_are_names_only(tmp_path: Path) -> None:
    assert QueryKeys().parse("oc_url_token,Sig", base=tmp_path) == {"oc_url_token", "Sig"}
    with pytest.raises(ValueProblem):
        QueryKeys().parse("token=", base=tmp_path)


def test_a_choice_names_the_words_it_knows(tmp_path: Path) -> None:
    assert Choice(("auto", "json")).parse("JSON", base=tmp_path) == "json"
    with pytest.raises(ValueProblem, match="known words"):
        Choice(("auto", "json")).parse("xml", base=tmp_path)


def test_a_log_target_is_a_file_in_a_directory_that_exists_or_nothing(tmp_path: Path) -> None:
    target = LogTarget()
    assert target.parse("off", base=tmp_path) == ""
    assert target.parse("-", base=tmp_path) == "-"
    assert target.parse("access.log", base=tmp_path) == str(tmp_path / "access.log")
    for wrong in ("none/access.log", ".", "", 5):
        with pytest.raises(ValueProblem):
            target.parse(wrong, base=tmp_path)


def test_a_pem_file_must_be_there_be_a_file_and_hold_what_it_is_named_for(tmp_path: Path) -> None:
    certificate = PemFile(label="CERTIFICATE", holds="a certificate")
    (tmp_path / "key.pem").write_text("-----BEGIN EC PRIVATE KEY-----\n")
    (tmp_path / "cert.pem").write_text("subject=x\n-----BEGIN CERTIFICATE-----\n")
    (tmp_path / "huge.pem").write_bytes(b"x" * (1024 * 1024 + 1))
    assert certificate.parse("cert.pem", base=tmp_path) == tmp_path / "cert.pem"
    assert PemFile(label="PRIVATE KEY", holds="a key").parse("key.pem", base=tmp_path) == tmp_path / "key.pem"
    for wrong, problem in (
        ("key.pem", "holds no certificate"),
        ("none.pem", "no such file"),
        (".", "is a directory"),
        ("huge.pem", "larger than"),
        ("/dev/zero", "not a regular file"),
        ("x" * 300, "cannot be read"),
        ("a\0b", "not a path"),
    ):
        with pytest.raises(ValueProblem) as caught:
            certificate.parse(wrong, base=tmp_path)
        assert problem in caught.value.problem


def test_the_nearest_name_ignores_case_and_underscores() -> None:
    assert nearest("Body_Limit", ["body-limit", "listen"]) == "body-limit"
    assert did_you_mean("qqq", ["body-limit"]) == ""
    assert nearest("x" * 10_000, ["x" * 79]) == ""


def test_a_quoted_value_is_one_short_printable_line() -> None:
    assert quoted("a\nb\x1b[31m") == '"a\\nb\\x1b[31m"'
    assert len(quoted("x" * 10_000)) < 70
