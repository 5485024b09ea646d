"""From sites to what Caddy's configuration says, for the Caddyfile and for JSON alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from antechamber.engines.base import Site
from antechamber.engines.plan import Plan, plan
from antechamber.engines.site import cloudflare_as_of, site_name
from antechamber.engines.sites import is_secure, keys, listeners
from antechamber.engines.values import field_name, upgrade_token
from antechamber.errors import ConfigError
from antechamber.policy.effective import body_limit_bytes, silence_s
from antechamber.policy.model import Address, Network, Origin, Policy, Timeouts, Tls


class Limits(NamedTuple):
    """What can differ from route to route."""

    silence_s: float
    body_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One site; ``key`` ends the names of its snippets."""

    key: str
    name: str
    secure: bool
    listen: tuple[Address, ...]
    redirects: bool
    tls: Tls | None
    origin: Origin | None
    upstream: Address
    tokens: str
    """Upgrade tokens, as alternatives of a regular expression."""
    times: Timeouts
    plan: Plan[Limits]
    look_alikes: tuple[str, ...]


class Values(TypedDict):
    """What both notations are made from."""

    sites: list[Server]
    behind_cdn: bool
    trusted: tuple[Network, ...]
    cloudflare: str
    redirects_off: bool
    drain_s: float
    times: Timeouts
    strangers: list[Strangers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """A listener that refuses a name which is none of the sites'."""

    address: Address
    secure: bool


def values(sites: Sequence[Site]) -> Values:
    """What ``sites`` make. Raises :class:`ConfigError` where they trust different proxies."""
    _require_one_trust(sites)
    first = sites[0]
    secure = [site for site in sites if is_secure(site.options)]
    return Values(
        sites=[_server(site, key) for site, key in zip(sites, keys(sites), strict=True)],
        behind_cdn=first.options.behind_cdn,
        trusted=first.policy.trusted_proxies,
        cloudflare=cloudflare_as_of(first.policy),
        redirects_off=bool(secure) and all(site.options.redirect_from is None for site in secure),
        drain_s=max(site.policy.timeouts.drain_s for site in sites),
        times=first.policy.timeouts,
        strangers=list(_strangers(sites)),
    )


def _server(site: Site, key: str) -> Server:
    policy, options = site.policy, site.options
    tokens = sorted(upgrade_token(token) for token in policy.upgrade_tokens)
    return Server(
        key=f"_{key}" if key else "",
        name=site_name(policy),
        secure=is_secure(options),
        listen=options.listen,
        redirects=options.redirect_from is not None,
        tls=options.tls,
        origin=policy.public_origin,
        upstream=policy.upstream,
        tokens="|".join(tokens).replace(".", "\\."),
        times=policy.timeouts,
        plan=_plan(policy),
        look_alikes=tuple(sorted(field_name(name) for name in policy.untrusted_fields)),
    )


def _plan(policy: Policy) -> Plan[Limits]:
    return plan(policy, lambda route: Limits(silence_s(policy, route), body_limit_bytes(policy, route)))


def _strangers(sites: Sequence[Site]) -> Sequence[Strangers]:
    if len(sites) == 1:
        return ()
    return [
        Strangers(address=address, secure=is_secure(behind[0].options))
        for addresses, behind in listeners(sites).items()
        for address in addresses
        if len(behind) > 1
    ]


def _require_one_trust(sites: Sequence[Site]) -> None:
    for site in sites[1:]:
        if site.policy.trusted_proxies != sites[0].policy.trusted_proxies:
            raise ConfigError(
                f"it trusts other proxies than {sites[0].label}, and Caddy has one list for all sites",
                place=site.label,
                way_out="Write the same trust in both.",
            )
