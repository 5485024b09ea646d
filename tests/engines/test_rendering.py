"""Renderings in all their forms: the engine's own validator accepts them, and comments name rules that exist."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from antechamber.engines.base import Form, Options, Runnable
from antechamber.engines.nginx.engine import Nginx
from antechamber.errors import ConfigError
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Address, Policy, Tls
from antechamber.policy.networks import CLOUDFLARE_AS_OF
from antechamber.rules.catalogue import CATALOGUE, rule
from tests.engines.binaries import EVERY_BUILD, EVERY_ENGINE, Build
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
@EVERY_BUILD
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
        assert not re.search(r"\[warn\]|\[WARNING\]|unnecessary header_up|not formatted correctly", said, re.I), said


@EVERY_ENGINE
def test_every_rule_that_a_rendering_names_exists_and_every_field_it_must_keep_is_named(engine: Runnable) -> None:
    policy = policy_of({"trust": "private"})
    tls = Tls(certificate=Path("/etc/site.pem"), key=Path("/etc/site.pem.key"))
    options = replace(PLAIN, tls=tls, behind_cdn=True, redirect_from=Address(port=80))
    named = {found for file in engine.render(policy, options) for found in re.findall(r"AC\d{3}", file.text)}
    assert {"AC101", "AC102", "AC301", "AC402", "AC502", "AC503", "AC504", "AC505", "AC506", "AC603"} <= named
    for identifier in named:
        assert rule(identifier).id == identifier


@EVERY_ENGINE
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


@EVERY_ENGINE
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


def _with_upstream(unix: str) -> Policy:
    return replace(policy_of({}), upstream=Address(unix=unix))


HOSTILE_SOCKETS = (
    "/run/a b.sock",
    "/run/a;b",
    "/run/a{b",
    "/run/a}b",
    '/run/a"b',
    "/run/a'b",
    "/run/a\\b",
    "/run/a\nserver 192.0.2.1;",
    "/run/a\rb",
    "/run/a#b",
    "/run/$HOME",
    "/run/{env.HOME}",
    "/run/ünïcode",
    "/run/a:b",
    "/run/a@b,c",
    "/run/a|0600",
    "/run/%n",
)


@pytest.mark.engine
@EVERY_BUILD
@pytest.mark.parametrize("unix", HOSTILE_SOCKETS, ids=ascii)
def test_a_strange_path_of_a_socket_is_refused_or_means_itself(build: Build, unix: str, tmp_path: Path) -> None:
    options = replace(PLAIN, version=build.version)
    if any(character in REFUSED[build.engine.name] or not character.isprintable() for character in unix):
        with pytest.raises(ConfigError, match="cannot quote"):
            build.engine.render(_with_upstream(unix), options)
        return
    write(build, _with_upstream(unix), options, tmp_path)
    verdict = judged(build, tmp_path)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    (strange,) = build.engine.render(_with_upstream(unix), PLAIN)
    (plain,) = build.engine.render(_with_upstream("/run/x"), PLAIN)
    pairs = zip(strange.text.splitlines(), plain.text.splitlines(), strict=True)
    changed = {one.strip() for one, other in pairs if one != other}
    assert len(changed) == 1, "one line differs, and it is the one of the app"


REFUSED = {"nginx": "$:", "caddy": "{}\\|", "haproxy": "@,$"}


@pytest.mark.engine
@EVERY_BUILD
@pytest.mark.parametrize("name", ["it's; a #1", 'with "quotes"', "ünï code"])
def test_a_certificate_in_a_strange_place_is_found(build: Build, name: str, tls: Tls, tmp_path: Path) -> None:
    """The validators of all engines load it."""
    place = tmp_path / name
    place.mkdir()
    moved = Tls(certificate=tls.certificate.rename(place / "a.pem"), key=tls.key.rename(place / "a.pem.key"))
    write(build, policy_of({}), replace(PLAIN, version=build.version, tls=moved), tmp_path)
    verdict = judged(build, tmp_path)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@EVERY_ENGINE
def test_a_certificate_with_a_line_break_in_its_name_is_refused(engine: Runnable) -> None:
    path = Path("/etc/a\nlisten 1;.pem")
    with pytest.raises(ConfigError, match="cannot quote"):
        engine.render(policy_of({}), replace(PLAIN, tls=Tls(certificate=path, key=path)))


HOSTILE_ROUTES = ("/a;b", "/a'b", "/a$b", "/a(b)*c", "/a&b=c,d", "/a.b+c", "/a~b!c@d", "/:x/$end", "/x;y/*")


@pytest.mark.engine
@EVERY_BUILD
@pytest.mark.parametrize("path", HOSTILE_ROUTES)
def test_a_strange_route_means_itself(build: Build, path: str, tmp_path: Path) -> None:
    policy = policy_of({"profile": "generic"})
    strange = replace(policy.routes[0], name="strange", path=path, body_limit_bytes=4711)
    policy = replace(policy, routes=(strange, *policy.routes))
    write(build, policy, replace(PLAIN, version=build.version), tmp_path)
    verdict = judged(build, tmp_path)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    (file,) = build.engine.render(policy, PLAIN)
    limits = {route.path: route.fields[PolicyField.BODY_LIMIT_BYTES].value for route in build.engine.read(file.text)}
    assert limits == {path.replace(":x", ":segment"): 4711, "/*": policy.limits.body_bytes}


@EVERY_ENGINE
def test_what_no_engine_matches_alike_is_refused(engine: Runnable) -> None:
    policy = policy_of({})
    encoded = replace(policy.routes[0], path="/a%2Fb")
    with pytest.raises(ConfigError, match="percent-encoded"):
        engine.render(replace(policy, routes=(encoded,)), PLAIN)


@EVERY_ENGINE
@pytest.mark.parametrize(
    "change", [{"upgrade_tokens": frozenset({"default"})}, {"untrusted_fields": frozenset({"a$b"})}]
)
def test_a_word_with_a_meaning_of_its_own_is_refused(engine: Runnable, change: dict[str, frozenset[str]]) -> None:
    with pytest.raises(ConfigError):
        engine.render(replace(policy_of({}), **change), PLAIN)  # type: ignore[arg-type]  # a field and its value


@EVERY_ENGINE
def test_the_name_of_an_app_cannot_leave_its_comment(engine: Runnable) -> None:
    (file,) = engine.render(replace(policy_of({}), app="x\nlisten 1;"), PLAIN)
    assert "\nlisten 1;" not in file.text


def test_every_family_has_a_rule_and_every_field_one_that_is_named_for_a_fault() -> None:
    assert len({one.id for one in CATALOGUE}) == len({one.name for one in CATALOGUE}) == len(CATALOGUE)
    assert [one.id for one in CATALOGUE] == sorted(one.id for one in CATALOGUE)
    assert {one.field for one in CATALOGUE} - {None} == set(PolicyField)
    assert {one.family.value for one in CATALOGUE} == set("123456789")
    for one in CATALOGUE:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", one.name)
        assert one.reason
