"""From a policy to the few lines of ``antechamber.toml`` that make it: what its profile and the defaults do not say.

The profile is named where it is a built-in one, and what differs from it is written; any other policy is written out
on top of the profile that assumes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from antechamber.engines.base import Options
from antechamber.engines.edge import toml
from antechamber.engines.values import short_time
from antechamber.policy.load import read_site
from antechamber.policy.model import Address, Network, Policy, Route, Timeouts
from antechamber.policy.networks import CLOUDFLARE, CLOUDFLARE_AS_OF, PRIVATE
from antechamber.policy.profile import BUILT_IN

ANY_APP = "generic"

_RULES = {
    "connect_s": "AC401",
    "request_head_s": "AC407",
    "keepalive_idle_s": "AC408",
    "body_idle_s": "AC405",
    "response_s": "AC402",
    "send_s": "AC404",
    "stream_send_s": "AC404",
    "stream_idle_s": "AC403",
    "upstream_idle_s": "AC406",
    "drain_s": "AC801",
}
_LIMIT_KEYS = {
    "request_line_bytes": "request-line",
    "header_block_bytes": "header-block",
    "header_count": "header-count",
    "response_header_block_bytes": "response-header-block",
    "response_header_count": "response-header-count",
    "body_bytes": "body",
    "connections": "connections",
    "connections_per_client": "connections-per-client",
    "streams": "streams",
    "streams_per_connection": "streams-per-connection",
}


@dataclass(frozen=True, slots=True)
class Line:
    """``key = value``, and the rules that it is there for."""

    key: str
    value: str
    rules: str = ""

    def __str__(self) -> str:
        return f"{self.key} = {self.value}" + (f"  # {self.rules}" if self.rules else "")


@dataclass(frozen=True, slots=True)
class Table:
    """One table, and the header that it has in the file (none for the outermost)."""

    header: str
    lines: tuple[Line, ...]


def tables(policy: Policy, options: Options) -> list[Table]:
    """The tables of the file; those without a line are left out."""
    base = _base(policy)
    found = [
        Table("", tuple(_top(policy, base, options))),
        Table("[tls]", tuple(_tls(options))),
        Table("[limits]", tuple(_limits(policy, base))),
        Table("[timeouts]", tuple(_timeouts(policy.timeouts, base.timeouts))),
        *(
            Table("[[route]]", tuple(_route(route, policy, base)))
            for route in policy.routes
            if route not in base.routes
        ),
    ]
    return [table for table in found if table.lines]


def _base(policy: Policy) -> Policy:
    """What the profile alone makes: the policy's own, if every route of it is still there."""
    name = policy.profile if policy.profile in BUILT_IN else ANY_APP
    base = _alone(name)
    paths = {route.path for route in policy.routes}
    return base if all(route.path in paths for route in base.routes) else _alone(ANY_APP)


def _alone(profile: str) -> Policy:
    return read_site(f"profile = {toml.string(profile)}\nto = 1\n").policy


def _top(policy: Policy, base: Policy, options: Options) -> Iterator[Line]:
    yield Line("profile", toml.string(base.profile))
    yield Line("to", toml.string(_app(policy.upstream)))
    yield Line("listen", toml.strings(options.listen))
    if policy.public_origin:
        yield Line("public-origin", toml.string(str(policy.public_origin)), "AC503, AC504")
    if policy.trusted_proxies:
        date = f", cloudflare as of {CLOUDFLARE_AS_OF}" if set(CLOUDFLARE) <= set(policy.trusted_proxies) else ""
        yield Line("trust", toml.strings(_networks(policy.trusted_proxies)), f"AC502{date}")
    if not policy.http2:
        yield Line("http2", "false", "AC703")
    for key, ours, theirs, rules in (
        ("upgrade", policy.upgrade_tokens, base.upgrade_tokens, "AC101, AC102"),
        ("untrusted-fields", policy.untrusted_fields, base.untrusted_fields, "AC506"),
        ("secret-query-keys", policy.secret_query_keys, base.secret_query_keys, ""),
    ):
        if more := ours - theirs:
            yield Line(key, toml.strings(sorted(more)), rules)


