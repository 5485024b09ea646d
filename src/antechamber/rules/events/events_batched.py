"""AC203: events come in lumps."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import AT_ONCE, BATCHED, Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC203",
    name="events-batched",
    title="Events of a stream arrive in lumps",
    reason="an event that waits for company is late",
    symptom="Text appears in blocks instead of word by word; the status jumps.",
    cause="A layer sends when a block is full or a timer fires: a compressor's window, a buffer of a few KiB, a CDN "
    "that collects small writes.",
    why="Everything that is typed or streamed feels broken, while no log has an error.",
    fix="Switch buffering and compression off on that route at the hop that is named.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.SSE,),
        seen(Observation.EVENTS, healthy=(AT_ONCE,), otherwise={BATCHED: "several events came together, late"}),
    ),
    mended_by=PolicyField.RESPONSE_STREAMED,
    observation=Observation.EVENTS,
    symptoms=(2, 4),
    roots=("AC210",),
    sources=(
        "https://github.com/Kludex/starlette/pull/2753",
        "https://github.com/traefik/traefik/issues/6161",
        "https://github.com/gravitational/teleport/issues/69560",
    ),
)
