"""AC206: the app is not told which event a client saw last."""

from __future__ import annotations

from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC206",
    name="last-event-id-lost",
    title="Last-Event-ID does not reach the app",
    reason="without it no gap can be closed",
    symptom="After a short loss of connection some messages are missing for good.",
    cause="A proxy passes only the request fields on that it knows.",
    why="Last-Event-ID is how a browser asks for what it missed. An app that could replay does not learn that it "
    "should.",
    fix="Pass Last-Event-ID on, as every other request field that is not about the connection.",
    severity=Severity.WARNING,
    judge=on(
        (Kind.SSE,),
        seen(Observation.LAST_EVENT_ID, healthy=(True,), otherwise={False: "Last-Event-ID did not arrive"}),
    ),
    observation=Observation.LAST_EVENT_ID,
    symptoms=(2,),
    sources=(
        "https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header",
        "https://github.com/turnstonelabs/turnstone/pull/542",
    ),
)
