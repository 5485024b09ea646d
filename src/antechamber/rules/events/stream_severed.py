"""AC204: an event stream ends while it is not silent at all."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC204",
    name="stream-severed",
    title="An event stream is cut in the middle",
    reason="a stream that is busy is no stalled answer",
    symptom="Updates stop for seconds every so often, always after the same time.",
    cause="A hop limits how long an answer may take as a whole (Envoy: 15 s unless told otherwise), or how long a "
    "connection may live.",
    why="The browser connects again, but what was sent in between is lost unless the app can replay it.",
    fix="Switch the limit on the whole answer off for event streams; limit silence only.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.SSE,),
        seen(Observation.STREAM_END, healthy=("open",), otherwise={"cut": "it was cut while events were coming"}),
    ),
    mended_by=PolicyField.STREAM_IDLE_S,
    observation=Observation.STREAM_END,
    symptoms=(2,),
    sources=(
        "https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts",
        "https://github.com/envoyproxy/envoy/issues/8517",
        "https://github.com/pomerium/pomerium/pull/6288",
    ),
)
