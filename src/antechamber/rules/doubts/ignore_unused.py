"""AC907: a comment asks to ignore a finding that is not there."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC907",
    name="ignore-unused",
    title="A comment hides a finding that is not there",
    reason="what hides nothing today hides something tomorrow",
    symptom='lint points at an "antechamber: ignore" comment.',
    cause="The fault was mended, the line has moved away from its comment, or the id is mistyped.",
    why="The comment would silently hide the same fault when it comes back.",
    fix="Take the comment away, or put it above the line that it is about.",
    severity=Severity.WARNING,
    judge=seen(Observation.IDLE_IGNORE, healthy=(False,), otherwise={True: "it hides nothing"}),
    observation=Observation.IDLE_IGNORE,
    site=True,
)
