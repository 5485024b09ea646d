"""Which hop it is: the same look at every station on the way, from the app outwards.

A station is asked as the one further out would ask it: with the public name, and with the fields in which a sound outer
proxy says how the request came. The first station, counted from the app, at which a fault shows is the guilty one; what
shows at none of them happens further out, at the public address itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from antechamber.net.stream import StreamError
from antechamber.probe.doubt import is_doubtful
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
    """Where each fault happens, by rule and path; ``otherwise`` is where the rest of them do."""

    by_fault: Mapping[tuple[str, str], str] = field(default_factory=dict)
    otherwise: str = ""
    unasked: Mapping[str, str] = field(default_factory=dict)
    """Stations that could not be asked, and why."""

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
    """Ask each of ``hops`` (the outermost first) about what fired, from the app outwards.

    What is behind a station is innocent of all that does not show there. A station that cannot be asked stays a
    suspect of what shows at the next one outwards.
    """
    named = [(name, target) for name, target in hops if target.address != public.address]
    front = next((name for name, target in hops if target.address == public.address), public.host)
    open_faults = {(one.rule.id, one.path) for one in fired if one.path in seen}
    found: dict[tuple[str, str], str] = {}
    unasked: dict[str, str] = {}
    suspects: list[str] = []
    for done, (name, target) in enumerate(reversed(named)):
        paths = {path for _, path in open_faults}
        tell(f"asking {name}", done, len(named))
        suspects.append(name)
        if trouble := await _trouble(target.on_behalf_of(public), survey.through.manner.patience_s):
            unasked[name] = trouble
            continue
        here = await _faults_at(target, public, [seen[path] for path in paths], survey, requirements)
        found |= dict.fromkeys(open_faults & here, _one_of(suspects))
        open_faults -= here
        suspects.clear()
    return Guilt(found, _one_of([*suspects, front]), unasked)


def _one_of(suspects: Sequence[str]) -> str:
    """The suspects, the outermost first."""
    return " or ".join(reversed(suspects))


async def _trouble(target: Target, within_s: float) -> str:
    """Why nothing can be asked of a station; empty if it can be."""
    try:
        stream = await target.open(within_s=within_s)
    except StreamError as error:
        return error.detail
    await stream.close()
    return ""


async def _faults_at(
    target: Target, public: Target, seen: Sequence[Seen], survey: Survey, requirements: Sequence[Required]
) -> set[tuple[str, str]]:
    """What fires at one station, on the routes of ``seen``; what may be an accident, for two looks in a row."""
    told = outer_claims(public.scheme, public.host)
    entrance = Entrance(
        target=target.on_behalf_of(public).carrying(*told),
        manner=replace(survey.through.manner, claims=(), turns=survey.through.manner.turns.another()),
    )
    way = Way(scheme=public.scheme, host=public.host, client=OUTER_CLIENT, believed=True)
    there = replace(survey, through=entrance, tell=lambda _: None)
    faults: set[tuple[str, str]] = set()
    for one in await there.look_through(seen):
        fired = _fired(one, way, requirements)
        if any(is_doubtful(judged, one, effective_route(one, way)) for judged in fired):
            again = {judged.rule.id for judged in _fired(await there.look_again(one), way, requirements)}
            fired = [judged for judged in fired if judged.rule.id in again]
        faults |= {(judged.rule.id, judged.path) for judged in fired}
    return faults


def _fired(seen: Seen, way: Way, requirements: Sequence[Required]) -> list[Judged]:
    mine = [required for required in requirements if required.route.path == seen.route.path]
    judged = judge(mine, {seen.route.path: effective_route(seen, way)})
    return [one for one in judged if isinstance(one.verdict, Fired)]
