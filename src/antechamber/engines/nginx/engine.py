"""nginx: capabilities, commands and the words of its fixes. Measured on 1.22.1 and 1.31.3."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from antechamber.engines.base import Capabilities, File, Options, Site, approximated, capabilities
from antechamber.engines.nginx.program import PROGRAM
from antechamber.engines.nginx.read import read
from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Policy, Route


class Nginx:
    """https://nginx.org"""

    name = "nginx"
    title = "nginx"
    issues_certificates = False
    program = PROGRAM
    capabilities: Capabilities = capabilities(
        response_streamed=approximated(
            "nginx 1.22 keeps the head of an event stream until its first event, over HTTP/2 (1.31 does not)"
        ),
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
        return self.render_sites((Site(policy=policy, options=options),))

    def render_sites(self, sites: Sequence[Site]) -> tuple[File, ...]:
        from antechamber.engines.nginx.render import rendered  # who asks for words or reads need not wait for it

        return rendered(self, sites)

    def fix(self, field: PolicyField, route: Route) -> str:
        return _FIXES[field].format(path=route.path)

    def validate_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "-t", "-p", str(directory), "-c", "nginx.conf")

    def run_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "-p", str(directory), "-c", "nginx.conf")

    def read(self, text: str) -> tuple[EffectiveRoute, ...]:
        return read(text)

    def read_site(self, text: str, name: str) -> tuple[EffectiveRoute, ...]:
        return read(text, name)


_SET_HEADER = (
    "proxy_set_header {}; at server level, and again in the location of {{path}} if that sets a field of its own"
)

_FIXES: dict[PolicyField, str] = {
    PolicyField.UPGRADES: "proxy_http_version 1.1; and proxy_set_header Upgrade and Connection from a map of "
    "$http_upgrade that lets websocket pass and nothing else, where {path} is served",
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
