"""AC208: over HTTP/1.1 a few tabs use up a browser's connections."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import fired, on
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    found = effective.observations.get(Observation.HTTP_VERSIONS)
    if found is None or found.value is None:
        return CannotTell((found and found.where) or "the versions of HTTP that are spoken were not looked at")
    if {"h2", "h3"} & set(str(found.value).split(",")):
        return Passed(f"{found.value} is spoken")
    return fired("each tab's stream takes one of six connections", found)


RULE = Rule(
    id="AC208",
    name="six-connections",
    title="Event streams share six connections with everything else",
    reason="a browser opens six connections to an origin over HTTP/1.1",
    symptom="The third or seventh tab never loads; closing another one frees it.",
    cause="Only HTTP/1.1 is spoken to browsers. Each event stream holds one of the six connections that a browser "
    "opens to one origin, over all its tabs.",
    why="With the connections gone nothing loads at all, pages and uploads included, and no error says why.",
    fix="Speak HTTP/2 (which needs TLS) to browsers; streams share one connection then.",
    severity=Severity.ADVICE,
    judge=on((Kind.SSE,), _judge),
    observation=Observation.HTTP_VERSIONS,
    sources=(
        "https://developer.mozilla.org/en-US/docs/Web/API/EventSource",
        "https://github.com/openchamber/openchamber/pull/2467",
        "https://github.com/freenet/freenet-core/issues/5213",
    ),
)
