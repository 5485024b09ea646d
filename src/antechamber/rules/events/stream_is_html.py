"""AC207: where an event stream was expected, a page answers."""

from __future__ import annotations

from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC207",
    name="stream-is-html",
    title="An event stream is answered with a page of HTML",
    reason="status 200 is no proof of a stream",
    symptom="Live status never updates, and no error is shown: the status is 200.",
    cause="The request did not reach the stream: the app is served under a subpath it does not know, a proxy rewrote "
    "the path, or a single-page fallback answers for what is missing.",
    why="A browser ends an EventSource for good when the answer is not text/event-stream.",
    fix="Serve the app at the root of a name of its own, and pass paths on unchanged.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.SSE,),
        seen(Observation.ANSWER, healthy=("app",), otherwise={"html": "HTML came instead of text/event-stream"}),
    ),
    observation=Observation.ANSWER,
    symptoms=(2, 4),
    roots=("AC516", "AC709"),
    sources=(
        "https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
        "https://github.com/openchamber/openchamber/issues/2044",
        "https://github.com/authelia/authelia/issues/3221",
    ),
)
