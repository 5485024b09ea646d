"""Several sites in one configuration: what they must agree on, and what they can share.

Every site has a public name of its own. Sites on one port are told apart by it, so all that a listener decides before
it has read the name (addresses, TLS, the time for a head, the time between requests) is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from antechamber.engines.base import Engine, Options, Site
from antechamber.engines.site import site_name
from antechamber.errors import ConfigError
from antechamber.policy.model import Address

K = TypeVar("K")


@dataclass(slots=True)
class Distinct(Generic[K]):
    """Definitions that sites share where they are equal: the first has the plain name, each other one a number."""

    _numbers: dict[K, int] = field(default_factory=dict)

    def suffix(self, key: K) -> str:
        """What is put after the name of the definition of ``key``."""
        return _suffix(self._numbers.setdefault(key, len(self._numbers) + 1))

    def __iter__(self) -> Iterator[tuple[K, str]]:
        return ((key, _suffix(number)) for key, number in self._numbers.items())


def _suffix(number: int) -> str:
    return "" if number == 1 else f"_{number}"


def keys(sites: Sequence[Site]) -> tuple[str, ...]:
    """A word for each site that no other has, for names in a configuration; empty where there is one site only."""
    if len(sites) == 1:
        return ("",)
    names = [_plain_name(site) for site in sites]
    return tuple(
        name if names.count(name) == 1 else f"{name}:{_ports(site)[0]}" for name, site in zip(names, sites, strict=True)
    )


def settled(engine: Engine, sites: Sequence[Site]) -> tuple[Site, ...]:
    """``sites`` with the limits that a listener has for all of them: the longest. Raises :class:`ConfigError` for sites
    that cannot stand beside one another."""
    if len(sites) == 1:
        return tuple(sites)
    for index, site in enumerate(sites):
        _require_name(engine, site)
        for earlier in sites[:index]:
            _refuse_collision(earlier, site)
    times = [site.policy.timeouts for site in sites]
    head_s = max(one.request_head_s for one in times)
    idle_s = max(one.keepalive_idle_s for one in times)
    return tuple(
        replace(
            site,
            policy=replace(
                site.policy,
                timeouts=replace(site.policy.timeouts, request_head_s=head_s, keepalive_idle_s=idle_s),
            ),
        )
        for site in sites
    )


def listeners(sites: Sequence[Site]) -> dict[tuple[Address, ...], list[Site]]:
    """The sites behind each set of addresses, in their order."""
    found: dict[tuple[Address, ...], list[Site]] = {}
    for site in sites:
        found.setdefault(site.options.listen, []).append(site)
    return found


def is_secure(options: Options) -> bool:
    return options.tls is not None or options.issues_certificate


def _plain_name(site: Site) -> str:
    return site_name(site.policy).strip("[]")


def _ports(site: Site) -> list[int]:
    return [address.port for address in site.options.listen]


def _require_name(engine: Engine, site: Site) -> None:
    if not site_name(site.policy):
        raise ConfigError(
            f"this site has no public origin, so {engine.title} cannot tell its requests from the others'",
            place=site.label,
            way_out='Add public-origin = "https://chamber.example.com".',
        )


def _refuse_collision(one: Site, other: Site) -> None:
    shared = set(_ports(one)) & set(_ports(other))
    for redirecting, serving in ((one, other), (other, one)):
        source = redirecting.options.redirect_from
        if source and source.port in _ports(serving):
            raise ConfigError(
                f"port {source.port} serves this site, and sends {redirecting.label}'s to https",
                place=serving.label,
                way_out="Serve both over https, or this one on another port.",
            )
    if not shared:
        return
    port = min(shared)
    if site_name(one.policy) == site_name(other.policy):
        raise ConfigError(
            f"{site_name(other.policy)} on port {port} is the name of {one.label} already",
            place=other.label,
            way_out="Give one of them another public-origin, or another port to listen on.",
        )
    if set(one.options.listen) != set(other.options.listen):
        raise ConfigError(
            f"it shares port {port} with {one.label}, but not all addresses",
            place=other.label,
            way_out="Let both listen on the same addresses, or on ports of their own.",
        )
    if is_secure(one.options) != is_secure(other.options):
        raise ConfigError(
            f"it shares port {port} with {one.label}, and only one of the two has TLS",
            place=other.label,
            way_out="Give both a certificate, or neither.",
        )
