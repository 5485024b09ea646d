"""What the rules on doubts share: they say so when theirs is the reason, and are silent otherwise."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.rules.rule import Judge, Required
from antechamber.rules.verdict import CannotTell, NotApplicable, Verdict

NO_DIRECT_ACCESS = "no direct access"
LOGIN_NEEDED = "login needed"
APP_SILENT = "app silent"
NOT_DUE_YET = "not due yet"
APP_DOWN = "app down"
NAMED = frozenset({NO_DIRECT_ACCESS, LOGIN_NEEDED, APP_SILENT, NOT_DUE_YET, APP_DOWN})


def doubt(reason: str, sentence: str) -> Judge:
    """Cannot tell, if ``reason`` is why; else it does not apply."""

    def judged(required: Required, effective: EffectiveRoute) -> Verdict:
        found = effective.observations.get(Observation.UNSEEN)
        if found is None or found.value != reason:
            return NotApplicable("it was not so")
        return CannotTell(f"{sentence} ({found.where})" if found.where else sentence)

    return judged
