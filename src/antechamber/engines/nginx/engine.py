"""nginx: rendering, capabilities and commands.

Measured on 1.22.1 and 1.31.3. Everything that can be said once is said at server level; a location is written only for
routes whose limits differ, because every directive in it is one that the next person must keep in step.
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
)
from antechamber.engines.nginx import quoting
from antechamber.engines.nginx.read import read
from antechamber.engines.plan import plan
from antechamber.engines.site import cloudflare_as_of, every_interface, site_name
from antechamber.engines.templating import environment
from antechamber.engines.values import field_name, short_time, upgrade_token
from antechamber.policy.effective import EffectiveRoute, PolicyField, body_limit_bytes, silence_s
from antechamber.policy.model import Policy, Route

HTTP2_DIRECTIVE = (1, 25, 1)
"""Since this version ``http2 on`` is a directive, and ``listen … http2`` deprecated."""


class Limits(NamedTuple):
    """What can differ from location to location."""

    silence_s: float
    send_s: float
    body_bytes: int


class Nginx:
    """https://nginx.org"""

    name = "nginx"
    title = "nginx"
    issues_certificates = False
    capabilities: Capabilities = capabilities(
        stream_idle_s=approximated(
            "nginx has one read timeout for a location: on the named live routes it is the stream's, and a stream on "
            "any other path has that path's response time limit"
        ),
        drain_s=approximated(
            "after a reload or SIGQUIT old workers keep their streams, until worker_shutdown_timeout in the main part "
            "of nginx.conf; SIGTERM ends all at once"
        ),
        look_alikes=approximated("dropped from everybody, a trusted proxy included"),
    )

    def render(self, policy: Policy, options: Options) -> tuple[File, ...]:
        values = self._values(policy, options)
        head = heading(self, policy)
        templates = environment(
            "nginx",
            {
                "time": short_time,
                "size": quoting.size,
                "path": quoting.path,
                "listen": quoting.listen,
                "location": quoting.location,
            },
        )

        def text(template: str) -> str:
            return head + templates.get_template(template).render(values)

        match options.form:
            case Form.SNIPPET:
                return (
                    File("antechamber-http.conf", text("http.conf.j2")),
                    File("antechamber-server.conf", text("server.conf.j2")),
                )
            case Form.SITE:
                return (File("antechamber.conf", text("site.conf.j2")),)
            case Form.WHOLE:
                return (File("nginx.conf", text("nginx.conf.j2")),)

    def fix(self, field: PolicyField, route: Route) -> str:
        return _FIXES[field].format(path=route.path)

    def validate_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "-t", "-p", str(directory), "-c", "nginx.conf")

    def run_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "-p", str(directory), "-c", "nginx.conf")

    def read(self, text: str) -> tuple[EffectiveRoute, ...]:
        return read(text)

    def _values(self, policy: Policy, options: Options) -> dict[str, object]:
        def limits(route: Route) -> Limits:
            send_s = policy.timeouts.stream_send_s if route.kind.live else policy.timeouts.send_s
            return Limits(silence_s(policy, route), send_s, body_limit_bytes(policy, route))

        wanted = plan(policy, limits)
        origin = policy.public_origin
        told = bool(policy.trusted_proxies)
        return {
            "tokens": sorted(upgrade_token(token) for token in policy.upgrade_tokens),
            "trusted": policy.trusted_proxies,
            "cloudflare": cloudflare_as_of(policy),
            "origin": origin,
            "proto": origin.scheme if origin else "$antechamber_proto" if told else "$scheme",
            "host": origin.host if origin else "$antechamber_host" if told else "$http_host",
            "behind_cdn": options.behind_cdn,
            "upstream": quoting.upstream(policy.upstream),
            "times": policy.timeouts,
            "connections": policy.limits.connections,
            "otherwise": wanted.otherwise,
            "blocks": wanted.blocks,
            "look_alikes": sorted(field_name(name) for name in policy.untrusted_fields),
            "listen": every_interface(options.listen),
            "redirect_from": every_interface((options.redirect_from,)) if options.redirect_from else (),
            "name": site_name(policy),
            "tls": options.tls,
            "old": options.version is not None and options.version < HTTP2_DIRECTIVE,
        }


_SET_HEADER = "proxy_set_header {}; at server level, and no proxy_set_header in the location of {{path}}"

_FIXES: dict[PolicyField, str] = {
    PolicyField.UPGRADES: "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; and a Connection from a map "
    "of $http_upgrade, where {path} is served",
    PolicyField.RESPONSE_STREAMED: "proxy_buffering off; where {path} is served",
    PolicyField.REQUEST_STREAMED: "proxy_request_buffering off; where {path} is served",
    PolicyField.BODY_LIMIT_BYTES: "a larger client_max_body_size where {path} is served",
    PolicyField.CONNECT_S: "proxy_connect_timeout where {path} is served",
    PolicyField.REQUEST_HEAD_S: "client_header_timeout in the server block",
    PolicyField.BODY_IDLE_S: "client_body_timeout where {path} is served",
    PolicyField.RESPONSE_S: "a longer proxy_read_timeout where {path} is served",
    PolicyField.STREAM_IDLE_S: "a longer proxy_read_timeout where {path} is served",
    PolicyField.SEND_S: "longer proxy_send_timeout and send_timeout where {path} is served",
    PolicyField.KEEPALIVE_IDLE_S: "keepalive_timeout in the server block",
    PolicyField.UPSTREAM_IDLE_S: "keepalive_timeout 4s; in the upstream block that {path} is passed to",
    PolicyField.DRAIN_S: "worker_shutdown_timeout in the main part of nginx.conf",
    PolicyField.HOST: _SET_HEADER.format("Host $http_host"),
    PolicyField.CLIENT_ADDRESS: _SET_HEADER.format("X-Forwarded-For $remote_addr"),
    PolicyField.FORWARDED_PROTO: _SET_HEADER.format("X-Forwarded-Proto $scheme"),
    PolicyField.FORWARDED_HOST: _SET_HEADER.format("X-Forwarded-Host $http_host"),
    PolicyField.FORWARDED: _SET_HEADER.format('Forwarded ""'),
    PolicyField.LOOK_ALIKES: _SET_HEADER.format('NAME ""'),
    PolicyField.COMPRESSION: "gzip off; where {path} is served",
    PolicyField.CACHE: "proxy_cache off; where {path} is served",
    PolicyField.NO_TRANSFORM: 'proxy_hide_header Cache-Control; add_header Cache-Control "no-cache, no-transform" '
    "always; where {path} is served",
}
