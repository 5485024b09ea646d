"""Every rule on every route, and the faults gathered from that.

A rule fires on one route at a time; people want to hear of a fault once. So what fires at the same place of a file, or
at the same hop, is one finding on several routes; and what fires on a route *because* another rule does stands under
that one: a ``Host`` that is not kept is the finding, the 403 of every WebSocket is its consequence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from antechamber.policy.effective import EffectiveRoute, EffectiveRoutes, Place
from antechamber.policy.model import Kind, Route
from antechamber.policy.observation import SITE
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.finding import Assessment, Finding, Judged
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import Fired

Fix = Callable[[Rule, Route], str]
"""An engine's words for mending a rule on a route; empty where it has none."""

EVERYTHING = "/*"
"""Where what concerns a whole site stands."""


def assess(
    requirements: Sequence[Required],
    effective: EffectiveRoutes | Mapping[str, EffectiveRoute],
    rules: Sequence[Rule] = CATALOGUE,
    *,
    hop: str = "",
    fix: Fix | None = None,
) -> Assessment:
    """What ``rules`` say of ``effective``. Leave out of ``requirements`` what does not apply to the app at hand."""
    return gather(judge(requirements, effective, rules, hop=hop), requirements, fix=fix)


def judge(
    requirements: Sequence[Required],
    effective: EffectiveRoutes | Mapping[str, EffectiveRoute],
    rules: Sequence[Rule] = CATALOGUE,
    *,
    hop: str = "",
) -> tuple[Judged, ...]:
    """Every verdict: of the rules of a site once, of all others on each route."""
    site = _effective(effective, EVERYTHING)
    everywhere = {name: seen for name, seen in site.observations.items() if name in SITE}
    judged = [
        Judged(rule=rule, path=EVERYTHING, verdict=rule.judge(_required_of_site(requirements), site), hop=hop)
        for rule in rules
        if rule.site
    ]
    for required in requirements:
        path = required.route.path
        here = _effective(effective, path)
        seen = EffectiveRoute(path, here.fields, {**everywhere, **here.observations})
        judged += [
            Judged(rule=rule, path=path, verdict=rule.judge(required, seen), hop=hop) for rule in rules if not rule.site
        ]
    return tuple(judged)


def gather(judged: Sequence[Judged], requirements: Iterable[Required] = (), *, fix: Fix | None = None) -> Assessment:
    """The faults among verdicts, which may be of several hops; consequences under their roots, advice apart."""
    routes = {required.route.path: required.route for required in requirements}
    fired = [one for one in judged if isinstance(one.verdict, Fired)]
    faults = [one for one in fired if one.rule.severity is not Severity.ADVICE]
    advice = [one for one in fired if one.rule.severity is Severity.ADVICE]
    return Assessment(
        judged=tuple(judged),
        findings=_Gathering(faults, routes, fix).findings(),
        advice=_Gathering(advice, routes, fix).findings(),
    )


def _effective(effective: EffectiveRoutes | Mapping[str, EffectiveRoute], path: str) -> EffectiveRoute:
    if isinstance(effective, EffectiveRoutes):
        return effective.of(path)
    return effective.get(path) or EffectiveRoute(path, {})


def _required_of_site(requirements: Sequence[Required]) -> Required:
    for required in requirements:
        if required.route.path == EVERYTHING:
            return required
    return Required(Route(name="everything", path=EVERYTHING, kind=Kind.PAGE), {})


@dataclass(frozen=True, slots=True)
class _Key:
    """What makes two fired verdicts one finding."""

    rule: str
    place: Place | None
    hop: str


@dataclass(slots=True)
class _Group:
    """A finding in the making."""

    members: list[Judged] = field(default_factory=list)
    under: dict[_Key, _Group] = field(default_factory=dict)


class _Gathering:
    """Fired verdicts on their way into findings. Order is the order in which they were judged."""

    def __init__(self, fired: Sequence[Judged], routes: Mapping[str, Route], fix: Fix | None) -> None:
        self._fired = fired
        self._routes = routes
        self._fix = fix

    def findings(self) -> tuple[Finding, ...]:
        groups: dict[_Key, _Group] = {}
        for judged in self._fired:
            root = self._root(judged)
            group = groups.setdefault(_key(root), _Group())
            if root is judged:
                group.members.append(judged)
            else:
                group.under.setdefault(_key(judged), _Group()).members.append(judged)
        found = [self._finding(group) for group in groups.values()]
        return tuple(sorted(found, key=lambda finding: -finding.rule.severity.weight))

    def _root(self, judged: Judged) -> Judged:
        """What explains ``judged``, or itself. Roots form no circle: the catalogue's tests see to that."""
        for identifier in judged.rule.roots:
            for other in self._fired:
                if other.rule.id == identifier and _explains(other, judged):
                    return self._root(other)
        return judged

    def _finding(self, group: _Group) -> Finding:
        first = group.members[0]
        verdicts = [one.verdict for one in group.members if isinstance(one.verdict, Fired)]
        return Finding(
            rule=first.rule,
            paths=tuple(dict.fromkeys(one.path for one in group.members)),
            evidence=tuple(dict.fromkeys(verdict.evidence for verdict in verdicts if verdict.evidence)),
            place=verdicts[0].place,
            hop=first.hop,
            certain=any(verdict.certain for verdict in verdicts),
            fix=self._words(group.members),
            consequences=tuple(self._finding(under) for under in group.under.values()),
        )

    def _words(self, members: Sequence[Judged]) -> str:
        """An engine's words for the first route, said of all of them."""
        first = members[0]
        route = self._routes.get(first.path) or Route(name=first.path, path=first.path, kind=Kind.PAGE)
        if len({one.path for one in members}) > 1:
            route = replace(route, path="each of these routes")
        return (self._fix(first.rule, route) if self._fix else "") or first.rule.fix


def _key(judged: Judged) -> _Key:
    assert isinstance(judged.verdict, Fired)
    return _Key(judged.rule.id, judged.verdict.place, judged.hop)


def _explains(root: Judged, judged: Judged) -> bool:
    """Whether ``root`` is on the same route and hop, or on the whole site; for some rules also below or on one line."""
    if root.hop != judged.hop:
        return False
    if root.path == judged.path or root.rule.site:
        return True
    below = root.path.startswith(judged.path.removesuffix("*"))
    return judged.rule.roots_below and (below or _same_line(root, judged))


def _same_line(one: Judged, other: Judged) -> bool:
    places = [judged.verdict.place for judged in (one, other) if isinstance(judged.verdict, Fired)]
    return places[0] is not None and places[0] == places[-1]
