"""AC607: an event stream came out of a cache."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC607",
    name="stream-from-cache",
    title="An event stream is served from a cache",
    reason="a recorded stream is not live",
    symptom="Live status shows the same old events each time, and then nothing.",
    cause="A cache kept a stream that ended once, and plays it to everybody.",
    why="It looks alive: status, type and events are right, only old.",
    fix="Take caching off event streams, and clear what was kept.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.SSE,),
        seen(Observation.FROM_CACHE, healthy=(False,), otherwise={True: "the stream came out of a cache"}),
    ),
    mended_by=PolicyField.CACHE,
    observation=Observation.FROM_CACHE,
    symptoms=(2,),
    roots=("AC602",),
    sources=("https://www.rfc-editor.org/rfc/rfc9111.html#section-3",),
)
