"""Cloudflare: three rules for a zone, a tunnel, and the limits that no rule can change.

Read, not measured: nothing here was tried on a live account, and the first line of the output says so.
"""

from __future__ import annotations

import json

from antechamber.engines.base import (
    Capabilities,
    File,
    Options,
    approximated,
    capabilities,
    not_expressible,
)
from antechamber.engines.site import site_name
from antechamber.engines.templating import environment
from antechamber.engines.values import printable, short_time
from antechamber.errors import ConfigError
from antechamber.policy.effective import PolicyField, body_limit_bytes, silence_s
from antechamber.policy.model import Policy, Route
from antechamber.policy.networks import CLOUDFLARE_AS_OF
from antechamber.policy.quantities import show_duration, show_size

_FIXED = "Cloudflare's own limit"
_ORIGIN = not_expressible("what reaches the app is decided at the origin")

PHASES: dict[str, tuple[str, str, dict[str, object]]] = {
    "http_response_compression": (
        "antechamber_compression",
        "compress_response",
        {"algorithms": [{"name": "none"}]},
    ),
    "http_request_cache_settings": ("antechamber_cache", "set_cache_settings", {"cache": False}),
    "http_config_settings": (
        "antechamber_buffering",
        "set_config",
        {"request_body_buffering": "none", "response_body_buffering": "none"},
    ),
}
"""Phase of the ruleset engine: the rule's ref, action and parameters."""


class Cloudflare:
    """https://www.cloudflare.com"""

    name = "cloudflare"
    title = "Cloudflare"
    issues_certificates = True
    capabilities: Capabilities = capabilities(
        upgrades=approximated("WebSockets are a switch of the whole zone; other upgrades never pass"),
        response_streamed=approximated("where the zone has body buffering settings; else uncacheable answers only"),
        request_streamed=approximated("where the zone has body buffering settings"),
        body_limit_bytes=not_expressible("100 MB on Free and Pro, 200 MB on Business, 500 MB and more on Enterprise"),
        connect_s=not_expressible(f"{_FIXED}, 19 s"),
        request_head_s=not_expressible(_FIXED),
        body_idle_s=not_expressible(_FIXED),
        response_s=not_expressible(f"{_FIXED}, about 100 s; Enterprise can raise it"),
        stream_idle_s=not_expressible(f"{_FIXED}, about 100 s: heartbeats keep a stream alive"),
        send_s=not_expressible(f"{_FIXED}, 30 s"),
        keepalive_idle_s=not_expressible(f"{_FIXED}, 400 s"),
        upstream_idle_s=approximated("in a tunnel; without one, Cloudflare's own limit of 900 s"),
        drain_s=not_expressible("Cloudflare restarts its edges when it does"),
        host=_ORIGIN,
        client_address=_ORIGIN,
        forwarded_proto=_ORIGIN,
        forwarded_host=_ORIGIN,
        forwarded=_ORIGIN,
        look_alikes=_ORIGIN,
        no_transform=not_expressible("the origin says it, and Cloudflare obeys"),
    )

    def render(self, policy: Policy, options: Options) -> tuple[File, ...]:
        name = site_name(policy)
        if not name:
            raise ConfigError(
                "Cloudflare's rules need the name that they are for",
                way_out="Add --public-origin https://chamber.example.com.",
            )
        expression = f'http.host eq "{name}"'
        heartbeats = [route.heartbeat_s for route in policy.routes if route.heartbeat_s is not None]
        text = (
            environment("cloudflare", {"time": short_time})
            .get_template("cloudflare.md.j2")
            .render(
                app="".join(character for character in policy.app if character.isprintable()),
                name=name,
                expression=expression,
                as_of=CLOUDFLARE_AS_OF,
                phases={phase: _rules(phase, expression) for phase in PHASES},
                service=_service(policy),
                times=policy.timeouts,
                body_limit=show_size(max(body_limit_bytes(policy, route) for route in policy.routes)),
                silences=", ".join(map(show_duration, sorted({silence_s(policy, route) for route in policy.routes}))),
                heartbeat=show_duration(max(heartbeats)) if heartbeats else "of which the profile names none",
            )
        )
        return (File("cloudflare.md", text),)

    def fix(self, field: PolicyField, route: Route) -> str:
        capability = self.capabilities[field]
        return f"{_FIXES[field]} for {route.path}" if field in _FIXES else f"not at Cloudflare: {capability.how}"


def _rules(phase: str, expression: str) -> str:
    """The body of an API call for one phase."""
    ref, action, parameters = PHASES[phase]
    rule = {"ref": ref, "expression": expression, "action": action, "action_parameters": parameters}
    return json.dumps({"rules": [rule]}, indent=2)


def _service(policy: Policy) -> str:
    """The app as a tunnel's service; JSON's strings are YAML's."""
    unix = policy.upstream.unix
    if unix:
        printable(unix, what="the app's socket path")
    return json.dumps(f"unix:{unix}" if unix else f"http://{policy.upstream}", ensure_ascii=False)


_FIXES: dict[PolicyField, str] = {
    PolicyField.UPGRADES: "Network, WebSockets: on",
    PolicyField.RESPONSE_STREAMED: "a Configuration Rule with response body buffering none",
    PolicyField.REQUEST_STREAMED: "a Configuration Rule with request body buffering none",
    PolicyField.UPSTREAM_IDLE_S: "keepAliveTimeout in the tunnel's originRequest",
    PolicyField.COMPRESSION: "a Compression Rule that disables compression",
    PolicyField.CACHE: "a Cache Rule that bypasses the cache",
}
