"""Caddy's JSON says what the Caddyfile says: Caddy itself makes the same JSON of it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from antechamber.engines.base import Form, Options, Site
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.caddy.notation import CaddyJson
from antechamber.errors import ConfigError
from antechamber.policy.model import Address, Tls
from tests.engines.binaries import caddy_wheel
from tests.engines.deployed import policy_of

LOOPBACK = Options(listen=(Address(host="127.0.0.1", port=8080),), form=Form.WHOLE)
TLS = Tls(certificate=Path("/etc/it's a.pem"), key=Path("/etc/b.key"))
SECURE = replace(LOOPBACK, listen=(Address(port=443),), redirect_from=Address(port=80), form=Form.SITE)


def site(options: Options, **flags: object) -> Site:
    return Site(policy=policy_of(flags), options=options, label="a.toml")


NAMED = {"public-origin": "https://chamber.example.com"}
OTHER = {"public-origin": "https://other.example", "to": "127.0.0.1:3001", "profile": "generic"}

SITES: dict[str, list[Site]] = {
    "plain": [site(LOOPBACK)],
    "any app": [site(LOOPBACK, profile="generic", **{"untrusted-fields": "x-user", "upgrade": "a.b/1"})],
    "behind a CDN": [site(replace(LOOPBACK, behind_cdn=True), trust="cloudflare", **NAMED)],
    "a CDN, no name": [site(replace(LOOPBACK, behind_cdn=True))],
    "a socket": [site(LOOPBACK, to='unix:/run/it\'s a "socket";.sock')],
    "IPv6": [site(replace(LOOPBACK, listen=(Address(host="::1", port=8080),)), to="http://[::1]:3000")],
    "its own certificate": [site(replace(SECURE, tls=TLS), **NAMED)],
    "Caddy's certificate": [site(replace(SECURE, issues_certificate=True), **NAMED)],
    "another port": [site(replace(LOOPBACK, issues_certificate=True), **NAMED)],
    "two sites": [site(LOOPBACK, **NAMED), site(LOOPBACK, **OTHER)],
    "two sites, two certificates": [
        site(replace(SECURE, tls=TLS), **NAMED),
        site(replace(SECURE, tls=Tls(certificate=Path("/etc/c.pem"), key=Path("/etc/c.pem"))), **OTHER),
    ],
}


@pytest.mark.engine
@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_it_is_what_caddy_makes_of_the_caddyfile(sites: list[Site], tmp_path: Path) -> None:
    (caddyfile,) = Caddy().render_sites(sites)
    (tmp_path / caddyfile.name).write_text(caddyfile.text)
    argv = [caddy_wheel(), "adapt", "--adapter", "caddyfile", "--config", str(tmp_path / caddyfile.name)]
    adapted = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30)
    (ours,) = CaddyJson().render_sites(sites)
    assert settled(json.loads(ours.text)) == settled(json.loads(adapted.stdout))


def settled(value: object) -> object:
    """Without the names that Caddy makes up, and without an order where none is meant."""
    match value:
        case {"group": str(), **rest}:
            return {"group": "one of them", **{key: settled(inner) for key, inner in rest.items()}}
        case dict():
            return {key: settled(inner) for key, inner in value.items()}
        case [{"match": [{"host": _}]}, *_]:
            return sorted(map(settled, value), key=lambda one: json.dumps(one, sort_keys=True))
        case list():
            return [settled(inner) for inner in value]
        case _:
            return value


def test_it_has_no_parts_and_is_not_read_back() -> None:
    with pytest.raises(ConfigError, match="no parts to include"):
        CaddyJson().render_sites([site(replace(LOOPBACK, form=Form.SNIPPET))])
    with pytest.raises(ConfigError, match="not read back"):
        CaddyJson().read("{}")
