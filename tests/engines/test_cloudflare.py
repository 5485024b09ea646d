"""Cloudflare's rules: the fields that its documentation names, and the words on what was not tried."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import yaml

from antechamber.engines.base import Level, Options
from antechamber.engines.cloudflare.engine import Cloudflare
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Address, Policy
from antechamber.policy.networks import CLOUDFLARE_AS_OF
from antechamber.rules.catalogue import rule
from tests.engines.deployed import policy_of

POLICY = policy_of({"public-origin": "https://chamber.example.com"})


def text_of(policy: Policy) -> str:
    (file,) = Cloudflare().render(policy, Options(listen=policy.listen))
    return file.text


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_first_line_says_that_nothing_was_applied_to_a_live_account() -> None:
    assert text_of(POLICY).splitlines()[0].startswith("Not applied to a live account:")


def test_each_phase_has_one_rule_for_the_site_with_the_documented_action() -> None:
    """https://developers.cloudflare.com/ruleset-engine/rulesets-api/, phases and actions as documented."""
    bodies = [json.loads(block) for block in blocks(text_of(POLICY), "json")]
    rules = [one for body in bodies for one in body["rules"]]
    assert len(bodies) == len(rules) == len({one["ref"] for one in rules}) == 3
    assert {one["expression"] for one in rules} == {'http.host eq "chamber.example.com"'}
    assert {one["action"]: one["action_parameters"] for one in rules} == {
        "compress_response": {"algorithms": [{"name": "none"}]},
        "set_cache_settings": {"cache": False},
        "set_config": {"request_body_buffering": "none", "response_body_buffering": "none"},
    }


def test_a_tunnel_goes_to_the_app_and_closes_idle_connections_before_it_does() -> None:
    (tunnel,) = [yaml.safe_load(block) for block in blocks(text_of(POLICY), "yaml")]
    first, last = tunnel["ingress"]
    assert first["hostname"] == "chamber.example.com"
    assert first["service"] == "http://127.0.0.1:3000"
    assert first["originRequest"] == {"connectTimeout": "30s", "keepAliveTimeout": "4s"}
    assert last == {"service": "http_status:404"}


def test_a_strange_socket_is_one_yaml_string() -> None:
    path = """/run/it's a "socket": #1 {x}"""
    (block,) = blocks(text_of(replace(POLICY, upstream=Address(unix=path))), "yaml")
    assert yaml.safe_load(block)["ingress"][0]["service"] == f"unix:{path}"


def test_limits_that_no_rule_can_change_stand_beside_the_policys_own() -> None:
    text = " ".join(text_of(POLICY).split())
    assert "the policy's largest is 140MiB" in text
    assert "the policy's limits are 60s, 1h" in text
    assert "heartbeats, 30s at most here" in text
    assert CLOUDFLARE_AS_OF in text


def test_terraform_has_a_resource_for_every_phase() -> None:
    text = text_of(POLICY)
    (terraform,) = blocks(text, "hcl")
    assert terraform.count('resource "cloudflare_ruleset"') == 3
    for identifier in re.findall(r"AC\d{3}", text):
        assert rule(identifier).id == identifier


def test_every_field_is_declared_and_has_words_for_its_fix() -> None:
    engine = Cloudflare()
    assert set(engine.capabilities) == set(PolicyField)
    for field, capability in engine.capabilities.items():
        assert bool(capability.how) is (capability.level is not Level.ENFORCED)
        assert engine.fix(field, POLICY.routes[0])
