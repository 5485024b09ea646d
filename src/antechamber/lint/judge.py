"""From a reading to findings: the sites that front the app, the routes that they pass on, the rules, the ignores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from antechamber.lint.choice import Wanted, chosen
from antechamber.lint.ignore import Ignores
from antechamber.lint.reading import Reading, Site
from antechamber.policy.effective import EffectiveRoute, required
from antechamber.policy.model import Policy, Route
from antechamber.policy.observation import Observation
from antechamber.rules.assess import EVERYTHING, gather, judge
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.deploys.config_does_not_load import RULE as DOES_NOT_LOAD
from antechamber.rules.doubts.ignore_unused import RULE as IGNORE_UNUSED
from antechamber.rules.finding import Assessment, Judged
from antechamber.rules.rule import Required, Rule
from antechamber.rules.verdict import Fired, NotApplicable

Fix = Callable[[Rule, Route], str]

WRITTEN = frozenset(
    {
        Observation.ACCEL_ADDED,
        Observation.BODY_MEMORY_BYTES,
        Observation.BY_HAND,
        Observation.CACHE_CONTROL,
        Observation.COOKIES,
        Observation.DEPARTURE,
        Observation.FORGED,
        Observation.HEADER_BLOCK_BYTES,
        Observation.HSTS,
        Observation.HTTP_REDIRECTED,
        Observation.HTTP_VERSIONS,
        Observation.IDLE_IGNORE,
        Observation.LAST_EVENT_ID,
        Observation.LOADS,
        Observation.QUERY,
        Observation.QUICK_TUNNEL,
        Observation.REAL_IP,
        Observation.TLS,
    }
)
"""Observations that readers make of a file as well."""
_OURS = "written by: antechamber config"
"""The heading of our own renderings: whoever has one knows what it is for."""

RULES = tuple(rule for rule in CATALOGUE if rule.field or rule.observation is None or rule.observation in WRITTEN)
"""What a configuration can say anything about; all others need a wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What was found in one configuration."""

    engine: str
    sites: tuple[Site, ...]
    """Those that were judged."""
    verdicts: tuple[Judged, ...]
    requirements: tuple[Required, ...]
    not_passed_on: tuple[str, ...]
    """Routes that the judged sites answer by themselves."""
    remarks: tuple[str, ...]


def lint(reading: Reading, policy: Policy, wanted: Wanted, *, outer_cdn: bool = False) -> Linted:
    """Every verdict on the sites of ``reading`` that front the app, and on its comments."""
    (linted,) = lint_together([reading], policy, wanted, outer_cdn=outer_cdn)
    return linted


def lint_together(
    readings: Sequence[Reading], policy: Policy, wanted: Wanted, *, outer_cdn: bool = False
) -> list[Linted]:
    """Each of ``readings``; a comment in a text that several of them have may hide a finding of any."""
    ignores = Ignores({name: text for one in readings for name, text in one.texts.items()})
    linted = [_lint(one, policy, wanted, ignores, outer_cdn=outer_cdn) for one in readings]
    unused = tuple(
        Judged(rule=IGNORE_UNUSED, path=EVERYTHING, verdict=Fired(problem, place))
        for place, problem in ignores.complaints()
    )
    if not unused:
        return linted
    return [*linted[:-1], replace(linted[-1], verdicts=(*linted[-1].verdicts, *unused))]


def _lint(reading: Reading, policy: Policy, wanted: Wanted, ignores: Ignores, *, outer_cdn: bool) -> Linted:
    sites = judged_sites(reading, policy, wanted)
    # A constant that names the public origin, and a variable that comes to the same, are both right: readers say so.
    plain = replace(policy, public_origin=None)
    requirements = [Required(route, required(plain, route, outer_cdn=outer_cdn)) for route in policy.routes]
    verdicts: list[Judged] = []
    passed_on: set[str] = set()
    for site in sites:
        effective = {one.path: one for route in policy.routes if (one := site.effective(route, policy)) is not None}
        passed_on |= set(effective)
        if not effective and not site.fragment:
            continue
        verdicts += _verdicts(site, reading, effective, requirements)
    verdicts += [
        Judged(rule=DOES_NOT_LOAD, path=EVERYTHING, verdict=Fired(fault.where, fault.place)) for fault in reading.faults
    ]
    kept = [_unless_ignored(one, ignores) for one in verdicts]
    return Linted(
        engine=reading.engine,
        sites=sites,
        verdicts=tuple(kept),
        requirements=tuple(requirements),
        not_passed_on=tuple(route.path for route in policy.routes if sites and route.path not in passed_on),
        remarks=(*reading.unread, *_about(reading, sites, policy)),
    )


def judged_sites(reading: Reading, policy: Policy, wanted: Wanted) -> tuple[Site, ...]:
    """The sites that front the app."""
    if not wanted.site and any(_OURS in text for text in reading.texts.values()):
        return reading.sites
    return chosen(reading.sites, policy, wanted)


def assessment(linted: Sequence[Linted], fixes: Callable[[str], Fix]) -> Assessment:
    """The findings of several configurations; ``fixes`` gives an engine's words by its name."""
    parts = [gather(one.verdicts, one.requirements, fix=fixes(one.engine)) for one in linted]
    return Assessment(
        judged=tuple(judged for part in parts for judged in part.judged),
        findings=tuple(finding for part in parts for finding in part.findings),
        advice=tuple(finding for part in parts for finding in part.advice),
    )


def _verdicts(
    site: Site, reading: Reading, effective: dict[str, EffectiveRoute], requirements: Sequence[Required]
) -> Sequence[Judged]:
    everything = effective.get(EVERYTHING) or EffectiveRoute(EVERYTHING, {})
    seen = {**everything.observations, **site.observations()}
    routes = {**effective, EVERYTHING: replace(everything, observations=seen)}
    return judge([one for one in requirements if one.route.path in effective], routes, RULES)


def _unless_ignored(judged: Judged, ignores: Ignores) -> Judged:
    if not isinstance(judged.verdict, Fired):
        return judged
    reason = ignores.reason(judged.rule.id, judged.verdict.place)
    return judged if reason is None else replace(judged, verdict=NotApplicable(f"ignored: {reason}"))


def _about(reading: Reading, sites: Sequence[Site], policy: Policy) -> list[str]:
    if not reading.sites:
        return []
    if sites:
        passing = any(site.effective(route, policy) for site in sites for route in policy.routes)
        first = sites[0]
        name = next(iter((*first.names, *first.upstreams)), "the site")
        return (
            []
            if passing or first.fragment
            else [
                f"{first.place}: {name} passes none of the routes of {policy.app} on: what becomes of them under a "
                "path of its own cannot be told"
            ]
        )
    names = sorted({name for site in reading.sites for name in (site.names or site.upstreams)})
    listed = f" It has {', '.join(names[:8])}{' …' if len(names) > 8 else ''}." if names else ""
    where = next((str(site.place.file) for site in reading.sites if site.place), "the file")
    return [
        f"{where}: no site here shows that it fronts {policy.app}, so none was judged.{listed} Name one with --site."
    ]
