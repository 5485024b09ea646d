"""Caddy's other notation: JSON (https://caddyserver.com/docs/json/), from the same values as the Caddyfile.

It is what ``caddy adapt`` makes of that Caddyfile, and a test compares the two. Durations are in nanoseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from antechamber.engines.base import File, Form, Site
from antechamber.engines.caddy import quoting
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.caddy.program import PROGRAM
from antechamber.engines.caddy.servers import Limits, Server, Values, values
from antechamber.engines.program import ByCommand
from antechamber.engines.sites import settled
from antechamber.engines.values import milliseconds
from antechamber.errors import ConfigError
from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.model import Address, Tls

Json = dict[str, object]

FILE = "caddy.json"
HTTP = 80
"""The port on which a site with a name is plain http without being told."""


class CaddyJson(Caddy):
    """Caddy, configured in JSON."""

    program = replace(PROGRAM, reload=ByCommand(("reload", "--force", "--config", FILE)))

    def render_sites(self, sites: Sequence[Site]) -> tuple[File, ...]:
        form = sites[0].options.form
        if form is Form.SNIPPET:
            raise ConfigError("Caddy's JSON has no parts to include", way_out="Leave out --format json or --form.")
        made = configuration(values(settled(self, sites)), whole=form is Form.WHOLE)
        return (File(FILE, json.dumps(made, indent=2, ensure_ascii=False) + "\n"),)

    def validate_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "validate", "--config", str(directory / FILE))

    def run_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "run", "--config", str(directory / FILE))

    def read(self, text: str) -> tuple[EffectiveRoute, ...]:
        raise ConfigError("Caddy's JSON is not read back", way_out="Read the Caddyfile of the same policy.")

    def read_site(self, text: str, name: str) -> tuple[EffectiveRoute, ...]:
        return self.read(text)


def configuration(said: Values, *, whole: bool) -> Json:
    """The whole of Caddy's configuration; ``whole`` says that the process is ours alone."""
    process: Json = {"admin": {"listen": "unix/admin.sock", "config": {"persist": False}}} if whole else {}
    http: Json = {"grace_period": _nanoseconds(said["drain_s"]), "servers": _servers(said)}
    apps: Json = {"http": http}
    if certificates := _certificates(said):
        apps["tls"] = {"certificates": {"load_files": certificates}}
    return process | {"logging": _WITHOUT_QUERY, "apps": apps}


# Apps put short-lived tokens into the query, and Caddy logs each stream that its reader leaves.
_WITHOUT_QUERY: Json = {
    "logs": {
        "default": {
            "encoder": {
                "format": "filter",
                "fields": {"request>uri": {"filter": "regexp", "regexp": "\\?.*"}},
            }
        }
    }
}


def _servers(said: Values) -> Json:
    """One for each address: sites on it stand in it together."""
    behind: dict[Address, list[Server]] = {}
    for site in said["sites"]:
        for address in site.listen:
            behind.setdefault(address, []).append(site)
    return {f"srv{number}": _server(address, sites, said) for number, (address, sites) in enumerate(behind.items())}


def _server(address: Address, sites: Sequence[Server], said: Values) -> Json:
    times = said["times"]
    made: Json = {
        "listen": [str(address)],
        "read_header_timeout": _nanoseconds(times.request_head_s),
        "idle_timeout": _nanoseconds(times.keepalive_idle_s),
        "routes": [_site(site, said) for site in sites],
    }
    if any(stranger.address == address for stranger in said["strangers"]):
        made["routes"] = [*[_site(site, said) for site in sites], _refusal()]
    if any(site.tls for site in sites):
        made["tls_connection_policies"] = [*_policies(sites, said), {}]
    if sites[0].secure and said["redirects_off"]:
        made["automatic_https"] = {"disable_redirects": True}
    names = [site.name for site in sites if site.name]
    if not sites[0].secure and names and address.port != HTTP:
        made["automatic_https"] = {"skip": names}
    if said["trusted"]:
        # AC502: the chain is walked from the right.
        made["trusted_proxies"] = {"source": "static", "ranges": [str(network) for network in said["trusted"]]}
        made["trusted_proxies_strict"] = 1
    return made


def _refusal() -> Json:
    """A name that is none of the sites'."""
    answer: Json = {"handle": [{"handler": "static_response", "status_code": 421}]}
    return {"handle": [_subroute([answer])], "terminal": True}


