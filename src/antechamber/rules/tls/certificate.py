"""What the rules on certificates share: one observation that names the fault."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Judge, Required
from antechamber.rules.verdict import Fired, NotApplicable, Passed, Verdict

_NAMED = seen(Observation.TLS, healthy=("sound",), otherwise="{value}")


def faulty(fault: str, sentence: str) -> Judge:
    """Fires when the fault of the site's TLS is ``fault``; another fault is another rule's."""

    def judged(required: Required, effective: EffectiveRoute) -> Verdict:
        found = effective.observations.get(Observation.TLS)
        if found is not None and found.value == "none":
            return NotApplicable("the site is plain http")
        verdict = _NAMED(required, effective)
        if isinstance(verdict, Fired):
            assert found is not None
            remark = f" ({found.where})" if found.where else ""
            return Fired(sentence + remark, verdict.place, verdict.certain) if found.value == fault else Passed()
        return verdict

    return judged
