"""Values that try to mean something else: each is refused with the value named, or means itself, on every engine."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from antechamber.engines.base import Engine, Form, Options, Runnable
from antechamber.engines.caddy.notation import CaddyJson
from antechamber.engines.cloudflare.engine import Cloudflare
from antechamber.engines.edge.engine import Edge
from antechamber.engines.npm.engine import Npm
from antechamber.engines.registry import ENGINES
from antechamber.errors import ConfigError
from antechamber.policy.effective import PolicyField
from antechamber.policy.load import read_site
from antechamber.policy.model import Address, Policy, Tls
from tests.engines.binaries import EVERY_PROXY, EVERY_VALIDATOR, READERS, Build
from tests.engines.deployed import judged, policy_of, write

PLAIN = Options(listen=(Address(host="127.0.0.1", port=8080),), form=Form.WHOLE)
NAMED = {"public-origin": "https://chamber.example.com", "to": "http://app:3000"}
ALL: tuple[Engine, ...] = (*ENGINES, CaddyJson())
EVERY_ENGINE_THERE_IS = pytest.mark.parametrize("engine", ALL, ids=lambda engine: type(engine).__name__)

REFUSED = {"nginx": "$:", "caddy": "{}\\|", "haproxy": "@,$", "edge": "", "cloudflare": ""}
"""Characters that mean something else even in quotes."""

SOCKETS = (
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
    "/run/{{ x }}",
    "/run/ünïcode",
    "/run/a\x7fb",
    "/run/a:b",
    "/run/a@b,c",
    "/run/a|0600",
    "/run/%n",
)


def at(unix: str) -> Policy:
    return replace(policy_of({"public-origin": "https://chamber.example.com"}), upstream=Address(unix=unix))


@pytest.mark.engine
@EVERY_VALIDATOR
@pytest.mark.parametrize("unix", SOCKETS, ids=ascii)
def test_a_strange_path_of_a_socket_is_refused_or_means_itself(build: Build, unix: str, tmp_path: Path) -> None:
    options = replace(PLAIN, version=build.version)
    unquotable = not unix.isprintable() and build.engine.name != "edge"
    if unquotable or any(character in REFUSED[build.engine.name] for character in unix):
        with pytest.raises(ConfigError, match="cannot quote"):
            build.engine.render(at(unix), options)
        return
    write(build, at(unix), options, tmp_path)
    verdict = judged(build, tmp_path)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    (strange,) = build.engine.render(at(unix), PLAIN)
    (plain,) = build.engine.render(at("/run/x"), PLAIN)
    pairs = zip(strange.text.splitlines(), plain.text.splitlines(), strict=True)
    changed = {one.strip() for one, other in pairs if one != other}
    assert len(changed) == 1, "one line differs, and it is the one of the app"


@pytest.mark.parametrize("unix", SOCKETS, ids=ascii)
def test_a_site_file_and_a_tunnel_name_the_very_socket(unix: str) -> None:
    (site,) = Edge().render(at(unix), PLAIN)
    assert read_site(site.text).policy.upstream == Address(unix=unix)
    if not unix.isprintable():
        with pytest.raises(ConfigError, match="cannot quote"):
            Cloudflare().render(at(unix), PLAIN)
        return
    (text,) = Cloudflare().render(at(unix), PLAIN)
    (tunnel,) = re.findall(r"^```yaml\n(.*?)^```", text.text, re.MULTILINE | re.DOTALL)
    assert yaml.safe_load(tunnel)["ingress"][0]["service"] == f"unix:{unix}"


@pytest.mark.parametrize("unix", SOCKETS, ids=ascii)
def test_npm_refuses_any_socket(unix: str) -> None:
    """NPM forwards to a host and a port only."""
    with pytest.raises(ConfigError):
        Npm().render(at(unix), PLAIN)


@EVERY_ENGINE_THERE_IS
def test_an_app_at_an_ipv6_address_is_written_in_brackets_or_in_a_field_of_its_own(engine: Engine) -> None:
    policy = policy_of({**NAMED, "to": "http://[2001:db8::7]:3000"})
    text = "".join(file.text for file in engine.render(policy, PLAIN))
    if engine.name == "npm":
        assert "| Forward Hostname / IP | [2001:db8::7] |" in text
    else:
        assert "[2001:db8::7]:3000" in text


@pytest.mark.engine
@EVERY_VALIDATOR
@pytest.mark.parametrize("name", ["it's; a #1", 'with "quotes"', "ünï code"])
def test_a_certificate_in_a_strange_place_is_found(build: Build, name: str, tls: Tls, tmp_path: Path) -> None:
    """The validators of all engines load it."""
    place = tmp_path / name
    place.mkdir()
    moved = Tls(certificate=tls.certificate.rename(place / "a.pem"), key=tls.key.rename(place / "a.pem.key"))
    write(build, policy_of({}), replace(PLAIN, version=build.version, tls=moved), tmp_path)
    verdict = judged(build, tmp_path)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.parametrize(
    "engine",
    [one for one in ALL if one.name in ("nginx", "caddy", "haproxy")],
    ids=lambda engine: type(engine).__name__,
)
def test_a_certificate_with_a_line_break_in_its_name_is_refused(engine: Engine) -> None:
    path = Path("/etc/a\nlisten 1;.pem")
    with pytest.raises(ConfigError, match="cannot quote"):
        engine.render(policy_of({}), replace(PLAIN, tls=Tls(certificate=path, key=path)))


ROUTES = ("/a;b", "/a'b", "/a$b", "/a(b)c", "/a&b=c,d", "/a.b+c", "/a~b!c@d", "/:x/$end", "/x;y/*")


def _with_route(path: str) -> Policy:
    policy = policy_of({**NAMED, "profile": "generic"})
    strange = replace(policy.routes[0], name="strange", path=path, body_limit_bytes=4711)
    return replace(policy, routes=(strange, *policy.routes))


@pytest.mark.engine
@EVERY_VALIDATOR
@pytest.mark.parametrize("path", ROUTES)
def test_a_strange_route_is_accepted_by_the_engine(build: Build, path: str, tmp_path: Path) -> None:
    write(build, replace(_with_route(path), upstream=Address(host="127.0.0.1", port=3000)), PLAIN, tmp_path)
    verdict = judged(build, tmp_path)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.parametrize("path", ROUTES)
def test_a_strange_route_means_itself(path: str) -> None:
    policy = _with_route(path)
    for engine in READERS:
        (file,) = engine.render(policy, PLAIN)
        limits = {route.path: route.fields[PolicyField.BODY_LIMIT_BYTES].value for route in engine.read(file.text)}
        named = path if engine.name == "edge" else path.replace(":x", ":segment")
        assert limits == {named: 4711, "/*": policy.limits.body_bytes}


@EVERY_PROXY
def test_what_no_engine_matches_alike_is_refused(engine: Runnable) -> None:
    encoded = replace(policy_of({}).routes[0], path="/a%2Fb")
    with pytest.raises(ConfigError, match="percent-encoded"):
        engine.render(replace(policy_of({}), routes=(encoded,)), PLAIN)


@EVERY_PROXY
@pytest.mark.parametrize(
    "change", [{"upgrade_tokens": frozenset({"default"})}, {"untrusted_fields": frozenset({"a$b"})}]
)
def test_a_word_with_a_meaning_of_its_own_is_refused(engine: Runnable, change: dict[str, frozenset[str]]) -> None:
    with pytest.raises(ConfigError):
        engine.render(replace(policy_of({}), **change), PLAIN)  # type: ignore[arg-type]  # a field and its value


@EVERY_ENGINE_THERE_IS
@pytest.mark.parametrize("app", ["x\nlisten 1;", "x\r\nlisten 1;", "x\u2028listen 1;", "x\x0blisten 1;"], ids=ascii)
def test_the_name_of_an_app_cannot_leave_its_line(engine: Engine, app: str) -> None:
    for file in engine.render(replace(policy_of(NAMED), app=app), PLAIN):
        assert not any(line.startswith("listen 1;") for line in file.text.splitlines())


@pytest.mark.parametrize("origin", ["https://*.example.com", 'https://a".example', "https://a;b", "https://ü.example"])
def test_a_public_name_that_is_none_never_reaches_an_engine(origin: str) -> None:
    with pytest.raises(ConfigError):
        policy_of({"public-origin": origin})


@pytest.mark.parametrize("to", ["http://a;b:3000", 'http://a"b:3000', "http://a{b:3000", "http://ü:3000"])
def test_a_host_of_an_app_that_is_none_never_reaches_an_engine(to: str) -> None:
    with pytest.raises(ConfigError):
        policy_of({"to": to})


def test_json_is_json_whatever_the_values_are() -> None:
    options = replace(PLAIN, tls=Tls(certificate=Path("/etc/\"a'\u00fc.pem"), key=Path("/etc/b;c")))
    (file,) = CaddyJson().render(at("/run/a\"b'c;d"), options)
    made = json.loads(file.text)
    assert made["apps"]["tls"]["certificates"]["load_files"][0]["certificate"] == "/etc/\"a'\u00fc.pem"
    assert '"dial": "unix//run/a\\"b\'c;d"' in file.text
