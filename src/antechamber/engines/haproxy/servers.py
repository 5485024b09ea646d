"""From sites to what HAProxy's configuration says: a frontend for each listener, backends for each site.

A frontend is one list of rules for all its sites. A part of it that is alike for all of them stands there once; one
that differs stands there for each site, on the condition that the request is for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from antechamber.engines.base import Site
from antechamber.engines.haproxy import quoting
from antechamber.engines.plan import Plan, plan
from antechamber.engines.site import cloudflare_as_of, every_interface, site_name
from antechamber.engines.sites import keys, listeners
from antechamber.engines.values import field_name, upgrade_token
from antechamber.policy.effective import body_limit_bytes, silence_s
from antechamber.policy.model import Address, Network, Origin, Policy, Timeouts


class Limits(NamedTuple):
    """What can differ from backend to backend."""

    silence_s: float
    body_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One site; ``key`` starts with an underscore where there are several, and ends the names of what is its own."""

    key: str
    name: str
    origin: Origin | None
    upstream: str
    tokens: str
    trusted: tuple[Network, ...]
    cloudflare: str
    look_alikes: tuple[str, ...]
    times: Timeouts
    plan: Plan[Limits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontend:
    """One listener and the sites behind it."""

    number: str
    listen: tuple[Address, ...]
    redirect_from: tuple[Address, ...]
    certificates: tuple[str, ...]
    sites: tuple[Server, ...]


class Values(TypedDict):
    """What the templates are filled with."""

    sites: list[Server]
    frontends: list[Frontend]
    behind_cdn: bool
    times: Timeouts
    client_s: float
    longest_stream_s: float
    connections: int
    alike: Callable[[Callable[[Server, str], str], Sequence[Server]], str]


def values(sites: Sequence[Site]) -> Values:
    """What ``sites`` fill the templates with."""
    servers = {id(site): _server(site, key) for site, key in zip(sites, keys(sites), strict=True)}
    frontends = [
        _frontend(f"_{number}" if number > 1 else "", addresses, behind, [servers[id(site)] for site in behind])
        for number, (addresses, behind) in enumerate(listeners(sites).items(), start=1)
    ]
    times = [site.policy.timeouts for site in sites]
    return Values(
        sites=list(servers.values()),
        frontends=frontends,
        behind_cdn=sites[0].options.behind_cdn,
        times=times[0],
        client_s=max(max(one.body_idle_s, one.send_s, one.stream_send_s) for one in times),
        longest_stream_s=max(one.stream_idle_s for one in times),
        connections=max(site.policy.limits.connections for site in sites),
        alike=alike,
    )


def alike(part: Callable[[Server, str], str], sites: Sequence[Server]) -> str:
    """A part of a frontend: once without a condition if it is the same for all sites, else for each on its own."""
    texts = [part(site, "") for site in sites]
    if all(text == texts[0] for text in texts):
        return texts[0]
    return "".join(part(site, f"at{site.key}") for site in sites)


def _frontend(
    number: str, addresses: tuple[Address, ...], behind: Sequence[Site], servers: Sequence[Server]
) -> Frontend:
    redirects = dict.fromkeys(site.options.redirect_from for site in behind if site.options.redirect_from)
    certificates = dict.fromkeys(quoting.certificate(site.options.tls) for site in behind if site.options.tls)
    return Frontend(
        number=number,
        listen=every_interface(addresses),
        redirect_from=every_interface(redirects),
        certificates=tuple(certificates),
        sites=tuple(servers),
    )


def _server(site: Site, key: str) -> Server:
    policy = site.policy
    return Server(
        key=f"_{key}" if key else "",
        name=site_name(policy),
        origin=policy.public_origin,
        upstream=quoting.upstream(policy.upstream),
        tokens=" ".join(sorted(upgrade_token(token) for token in policy.upgrade_tokens)),
        trusted=policy.trusted_proxies,
        cloudflare=cloudflare_as_of(policy),
        look_alikes=tuple(sorted(field_name(name) for name in policy.untrusted_fields)),
        times=policy.timeouts,
        plan=_plan(policy),
    )


def _plan(policy: Policy) -> Plan[Limits]:
    return plan(policy, lambda route: Limits(silence_s(policy, route), body_limit_bytes(policy, route)))
