"""AC903: the app wants a login that was not given."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.doubts.unseen import LOGIN_NEEDED, doubt
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC903",
    name="login-needed",
    title="The app asks for a login",
    reason="a stranger sees the door only",
    symptom="The report says: cannot tell, a login is needed.",
    cause="Live routes answer 401 to strangers, and no password or cookie was given.",
    why="Faults of sockets behind a password show only to who is signed in.",
    fix="Sign in: --password asks for it, --cookie takes a session that you have.",
    severity=Severity.ADVICE,
    judge=doubt(LOGIN_NEEDED, "the app asks for a login that was not given"),
    observation=Observation.UNSEEN,
)
