"""AC901: nothing could be told of a route, for a reason that has no rule of its own."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.rules.doubts.unseen import NAMED
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, NotApplicable, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    found = effective.observations.get(Observation.UNSEEN)
    if found is None or not found.value or found.value in NAMED:
        return NotApplicable("it was not so")
    return CannotTell(f"{found.value} ({found.where})" if found.where else str(found.value))


RULE = Rule(
    id="AC901",
    name="could-not-tell",
    title="Nothing could be told of this route",
    reason="what cannot be seen is not said to be well",
    symptom="The report says: cannot tell.",
    cause="Nothing that was seen decides it; the report says what was in the way.",
    why="A check that passes what it did not see is worse than none.",
    fix="See the reason that is given.",
    severity=Severity.ADVICE,
    judge=_judge,
    observation=Observation.UNSEEN,
)
