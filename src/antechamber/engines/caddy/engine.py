"""Caddy: rendering, capabilities and commands.

Measured on 2.11.7. Caddy streams, upgrades and replaces strangers' X-Forwarded-* by itself; what is written is what it
does not do. It has no time limit on streams, so a configuration that "raises" one adds one: none is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from antechamber.engines.base import (
    Capabilities,
    File,
    Form,
    Options,
    approximated,
    capabilities,
    heading,
    not_expressible,
)
from antechamber.engines.caddy import quoting
from antechamber.engines.caddy.read import read
from antechamber.engines.plan import plan
from antechamber.engines.site import cloudflare_as_of, site_name
from antechamber.engines.templating import environment
from antechamber.engines.values import field_name, short_time, upgrade_token
from antechamber.policy.effective import EffectiveRoute, PolicyField, body_limit_bytes, silence_s
from antechamber.policy.model import Policy, Route


class Limits(NamedTuple):
    """What can differ from route to route."""

    silence_s: float
    body_bytes: int


class Caddy:
    """https://caddyserver.com"""

    name = "caddy"
    title = "Caddy"
    issues_certificates = True
    capabilities: Capabilities = capabilities(
        response_s=approximated("the wait for an answer's head is bounded; silence inside an answer is not"),
        stream_idle_s=not_expressible("a stream lives until either side ends it"),
        send_s=not_expressible("a side that takes nothing is waited for; Caddy's write timeouts bound a whole answer"),
        body_idle_s=not_expressible("Caddy's read_body bounds a whole upload, however lively, so it is not set"),
        drain_s=approximated("grace_period bounds requests; WebSockets end with the process"),
        look_alikes=approximated("dropped from everybody, a trusted proxy included"),
    )

    def render(self, policy: Policy, options: Options) -> tuple[File, ...]:
        templates = environment("caddy", {"time": short_time, "word": quoting.word, "path": quoting.path})
        values = self._values(policy, options)

        def text(template: str) -> str:
            return heading(self, policy) + templates.get_template(template).render(values)

        match options.form:
            case Form.SNIPPET:
                return (
                    File("antechamber-global.caddy", text("global.caddy.j2")),
                    File("antechamber.caddy", text("snippets.caddy.j2")),
                )
            case Form.SITE | Form.WHOLE:
                return (File("Caddyfile", text("Caddyfile.j2")),)

    def fix(self, field: PolicyField, route: Route) -> str:
        return _FIXES[field].format(path=route.path)

    def validate_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "validate", "--adapter", "caddyfile", "--config", str(directory / "Caddyfile"))

    def run_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "run", "--adapter", "caddyfile", "--config", str(directory / "Caddyfile"))

    def read(self, text: str) -> tuple[EffectiveRoute, ...]:
        return read(text)

    def _values(self, policy: Policy, options: Options) -> dict[str, object]:
        wanted = plan(policy, lambda route: Limits(silence_s(policy, route), body_limit_bytes(policy, route)))
        secure = options.tls is not None or options.issues_certificate
        return {
            "tokens": "|".join(sorted(upgrade_token(token) for token in policy.upgrade_tokens)).replace(".", "\\."),
            "trusted": policy.trusted_proxies,
            "cloudflare": cloudflare_as_of(policy),
            "origin": policy.public_origin,
            "upstream": quoting.upstream(policy.upstream),
            "times": policy.timeouts,
            "otherwise": wanted.otherwise,
            "blocks": wanted.blocks,
            "behind_cdn": options.behind_cdn,
            "look_alikes": sorted(field_name(name) for name in policy.untrusted_fields),
            "listen": options.listen,
            "scheme": "https" if secure else "http",
            "redirects_off": secure and options.redirect_from is None,
            "name": site_name(policy),
            "tls": options.tls,
        }


_APP = "{} in the reverse_proxy that serves {{path}}"

_FIXES: dict[PolicyField, str] = {
    PolicyField.UPGRADES: "no request_header or header_up that changes Upgrade or Connection on {path}",
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
