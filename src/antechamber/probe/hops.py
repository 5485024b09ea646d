"""Which hop it is: the same look at every station on the way, from the app outwards.

A station is asked as the one further out would ask it: with the public name, and with the fields in which a sound outer
proxy says how the request came. The first station, counted from the app, at which a fault shows is the guilty one; what
shows at none of them happens further out, at the public address itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from antechamber.probe.effective import effective_route
from antechamber.probe.manner import OUTER_CLIENT, outer_claims
from antechamber.probe.seen import Seen, Way
from antechamber.probe.survey import Entrance, Survey
from antechamber.probe.target import Target
from antechamber.rules.assess import judge
from antechamber.rules.finding import Judged
from antechamber.rules.rule import Required
from antechamber.rules.verdict import Fired


@dataclass(frozen=True, slots=True)
class Guilt:
    """Where each fault happens, by rule and path; ``otherwise`` is said where that is not known."""

    by_fault: Mapping[tuple[str, str], str] = field(default_factory=dict)
    otherwise: str = ""

    def placed(self, judged: Judged) -> Judged:
        """``judged`` with its hop, if it fires."""
        if not isinstance(judged.verdict, Fired):
            return judged
        return replace(judged, hop=self.by_fault.get((judged.rule.id, judged.path), self.otherwise))


async def blame(
    fired: Sequence[Judged],
    *,
    seen: Mapping[str, Seen],
    hops: Sequence[tuple[str, Target]],
    public: Target,
    survey: Survey,
    requirements: Sequence[Required],
    tell: Callable[[str, int, int], None],
) -> Guilt:
    """Ask each of ``hops`` (the outermost first) about what fired, from the app outwards."""
    named = [(name, target) for name, target in hops if target.address != public.address]
    front = next((name for name, target in hops if target.address == public.address), public.host)
    open_faults = {(one.rule.id, one.path) for one in fired if one.path in seen}
    found: dict[tuple[str, str], str] = {}
    for done, (name, target) in enumerate(reversed(named)):
        paths = {path for _, path in open_faults}
        tell(f"asking {name}", done, len(named))
        here = await _faults_at(target, public, [seen[path] for path in paths], survey, requirements)
        for fault in sorted(open_faults & here):
            found[fault] = name
        open_faults -= here
    return Guilt(found, front)


async def _faults_at(
    target: Target, public: Target, seen: Sequence[Seen], survey: Survey, requirements: Sequence[Required]
) -> set[tuple[str, str]]:
    """What fires at one station, on the routes of ``seen``, for two looks in a row."""
    told = outer_claims(public.scheme, public.host)
    entrance = Entrance(
        target=target.on_behalf_of(public).carrying(*told),
        manner=replace(survey.through.manner, claims=(), turns=survey.through.manner.turns.another()),
    )
    way = Way(scheme=public.scheme, host=public.host, client=OUTER_CLIENT, believed=True)
    there = replace(survey, through=entrance, tell=lambda _: None)
    first = await there.look([one.route for one in seen])
    suspects = [one for one in first if _fired(one, way, requirements)]
    faults: set[tuple[str, str]] = set()
    for one in suspects:
        faults |= _fired(one, way, requirements) & _fired(await there.look_again(one), way, requirements)
    return faults


def _fired(seen: Seen, way: Way, requirements: Sequence[Required]) -> set[tuple[str, str]]:
    mine = [required for required in requirements if required.route.path == seen.route.path]
    judged = judge(mine, {seen.route.path: effective_route(seen, way)})
    return {(one.rule.id, one.path) for one in judged if isinstance(one.verdict, Fired)}
