"""Renderings in all their forms: the engine's own validator accepts them, and comments name rules that exist."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from antechamber.engines.base import Form, Options, Runnable
from antechamber.engines.nginx.engine import Nginx
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Address, Tls
from antechamber.policy.networks import CLOUDFLARE_AS_OF
from antechamber.rules.catalogue import CATALOGUE, rule
from tests.engines.binaries import EVERY_ENGINE, EVERY_PROXY, EVERY_VALIDATOR, Build
from tests.engines.deployed import judged, policy_of, write

LOOPBACK = (Address(host="127.0.0.1", port=8080),)
PLAIN = Options(listen=LOOPBACK, form=Form.WHOLE)

SITES: dict[str, dict[str, object]] = {
    "plain": {},
    "named": {"public-origin": "https://chamber.example.com:8443"},
    "trusting": {"trust": "private"},
    "trusting Cloudflare": {"trust": "cloudflare", "public-origin": "https://chamber.example.com"},
    "IPv6": {"to": "http://[::1]:3000", "listen": "[::1]:8080"},
    "a socket": {"to": "unix:/run/app.sock"},
    "other limits": {"body-limit": "1000", "response-timeout": "1500ms", "stream-idle-timeout": "2h"},
    "other apps": {"profile": "opencode"},
    "any app": {"profile": "generic", "upgrade": "tcp-tunnel", "untrusted-fields": "x-my-user"},
}


@pytest.mark.engine
@EVERY_VALIDATOR
@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
def test_the_engine_accepts_its_configuration_without_a_warning(
    build: Build, site: dict[str, object], tls: Tls, tmp_path: Path
) -> None:
    policy = policy_of(site)
    for options in (
        replace(PLAIN, version=build.version),
        replace(PLAIN, version=build.version, tls=tls, behind_cdn=True, redirect_from=Address(port=8081)),
    ):
        write(build, policy, options, tmp_path)
        verdict = judged(build, tmp_path)
        said = verdict.stdout + verdict.stderr
        assert verdict.returncode == 0, said
        assert not re.search(r'\[warn\]|\[WARNING\]|"level":"warn"', said, re.I), said


@EVERY_PROXY
def test_every_rule_that_a_rendering_names_exists_and_every_field_it_must_keep_is_named(engine: Runnable) -> None:
    policy = policy_of({"trust": "private"})
    tls = Tls(certificate=Path("/etc/site.pem"), key=Path("/etc/site.pem.key"))
    options = replace(PLAIN, tls=tls, behind_cdn=True, redirect_from=Address(port=80))
    named = {found for file in engine.render(policy, options) for found in re.findall(r"AC\d{3}", file.text)}
    assert {"AC101", "AC102", "AC301", "AC402", "AC502", "AC503", "AC504", "AC505", "AC506", "AC603"} <= named
    for identifier in named:
        assert rule(identifier).id == identifier


@EVERY_PROXY
def test_what_an_engine_cannot_do_stands_in_every_file_that_it_gets(engine: Runnable) -> None:
    for form in Form:
        for file in engine.render(policy_of({}), replace(PLAIN, form=form)):
            text = " ".join(file.text.replace("#", " ").split())
            for field, capability in engine.capabilities.items():
                if capability.how:
                    assert f"{field.value} ({capability.level.value}): {capability.how}" in text


@EVERY_ENGINE
def test_the_words_of_a_fix_name_the_route_or_the_place(engine: Runnable) -> None:
    route = policy_of({}).routes[0]
    for field in PolicyField:
        words = engine.fix(field, route)
        assert words
        assert "{path" not in words


@EVERY_PROXY
def test_a_snippet_has_no_listener_and_no_certificate(engine: Runnable) -> None:
    for file in engine.render(policy_of({}), replace(PLAIN, form=Form.SNIPPET)):
        assert not re.search(r"^\s*(listen|bind|server_name|ssl_certificate|tls)\b", file.text, re.MULTILINE), file.name


@EVERY_ENGINE
def test_the_date_of_cloudflares_list_is_said(engine: Runnable) -> None:
    (file,) = engine.render(policy_of({"trust": "cloudflare"}), PLAIN)
    assert CLOUDFLARE_AS_OF in file.text


def test_nginx_writes_http2_as_the_version_wants_it() -> None:
    tls = Tls(certificate=Path("/etc/site.pem"), key=Path("/etc/site.key"))
    for version, line, other in (
        ((1, 22), "ssl http2;", "http2 on;"),
        ((1, 25, 1), "http2 on;", "ssl http2;"),
        (None, "http2 on;", "ssl http2;"),
    ):
        (file,) = Nginx().render(policy_of({}), replace(PLAIN, tls=tls, version=version))
        assert line in file.text
        assert other not in file.text


@EVERY_ENGINE
def test_a_route_gets_a_block_only_if_its_limits_differ(engine: Runnable) -> None:
    """An app without live routes of its own needs no block at all."""
    (file,) = engine.render(policy_of({"profile": "generic"}), PLAIN)
    assert not re.search(r"location ~|path_regexp|path_reg", file.text)


def test_every_family_has_a_rule_and_every_field_one_that_is_named_for_a_fault() -> None:
    assert len({one.id for one in CATALOGUE}) == len({one.name for one in CATALOGUE}) == len(CATALOGUE)
    assert [one.id for one in CATALOGUE] == sorted(one.id for one in CATALOGUE)
    assert {one.field for one in CATALOGUE} - {None} == set(PolicyField)
    assert {one.family.value for one in CATALOGUE} == set("123456789")
    for one in CATALOGUE:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", one.name)
        assert one.reason
