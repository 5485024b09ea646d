"""Caddy: rendering, capabilities and commands.

Measured on 2.11.7. Caddy streams, upgrades and replaces strangers' X-Forwarded-* by itself; what is written is what it
does not do. It has no time limit on streams, so a configuration that "raises" one adds one: none is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from antechamber.engines.base import (
    Capabilities,
    File,
    Form,
    Options,
    Site,
    approximated,
    capabilities,
    heading,
    not_expressible,
)
from antechamber.engines.caddy import quoting
from antechamber.engines.caddy.program import PROGRAM
from antechamber.engines.caddy.read import read
from antechamber.engines.caddy.servers import Server, values
from antechamber.engines.sites import settled
from antechamber.engines.templating import Filters, environment
from antechamber.engines.values import short_time
from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Kind, Policy, Route

_FILTERS: Filters = {"time": short_time, "word": quoting.word, "path": quoting.path, "upstream": quoting.upstream}


class Caddy:
    """https://caddyserver.com"""

    name = "caddy"
    title = "Caddy"
    issues_certificates = True
    program = PROGRAM
    capabilities: Capabilities = capabilities(
        response_s=approximated("the wait for an answer's head is bounded; silence inside an answer is not"),
        stream_idle_s=not_expressible("a stream lives until either side ends it"),
        send_s=not_expressible("a side that takes nothing is waited for; Caddy's write timeouts bound a whole answer"),
        body_idle_s=not_expressible("Caddy's read_body bounds a whole upload, however lively, so it is not set"),
        drain_s=approximated("grace_period bounds requests; WebSockets end with the process"),
        look_alikes=approximated("dropped from everybody, a trusted proxy included"),
    )

    def render(self, policy: Policy, options: Options) -> tuple[File, ...]:
        return self.render_sites((Site(policy=policy, options=options),))

    def render_sites(self, sites: Sequence[Site]) -> tuple[File, ...]:
        head = heading(self, *(site.policy for site in sites))
        said = values(settled(self, sites))
        templates = environment("caddy", _FILTERS)

        def text(template: str, **more: Server | bool) -> str:
            return _formatted(head + templates.get_template(template).render(**said, **more))

        match sites[0].options.form:
            case Form.SNIPPET:
                snippets = (
                    File(f"antechamber{server.key}.caddy", text("snippets.caddy.j2", site=server))
                    for server in said["sites"]
                )
                return (File("antechamber-global.caddy", text("global.caddy.j2")), *snippets)
            case Form.SITE | Form.WHOLE as form:
                return (File("Caddyfile", text("Caddyfile.j2", whole=form is Form.WHOLE)),)

    def fix(self, field: PolicyField, route: Route) -> str:
        words = _SOCKETS_OUTLIVE if field is PolicyField.DRAIN_S and route.kind is Kind.WEBSOCKET else _FIXES[field]
        return words.format(path=route.path)

    def validate_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "validate", "--adapter", "caddyfile", "--config", str(directory / "Caddyfile"))

    def run_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "run", "--adapter", "caddyfile", "--config", str(directory / "Caddyfile"))

    def read(self, text: str) -> tuple[EffectiveRoute, ...]:
        return read(text)

    def read_site(self, text: str, name: str) -> tuple[EffectiveRoute, ...]:
        return read(text, name)


def _formatted(text: str) -> str:
    """As ``caddy fmt`` would have it, or Caddy warns at each start: tabs, and no gap before the global options."""
    tabbed = re.sub(r"^(?: {4})+", lambda spaces: "\t" * (len(spaces[0]) // 4), text, flags=re.MULTILINE)
    return tabbed.replace("\n\n{\n", "\n{\n", 1)


_APP = "{} in the reverse_proxy that serves {{path}}"

_SOCKETS_OUTLIVE = _APP.format("stream_close_delay 1h")

_FIXES: dict[PolicyField, str] = {
    PolicyField.UPGRADES: "on {path}, request_header -Upgrade for what is not a WebSocket's, and nothing else that "
    "changes Upgrade or Connection",
    PolicyField.RESPONSE_STREAMED: _APP.format("no response_buffers and a flush_interval of -1"),
    PolicyField.REQUEST_STREAMED: _APP.format("no request_buffers"),
    PolicyField.BODY_LIMIT_BYTES: "a larger max_size of request_body on {path}",
    PolicyField.CONNECT_S: _APP.format("dial_timeout in the transport"),
    PolicyField.REQUEST_HEAD_S: "read_header under servers, timeouts in the global options",
    PolicyField.BODY_IDLE_S: "no read_body under servers, timeouts in the global options",
    PolicyField.RESPONSE_S: _APP.format("a longer response_header_timeout, and no read_timeout, in the transport"),
    PolicyField.STREAM_IDLE_S: _APP.format("no read_timeout, write_timeout or stream_timeout"),
    PolicyField.SEND_S: "no write under servers, timeouts in the global options",
    PolicyField.KEEPALIVE_IDLE_S: "idle under servers, timeouts in the global options",
    PolicyField.UPSTREAM_IDLE_S: _APP.format("keepalive 4s in the transport"),
    PolicyField.DRAIN_S: "grace_period in the global options",
    PolicyField.HOST: _APP.format("no header_up Host"),
    PolicyField.CLIENT_ADDRESS: "header_up X-Forwarded-For {{client_ip}} in the reverse_proxy that serves {path}",
    PolicyField.FORWARDED_PROTO: _APP.format("no header_up X-Forwarded-Proto, but trusted_proxies"),
    PolicyField.FORWARDED_HOST: _APP.format("no header_up X-Forwarded-Host, but trusted_proxies"),
    PolicyField.FORWARDED: _APP.format("header_up -Forwarded"),
    PolicyField.LOOK_ALIKES: _APP.format("header_up -NAME"),
    PolicyField.COMPRESSION: "no encode on {path}",
    PolicyField.CACHE: "no cache on {path}",
    PolicyField.NO_TRANSFORM: 'header {path} >Cache-Control "no-cache, no-transform"',
}
