"""AC205: comments of an event stream do not arrive, and heartbeats are comments."""

from __future__ import annotations

from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC205",
    name="comments-stripped",
    title="Comments of an event stream are taken out",
    reason="a heartbeat is a comment",
    symptom="A stream ends after a minute of silence although the app sends a heartbeat every few seconds.",
    cause="A layer parses the stream and writes it anew, without the lines that start with a colon.",
    why="The lines that keep the connection alive never reach the hops and clients that count silence.",
    fix="Let the hop relay the stream's octets unchanged.",
    severity=Severity.WARNING,
    judge=on(
        (Kind.SSE,),
        seen(
            Observation.COMMENTS,
            healthy=(True,),
            otherwise={False: "comments arrive directly, and not through the chain"},
        ),
    ),
    observation=Observation.COMMENTS,
    symptoms=(2,),
    roots=("AC201", "AC203"),
    sources=("https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes",),
)
