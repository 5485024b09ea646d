"""AC904: the app never sends anything by itself on this route."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.doubts.unseen import APP_SILENT, doubt
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC904",
    name="app-silent",
    title="The app sends nothing on this route",
    reason="silence looks the same held and passed",
    symptom="The report says: cannot tell, the app sent nothing.",
    cause="The route is silent directly as well: nothing happens in the app, or it sends only when asked to.",
    why="Nothing that is not sent can be late.",
    fix="Let something happen in the app meanwhile, or put a witness in front of it: that sends when it is asked.",
    severity=Severity.ADVICE,
    judge=doubt(APP_SILENT, "the app sent nothing, directly as through the chain"),
    observation=Observation.UNSEEN,
)