def _site(site: Server, said: Values) -> Json:
    routes = _subroute(list(_routes(site)))
    handlers = [_STREAMS, routes] if said["behind_cdn"] else [routes]
    if not site.name:
        return {"handle": handlers}
    return {"match": [{"host": [site.name]}], "handle": [_subroute([{"handle": handlers}])], "terminal": True}


# AC603: no-transform keeps the CDN's hands off event streams.
_STREAMS: Json = {
    "handler": "headers",
    "response": {
        "require": {"headers": {"Content-Type": ["text/event-stream*"]}},
        "set": {"Cache-Control": ["no-cache, no-transform"]},
    },
}


def _routes(site: Server) -> Iterator[Json]:
    """In this order: exact paths, named segments, then the longest prefix. Of a group, one is taken."""
    for number, block in enumerate(site.plan.blocks, start=1):
        yield {
            "group": "route",
            "match": [{"path_regexp": {"name": f"route_{number}", "pattern": block.regex}}],
            "handle": [_subroute(list(_app(site, block.settings)))],
        }
    otherwise: Json = {"handle": [_subroute(list(_app(site, site.plan.otherwise)))]}
    yield ({"group": "route"} if site.plan.blocks else {}) | otherwise


def _app(site: Server, limits: Limits) -> Iterator[Json]:
    declared = "{http.request.header.Content-Length}"
    # AC301: as much as the app takes; a declared length over it is refused before it is sent.
    yield {"handle": [{"handler": "request_body", "max_size": limits.body_bytes}]}
    # AC101, AC102: an upgrade goes through if it is one of these.
    foreign = {"not": [{"header_regexp": {"Upgrade": {"pattern": f"(?i)^(?:{site.tokens})$"}}}]}
    yield {"match": [foreign], "handle": [{"handler": "headers", "request": {"delete": ["Upgrade"]}}]}
    too_large = f'{declared} != "" && int({declared}) > {limits.body_bytes}'
    yield {
        "match": [{"expression": {"expr": too_large, "name": "too_large"}}],
        "handle": [{"handler": "static_response", "status_code": 413}],
    }
    yield {"handle": [_reverse_proxy(site, limits)]}


def _reverse_proxy(site: Server, limits: Limits) -> Json:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": quoting.dial(site.upstream)}],
        "headers": {"request": {"set": _fields(site), "delete": ["Forwarded", *site.look_alikes]}},
        # AC801: WebSockets outlive a reload by this.
        "stream_close_delay": _nanoseconds(site.times.stream_idle_s),
        "transport": {
            "protocol": "http",
            # AC401, AC402: connecting to the app, waiting for its answer.
            "dial_timeout": _nanoseconds(site.times.connect_s),
            "response_header_timeout": _nanoseconds(limits.silence_s),
            # AC406: shorter than the app keeps its side.
            "keep_alive": {"idle_timeout": _nanoseconds(site.times.upstream_idle_s)},
            # AC601: the app compresses for the browser.
            "compression": False,
        },
    }


def _fields(site: Server) -> Mapping[str, list[str]]:
    """AC502: replaced, never appended to; AC503, AC504: what the browser's address bar says."""
    address = {name: ["{http.vars.client_ip}"] for name in ("X-Real-Ip", "X-Forwarded-For")}
    if site.origin is None:
        return address
    return address | {"X-Forwarded-Proto": [site.origin.scheme], "X-Forwarded-Host": [site.origin.host]}


def _certificates(said: Values) -> list[Json]:
    return [
        {"certificate": quoting.plain(tls.certificate), "key": quoting.plain(tls.key), "tags": [f"cert{number}"]}
        for number, tls in enumerate(_pairs(said))
    ]


def _pairs(said: Values) -> list[Tls]:
    return list(dict.fromkeys(site.tls for site in said["sites"] if site.tls))


def _policies(sites: Sequence[Server], said: Values) -> Iterator[Json]:
    """Which certificate for which names."""
    for number, tls in enumerate(_pairs(said)):
        if names := [site.name for site in sites if site.tls == tls and site.name]:
            yield {"match": {"sni": names}, "certificate_selection": {"any_tag": [f"cert{number}"]}}


def _subroute(routes: Sequence[Json]) -> Json:
    return {"handler": "subroute", "routes": list(routes)}


def _nanoseconds(seconds: float) -> int:
    return milliseconds(seconds) * 1_000_000
