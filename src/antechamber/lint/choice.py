"""Which sites of a file front the app, and so are judged at all.

A configuration may serve ten apps, and only one of them is the profile's: to tell the owner of a blog that it does not
pass WebSockets on is a false alarm. So a site counts if somebody says so, or if it shows: something in it is written
for a live route of the profile in particular, or it has the app's name. A fragment has no name by which it could be
another app's, and counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from antechamber.errors import ConfigError
from antechamber.lint.reading import Site
from antechamber.policy.effective import Effective, PolicyField, Source
from antechamber.policy.model import Address, Kind, Policy
from antechamber.policy.suggest import did_you_mean

OWN_NAME = "antechamber"
_STREAMS = (PolicyField.STREAM_IDLE_S, PolicyField.RESPONSE_STREAMED)
_LONG_S = 900.0
"""Of silence: nobody writes as much for pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was said about the site that is meant."""

    site: str = ""
    """A host name, an upstream, or ``*`` for all."""
    upstream: Address | None = None
    name: str = ""
    """The host name of the public origin."""
    app_said: bool = False
    """Whether somebody said which app it is: then the only site there is is its."""
    words: tuple[str, ...] = ()
    """Lower-case names of the app."""


def chosen(sites: Sequence[Site], policy: Policy, wanted: Wanted) -> tuple[Site, ...]:
    """The sites to judge."""
    if wanted.site:
        return tuple(site for site in sites if wanted.site in ("*", *site.names, *site.upstreams))
    return (
        tuple(site for site in sites if wanted.name and wanted.name in site.names)
        or tuple(site for site in sites if wanted.upstream and _is_at(site, wanted.upstream))
        or tuple(site for site in sites if _shows(site, policy, wanted.words))
        or tuple(site for site in sites if site.fragment)
        or tuple(site for site in _only(sites) if _is_by_default(site, policy))
        or (_only(sites) if wanted.app_said else ())
    )


def _only(sites: Sequence[Site]) -> tuple[Site, ...]:
    """The one site that passes anything on, if it is one."""
    passing = tuple(site for site in sites if site.upstreams)
    return passing if len(passing) == 1 else ()


def insist(sites: Sequence[Site], wanted: Wanted) -> None:
    """Raises :class:`ConfigError` for a ``--site`` that is none of all these."""
    word = wanted.site
    known = list(dict.fromkeys(name for site in sites for name in (*site.names, *site.upstreams)))
    if word in ("", "*", *known):
        return
    hint = did_you_mean(word, known)
    listed = f"There are: {', '.join(known[:12])}." if known else "The file has no site with a name."
    raise ConfigError(f"no such site: {ascii(word)[1:-1]}", place="--site", way_out=f"{hint} {listed}".strip())


def _is_at(site: Site, upstream: Address) -> bool:
    local = ("127.0.0.1", "localhost", "[::1]")
    spelled = {str(upstream), f"unix:{upstream.unix}"} if upstream.unix else {str(upstream)}
    if upstream.host in ("127.0.0.1", "localhost", "::1"):
        spelled |= {f"{host}:{upstream.port}" for host in local}
    return bool(spelled & set(site.upstreams))


def _is_by_default(site: Site, policy: Policy) -> bool:
    """Whether it passes to the port that the app has as a rule, and is written for streams: other apps have that port
    as well, and nobody gives their sites an hour of silence."""
    if not policy.app_port or not any(one.endswith(f":{policy.app_port}") for one in site.upstreams):
        return False
    streams = [route for route in policy.routes if route.kind is Kind.SSE]
    passed_on = [one for route in streams if (one := site.effective(route, policy)) is not None]
    return any(_for_streams(one.fields.get(field)) for one in passed_on for field in _STREAMS)


def _for_streams(found: Effective | None) -> bool:
    if found is None or found.source not in (Source.SET, Source.INHERITED):
        return False
    long = isinstance(found.value, float) and found.value >= _LONG_S
    return found.value is True or long


def _shows(site: Site, policy: Policy, words: Sequence[str]) -> bool:
    if any(site.singles_out(route.path) for route in policy.routes if route.kind.live):
        return True
    return any(word in name.lower() for word in words for name in (*site.names, *site.upstreams))
