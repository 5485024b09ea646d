"""AC105: the handshake succeeds, and frames wait somewhere on the way."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import AT_ONCE, BATCHED, HELD, Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC105",
    name="frames-held",
    title="Messages of a WebSocket wait after the 101",
    reason="a frame that waits for the next one is late by that much",
    symptom="The terminal connects and shows nothing, or typed characters appear in bursts.",
    cause="Something on the way takes the tunnel for a response and collects it, or takes frames apart and sends them "
    "on in blocks.",
    why="A socket is chosen for its delay of milliseconds. Clients give up when the first message does not come: "
    "OpenChamber's page after two seconds.",
    fix="Relay octets unchanged and at once after the 101; take inspection, compression and buffering off that route.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.WEBSOCKET,),
        seen(
            Observation.FRAMES,
            healthy=(AT_ONCE,),
            otherwise={HELD: "frames were held", BATCHED: "frames came together, late"},
        ),
    ),
    mended_by=PolicyField.RESPONSE_STREAMED,
    observation=Observation.FRAMES,
    symptoms=(1, 4),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6455.html#section-5.1",
        "https://github.com/n8n-io/n8n/issues/21181",
    ),
)