def _networks(trusted: Sequence[Network]) -> list[str]:
    """The published lists by their names, then every other network."""
    words = {"private": PRIVATE, "cloudflare": CLOUDFLARE}
    whole = [word for word, networks in words.items() if set(networks) <= set(trusted)]
    listed = {network for word in whole for network in words[word]}
    return [*whole, *(str(network) for network in trusted if network not in listed)]


def _app(upstream: Address) -> str:
    return str(upstream) if upstream.unix else f"http://{upstream}"


def _tls(options: Options) -> Iterator[Line]:
    if options.tls:
        yield Line("certificate", toml.string(str(options.tls.certificate)), "AC702")
        yield Line("key", toml.string(str(options.tls.key)))


def _limits(policy: Policy, base: Policy) -> Iterator[Line]:
    for name, key in _LIMIT_KEYS.items():
        ours: int = getattr(policy.limits, name)
        if ours != getattr(base.limits, name):
            yield Line(key, toml.size(ours) if name.endswith("_bytes") else str(ours), "AC301" if key == "body" else "")


def _timeouts(ours: Timeouts, theirs: Timeouts) -> Iterator[Line]:
    for name in Timeouts.__dataclass_fields__:
        if getattr(ours, name) != getattr(theirs, name):
            key = name.removesuffix("_s").replace("_", "-")
            yield Line(key, toml.string(short_time(getattr(ours, name))), _RULES.get(name, ""))


def _route_table(route: Route, policy: Policy, base: Policy) -> Table:
    return Table("[[route]]", tuple(_route(route, policy, base)))


def _route(route: Route, policy: Policy, base: Policy) -> Iterator[Line]:
    known = next((one for one in base.routes if one.path == route.path), None)
    plain = known or Route(name=route.path, path=route.path, kind=route.kind)
    yield Line("path", toml.string(route.path))
    if known is None or route.kind is not known.kind:
        yield Line("kind", toml.string(route.kind.value))
    for name in ("name", "first", "since", "until", "note"):
        if getattr(route, name) != getattr(plain, name):
            yield Line(name, toml.string(getattr(route, name)))
    if route.methods != plain.methods:
        yield Line("methods", toml.strings(route.methods))
    if route.seed != plain.seed:
        yield Line("seed", str(route.seed).lower())
    if route.heartbeat_s is not None and route.heartbeat_s != plain.heartbeat_s:
        yield Line("heartbeat", toml.string(short_time(route.heartbeat_s)))
    yield from _route_limits(route, plain, policy)


def _route_limits(route: Route, plain: Route, policy: Policy) -> Iterator[Line]:
    """A limit that the route has from the policy is written where a prefix around it would give it another."""
    around = [one for one in policy.routes if one.path.endswith("/*")]
    body = route.body_limit_bytes
    if body is None and any(one.body_limit_bytes is not None for one in (plain, *around)):
        body = policy.limits.body_bytes
    if body is not None and body != plain.body_limit_bytes:
        yield Line("body-limit", toml.size(body), "AC301")
    response_s = route.response_timeout_s
    if response_s is None and any(one.response_timeout_s is not None for one in (plain, *around)):
        response_s = policy.timeouts.response_s
    if response_s is not None and response_s != plain.response_timeout_s:
        yield Line("response-timeout", _time(response_s), "AC402")
    idle_s = route.stream_idle_timeout_s
    if idle_s is None and any(one.stream_idle_timeout_s is not None for one in (plain, *around)):
        idle_s = policy.timeouts.stream_idle_s
    if idle_s is not None and idle_s != plain.stream_idle_timeout_s:
        yield Line("stream-idle-timeout", _time(idle_s), "AC403")


def _time(seconds: float) -> str:
    return toml.string(short_time(seconds))
