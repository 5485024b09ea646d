"""Nginx Proxy Manager: what to type into its tabs.

NPM writes the server block, and a ``location /`` of its own with its access rules in it. A text with a location of its
own takes that away, and a ``proxy_set_header`` at server level is lost in it. So the text sets what a location does
inherit, and changes the request's fields before NPM's location reads them, with headers-more: OpenResty, which NPM runs
on, brings that module (https://openresty.org/en/components.html).
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from antechamber.engines.base import (
    Capabilities,
    File,
    Form,
    Options,
    approximated,
    capabilities,
    differences,
    not_expressible,
)
from antechamber.engines.nginx.quoting import size
from antechamber.engines.site import cloudflare_as_of, site_name
from antechamber.engines.templating import environment
from antechamber.engines.values import field_name, short_time
from antechamber.errors import ConfigError
from antechamber.policy.effective import PolicyField, body_limit_bytes, silence_s
from antechamber.policy.model import Address, Policy, Route

_SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
"""A name without a dot: a service beside NPM. What has one stands somewhere else."""

_LONGEST = "one limit for all paths, the longest"
_NPM = "NPM's own"


class Npm:
    """https://nginxproxymanager.com"""

    name = "npm"
    title = "Nginx Proxy Manager"
    issues_certificates = True
    capabilities: Capabilities = capabilities(
        upgrades=approximated("the switch lets every upgrade pass, whatever its token"),
        body_limit_bytes=approximated("one limit for all paths, the largest"),
        request_head_s=not_expressible("nginx's own 60 s"),
        response_s=approximated(_LONGEST),
        stream_idle_s=approximated(_LONGEST),
        send_s=approximated(_LONGEST),
        keepalive_idle_s=not_expressible(f"{_NPM} 90 s"),
        upstream_idle_s=not_expressible("NPM opens a connection for each request"),
        drain_s=not_expressible("NPM reloads nginx when any host is changed; old workers keep their streams"),
        host=approximated("without its port; X-Forwarded-Host has it"),
        client_address=approximated("NPM believes X-Real-IP from private networks, unless --trust names others"),
        look_alikes=approximated("dropped from everybody, a trusted proxy included"),
        cache=approximated("as long as Cache Assets is off"),
        no_transform=not_expressible("NPM has no place for it: the app says it, or the CDN gets a rule"),
    )

    def render(self, policy: Policy, options: Options) -> tuple[File, ...]:
        _require_reachable(policy.upstream)
        live = [route for route in policy.routes if route.kind.live]
        times = policy.timeouts
        values = {
            "app": "".join(character for character in policy.app if character.isprintable()),
            "name": site_name(policy),
            "upstream": policy.upstream,
            "host": f"[{policy.upstream.host}]" if ":" in policy.upstream.host else policy.upstream.host,
            "service": policy.upstream.host if _SERVICE.fullmatch(policy.upstream.host) else "",
            "behind_cdn": options.behind_cdn,
            "origin": policy.public_origin,
            "trusted": policy.trusted_proxies,
            "cloudflare": cloudflare_as_of(policy),
            "times": times,
            "body_bytes": max(body_limit_bytes(policy, route) for route in policy.routes),
            "silence_s": max(silence_s(policy, route) for route in policy.routes),
            "send_s": max(times.send_s, times.stream_send_s) if live else times.send_s,
            "look_alikes": sorted(field_name(name) for name in policy.untrusted_fields),
            "differences": differences(self),
        }
        templates = environment("npm", {"time": short_time, "size": size})

        def file(name: str) -> File:
            return File(name, templates.get_template(f"{name}.j2").render(values))

        if options.form is Form.SNIPPET:
            return (file("advanced.conf"),)
        return (file("npm.md"), file("docker-compose.yml"))

    def fix(self, field: PolicyField, route: Route) -> str:
        if field is PolicyField.UPGRADES:
            return "Details: Websockets Support on"
        if field is PolicyField.CACHE:
            return "Details: Cache Assets off"
        capability = self.capabilities[field]
        if field in _ADVANCED:
            return f"Advanced: {_ADVANCED[field]} (for {route.path} and all other paths)"
        return f"not in NPM: {capability.how}"


def _require_reachable(upstream: Address) -> None:
    """NPM runs in a container, whose loopback is NPM itself, and its form has a name and a port."""
    if upstream.unix:
        raise ConfigError(
            f"{ascii(str(upstream))[1:-1]} is a socket in the file system, and NPM's form takes a name and a port",
            way_out="Let the app listen on a port, and name it: --to http://openchamber:3000.",
        )
    try:
        loopback = ip_address(upstream.host).is_loopback
    except ValueError:
        loopback = upstream.host == "localhost"
    if loopback:
        raise ConfigError(
            f"{ascii(str(upstream))[1:-1]} is NPM itself when NPM runs in its container",
            way_out="Name the app's service or the machine's address, such as --to http://openchamber:3000.",
        )


_ADVANCED: dict[PolicyField, str] = {
    PolicyField.RESPONSE_STREAMED: "proxy_buffering off;",
    PolicyField.REQUEST_STREAMED: "proxy_request_buffering off;",
    PolicyField.BODY_LIMIT_BYTES: "a larger client_max_body_size",
    PolicyField.CONNECT_S: "proxy_connect_timeout",
    PolicyField.BODY_IDLE_S: "client_body_timeout",
    PolicyField.RESPONSE_S: "a longer proxy_read_timeout",
    PolicyField.STREAM_IDLE_S: "a longer proxy_read_timeout",
    PolicyField.SEND_S: "longer proxy_send_timeout and send_timeout",
    PolicyField.CLIENT_ADDRESS: "more_clear_input_headers X-Forwarded-For;",
    PolicyField.FORWARDED_PROTO: "more_clear_input_headers X-Forwarded-Proto;",
    PolicyField.FORWARDED_HOST: 'more_set_input_headers "X-Forwarded-Host: $http_host";',
    PolicyField.FORWARDED: "more_clear_input_headers Forwarded;",
    PolicyField.LOOK_ALIKES: "more_clear_input_headers NAME;",
    PolicyField.COMPRESSION: "gzip off;",
}
