"""From sites to what nginx's templates say: a server for each, and what stands once in ``http`` for all of them.

A map or an upstream is defined once for all sites that need the same one; a second one that differs gets a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from antechamber.engines.base import Options, Site
from antechamber.engines.nginx import quoting
from antechamber.engines.plan import Plan, plan
from antechamber.engines.site import cloudflare_as_of, every_interface, site_name
from antechamber.engines.sites import Distinct, keys, listeners
from antechamber.engines.values import field_name, upgrade_token
from antechamber.policy.effective import body_limit_bytes, silence_s
from antechamber.policy.model import Address, Network, Origin, Policy, Route, Timeouts, Tls

HTTP2_DIRECTIVE = (1, 25, 1)
"""Since this version ``http2 on`` is a directive, and ``listen … http2`` deprecated."""


class Limits(NamedTuple):
    """What can differ from location to location."""

    silence_s: float
    send_s: float
    body_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One site. ``upgrade``, ``trust`` and ``app`` end the names of the definitions that it uses."""

    key: str
    name: str
    listen: tuple[Address, ...]
    redirect_from: tuple[Address, ...]
    tls: Tls | None
    origin: Origin | None
    trusted: tuple[Network, ...]
    cloudflare: str
    proto: str
    host: str
    upgrade: str
    app: str
    times: Timeouts
    plan: Plan[Limits]
    look_alikes: tuple[str, ...]


@dataclass(slots=True)
class Shared:
    """What stands in ``http``, each with the end of its name."""

    upgrades: Distinct[tuple[str, ...]]
    trusts: Distinct[tuple[Network, ...]]
    apps: Distinct[tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """Listeners that refuse a name which is none of the sites'."""

    listen: tuple[Address, ...]
    tls: bool


class Values(TypedDict):
    """What the templates are filled with."""

    sites: list[Server]
    shared: Shared
    strangers: list[Strangers]
    behind_cdn: bool
    old: bool
    longest_stream_s: float
    connections: int


def values(sites: Sequence[Site]) -> Values:
    """What ``sites`` fill the templates with."""
    shared = Shared(Distinct(), Distinct(), Distinct())
    servers = [_server(site, key, shared) for site, key in zip(sites, keys(sites), strict=True)]
    options = sites[0].options
    return {
        "sites": servers,
        "shared": shared,
        "behind_cdn": options.behind_cdn,
        "old": options.version is not None and options.version < HTTP2_DIRECTIVE,
        "strangers": _strangers(sites),
        "longest_stream_s": max(site.policy.timeouts.stream_idle_s for site in sites),
        "connections": max(site.policy.limits.connections for site in sites),
    }


def _server(site: Site, key: str, shared: Shared) -> Server:
    policy, options = site.policy, site.options
    origin = policy.public_origin
    told = shared.trusts.suffix(policy.trusted_proxies) if policy.trusted_proxies and not origin else None
    return Server(
        key=key,
        name=site_name(policy),
        listen=every_interface(options.listen),
        redirect_from=every_interface((options.redirect_from,)) if options.redirect_from else (),
        tls=options.tls,
        origin=origin,
        trusted=policy.trusted_proxies,
        cloudflare=cloudflare_as_of(policy),
        proto=origin.scheme if origin else "$scheme" if told is None else f"$antechamber_proto{told}",
        host=origin.host if origin else "$http_host" if told is None else f"$antechamber_host{told}",
        upgrade=shared.upgrades.suffix(tuple(sorted(upgrade_token(token) for token in policy.upgrade_tokens))),
        app=shared.apps.suffix((quoting.upstream(policy.upstream), policy.timeouts.upstream_idle_s)),
        times=policy.timeouts,
        plan=_plan(policy),
        look_alikes=tuple(sorted(field_name(name) for name in policy.untrusted_fields)),
    )


def _plan(policy: Policy) -> Plan[Limits]:
    def limits(route: Route) -> Limits:
        send_s = policy.timeouts.stream_send_s if route.kind.live else policy.timeouts.send_s
        return Limits(silence_s(policy, route), send_s, body_limit_bytes(policy, route))

    return plan(policy, limits)


def _strangers(sites: Sequence[Site]) -> list[Strangers]:
    if len(sites) == 1:
        return []
    return [
        Strangers(listen=every_interface(addresses), tls=_has_tls(behind[0].options))
        for addresses, behind in listeners(sites).items()
        if len(behind) > 1
    ]


def _has_tls(options: Options) -> bool:
    return options.tls is not None
