"""AC905: the heartbeat was not due within the time that was given."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.doubts.unseen import NOT_DUE_YET, doubt
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC905",
    name="patience-too-short",
    title="The heartbeat was not due yet",
    reason="what has not had its time is not proved",
    symptom="The report says: cannot tell, the heartbeat was not due yet.",
    cause="The app may be silent on this route for longer than the check was willing to wait.",
    why="A limit on silence shows only after that silence.",
    fix="Wait for longer: --patience 15m.",
    severity=Severity.ADVICE,
    judge=doubt(NOT_DUE_YET, "the heartbeat was not due within the time given"),
    observation=Observation.UNSEEN,
)
