"""AC906: the route opens, and what is behind it is not live."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.doubts.unseen import APP_DOWN, doubt
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC906",
    name="app-down",
    title="The app answers and is not live",
    reason="a 101 is no proof of life",
    symptom="Sockets open and close at once, directly as through the proxy: close code 1011.",
    cause="The app's own engine is down: OpenChamber answers 101 without OpenCode, then closes with 1011.",
    why="No proxy can be judged by an app that is not well.",
    fix="Start what the app needs, and check again.",
    severity=Severity.ADVICE,
    judge=doubt(APP_DOWN, "the app is not live, directly as through the chain"),
    observation=Observation.UNSEEN,
)
