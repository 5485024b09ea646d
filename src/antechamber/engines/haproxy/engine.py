"""HAProxy: rendering, capabilities and commands.

Measured on 2.8.25. It streams both ways by itself; time limits belong to a backend, so each set of limits is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from antechamber.engines.base import Capabilities, File, Form, Options, Site, approximated, capabilities, heading
from antechamber.engines.haproxy import quoting
from antechamber.engines.haproxy.program import PROGRAM
from antechamber.engines.haproxy.read import read
from antechamber.engines.haproxy.servers import Frontend, values
from antechamber.engines.sites import settled
from antechamber.engines.templating import environment
from antechamber.engines.values import short_time
from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Policy, Route


class HAProxy:
    """https://www.haproxy.org"""

    name = "haproxy"
    title = "HAProxy"
    issues_certificates = False
    program = PROGRAM
    capabilities: Capabilities = capabilities(
        body_limit_bytes=approximated("a declared length is judged; a body of unknown length is not counted"),
        stream_idle_s=approximated(
            "the named live routes have it; a stream on any other path has that path's response time limit"
        ),
        send_s=approximated("one client timeout for all routes, the longest; towards the app, the silence limit"),
        body_idle_s=approximated("one client timeout for all routes, the longest"),
        upstream_idle_s=approximated("idle connections are closed by halves at this interval"),
        client_address=approximated("behind trusted proxies, the last address of the chain: one proxy is believed"),
        drain_s=approximated("after a reload old processes keep their streams, until hard-stop-after"),
    )

    def render(self, policy: Policy, options: Options) -> tuple[File, ...]:
        return self.render_sites((Site(policy=policy, options=options),))

    def render_sites(self, sites: Sequence[Site]) -> tuple[File, ...]:
        head = heading(self, *(site.policy for site in sites))
        said = values(settled(self, sites))
        templates = environment("haproxy", {"time": short_time, "paths": quoting.paths})

        def text(template: str, **more: Frontend) -> str:
            return head + templates.get_template(template).render(**said, **more)

        match sites[0].options.form:
            case Form.SNIPPET:
                frontends = (
                    File(f"antechamber-frontend{frontend.number}.cfg", text("frontend.cfg.j2", frontend=frontend))
                    for frontend in said["frontends"]
                )
                return (*frontends, File("antechamber-backends.cfg", text("backends.cfg.j2")))
            case Form.SITE | Form.WHOLE:
                return (File("haproxy.cfg", text("haproxy.cfg.j2")),)

    def fix(self, field: PolicyField, route: Route) -> str:
        return _FIXES[field].format(path=route.path)

    def validate_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "-c", "-f", str(directory / "haproxy.cfg"))

    def run_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "-W", "-db", "-f", str(directory / "haproxy.cfg"))

    def read(self, text: str) -> tuple[EffectiveRoute, ...]:
        return read(text)

    def read_site(self, text: str, name: str) -> tuple[EffectiveRoute, ...]:
        return read(text, name)


_FRONTEND = "http-request set-header {} in the frontend that takes {{path}}"

_FIXES: dict[PolicyField, str] = {
    PolicyField.UPGRADES: "for {path}, http-request del-header Upgrade if !{{ req.hdr(Upgrade) -i websocket }}, and "
    "nothing else that changes Upgrade or Connection",
    PolicyField.RESPONSE_STREAMED: "option http-no-delay in the backend of {path}",
    PolicyField.REQUEST_STREAMED: "no option http-buffer-request for {path}",
    PolicyField.BODY_LIMIT_BYTES: "a larger req.body_size in the rule that answers 413 on {path}",
    PolicyField.CONNECT_S: "timeout connect in the backend of {path}",
    PolicyField.REQUEST_HEAD_S: "timeout http-request in the frontend",
    PolicyField.BODY_IDLE_S: "timeout client in the frontend",
    PolicyField.RESPONSE_S: "a longer timeout server in the backend of {path}",
    PolicyField.STREAM_IDLE_S: "longer timeout server and timeout tunnel in a backend for {path}",
    PolicyField.SEND_S: "a longer timeout client in the frontend",
    PolicyField.KEEPALIVE_IDLE_S: "timeout http-keep-alive in the frontend",
    PolicyField.UPSTREAM_IDLE_S: "pool-purge-delay 4s on the server line of {path}",
    PolicyField.DRAIN_S: "hard-stop-after in global",
    PolicyField.HOST: "no set-header Host for {path}",
    PolicyField.CLIENT_ADDRESS: _FRONTEND.format("X-Forwarded-For %[src]"),
    PolicyField.FORWARDED_PROTO: _FRONTEND.format("X-Forwarded-Proto https"),
    PolicyField.FORWARDED_HOST: _FRONTEND.format("X-Forwarded-Host %[req.hdr(host)]"),
    PolicyField.FORWARDED: "http-request del-header Forwarded in the frontend that takes {path}",
    PolicyField.LOOK_ALIKES: "http-request del-header NAME in the frontend that takes {path}",
    PolicyField.COMPRESSION: "no compression lines where {path} is served",
    PolicyField.CACHE: "no cache-use and cache-store where {path} is served",
    PolicyField.NO_TRANSFORM: 'http-response set-header Cache-Control "no-cache, no-transform" on {path}',
}
