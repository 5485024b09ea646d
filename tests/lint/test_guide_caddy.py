"""OpenChamber's Caddy sample, in other words: every defect that a file shows is found, at its line."""

from __future__ import annotations

import pytest

from antechamber.lint.choice import Wanted
from antechamber.lint.kind import Kind
from tests.lint.linting import POLICY, SAMPLES, ids, judged, line_of, where

pytestmark = pytest.mark.engine
TEXT = (SAMPLES / "guide.Caddyfile").read_text()
SOCKETS = {route.path for route in POLICY.routes if route.kind.value == "websocket"}
TRUSTING = "{\n\tservers {\n\t\ttrusted_proxies static 10.0.0.0/8\n\t}\n}\n:8080 {\n%s}\n"


def test_it_does_not_begin_with_an_address() -> None:
    """C1: ``parsed 'reverse_proxy' as a site address, but it is a known directive``."""
    found = judged(TEXT, kind=Kind.CADDYFILE)
    assert where(found, "AC802") == {line_of(TEXT, "reverse_proxy"): {"/*"}}
    assert "known directive" in found.fired("AC802")[0].evidence[0]


def test_what_was_meant_is_judged_all_the_same() -> None:
    assert {route.path for route in POLICY.routes} <= {one.path for one in judged(TEXT, kind=Kind.CADDYFILE).judged}


def test_behind_a_trusted_proxy_the_chain_is_thrown_away() -> None:
    """C2: only then; without one Caddy's own value is the same."""
    text = TRUSTING % TEXT
    assert line_of(text, "X-Forwarded-For") in where(judged(text, wanted=Wanted(site="*")), "AC502")
    assert "AC502" not in ids(judged(f":8080 {{\n{TEXT}}}\n", wanted=Wanted(site="*")))


def test_host_loses_its_port() -> None:
    """C3."""
    assert set(where(judged(TEXT, kind=Kind.CADDYFILE), "AC507")) == {line_of(TEXT, "header_up Host")}


def test_a_shorter_read_timeout_cuts_quiet_streams() -> None:
    """C4: Caddy has none by itself; an hour is what the policy asks for, less is a fault."""
    text = TEXT.replace("read_timeout 3600s", "read_timeout 60s")
    assert set(where(judged(text, kind=Kind.CADDYFILE), "AC403")) == {line_of(text, "read_timeout")}
    assert "AC403" not in ids(judged(TEXT, kind=Kind.CADDYFILE))


def test_a_reload_cuts_sockets_and_nothing_else() -> None:
    """C7."""
    assert set().union(*where(judged(TEXT, kind=Kind.CADDYFILE), "AC801").values()) == SOCKETS


def test_foreign_upgrades_and_forwarded_go_up() -> None:
    """C8."""
    assert {"AC102", "AC505"} <= ids(judged(TEXT, kind=Kind.CADDYFILE))


def test_the_same_in_json_is_found_without_lines() -> None:
    text = (
        '{"apps": {"http": {"servers": {"one": {"listen": [":443"], "routes": [{"match": [{"host": ["openchamber"]}],'
        '"handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:3000"}],'
        '"headers": {"request": {"set": {"Host": ["{http.request.host}"]}}}}]}]}}}}}'
    )
    found = judged(text, kind=Kind.CADDY_JSON)
    assert {"AC507", "AC102"} <= ids(found)
    assert "AC802" not in ids(found)


def test_what_caddy_does_by_itself_is_advised_to_be_left_to_it() -> None:
    """C2, C4, C5, D4: each line is named, and none of them makes a finding."""
    (advice,) = [one for one in judged(TEXT, kind=Kind.CADDYFILE).advice if one.rule.id == "AC518"]
    for words in ("header_up X-Forwarded-For", "header_up X-Forwarded-Proto", "flush_interval", "read_timeout"):
        assert f"(line {line_of(TEXT, words)})" in advice.evidence[0]
    assert advice.place is not None
    assert advice.place.line == line_of(TEXT, "write_timeout")


def test_nothing_by_hand_is_nothing_to_advise() -> None:
    text = ":80 {\n\treverse_proxy openchamber:3000 {\n\t\theader_up X-Forwarded-For {client_ip}\n\t}\n}\n"
    assert "AC518" not in {one.rule.id for one in judged(text).advice}
