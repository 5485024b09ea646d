"""AC902: there is nothing to compare with."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.doubts.unseen import NO_DIRECT_ACCESS, doubt
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC902",
    name="no-direct-access",
    title="The app cannot be reached directly",
    reason="a difference needs two sides",
    symptom="The report says: cannot tell, there is nothing to compare with.",
    cause="No address was given at which the app answers without the proxy, or it did not answer there.",
    why="A stream that is late through the proxy may be late by itself. Only the app's own address shows which.",
    fix="Give the app's own address with --direct, from the same network.",
    severity=Severity.ADVICE,
    judge=doubt(NO_DIRECT_ACCESS, "the app was not reached directly"),
    observation=Observation.UNSEEN,
)
