"""Which forwarded fields a stranger could write, as a probe saw it: the part that two rules share."""

from __future__ import annotations

from collections.abc import Collection

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.rules.judging import fired, seen
from antechamber.rules.rule import Judge, Required
from antechamber.rules.verdict import CannotTell, Passed, Verdict


def names_seen(observation: Observation, names: Collection[str]) -> Judge:
    """Fires when one of ``names`` is among those that were seen to pass."""
    looked = seen(observation, healthy=("",), otherwise="{value}")

    def judged(required: Required, effective: EffectiveRoute) -> Verdict:
        verdict = looked(required, effective)
        if isinstance(verdict, CannotTell):
            return verdict
        found = effective.observations[observation]
        passed = sorted(set(str(found.value).split(",")) & set(names))
        if not passed:
            return Passed(f"{', '.join(sorted(names))} of a stranger did not reach the app")
        return fired(f"what a stranger said in {', '.join(passed)} reached the app", found)

    return judged
