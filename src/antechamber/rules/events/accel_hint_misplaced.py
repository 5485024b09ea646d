"""AC211: ``X-Accel-Buffering`` is added to the proxy's own answer, where it does nothing."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC211",
    name="accel-hint-misplaced",
    title="X-Accel-Buffering is added where nobody reads it",
    reason="nginx reads that field from the app only",
    symptom="Event streams are late although the configuration has the line that every guide names.",
    cause="add_header puts the field on the answer to the browser; the nginx that has the line has decided about its "
    "buffer before.",
    why="The line looks like the cure, so the real one is not looked for. It also ends the inheritance of every "
    "add_header further out.",
    fix="Take the line away; switch buffering off, or let the app send the field.",
    severity=Severity.ADVICE,
    judge=on(
        (Kind.SSE,),
        seen(Observation.ACCEL_ADDED, healthy=(False,), otherwise={True: "X-Accel-Buffering is added to the answer"}),
    ),
    mended_by=PolicyField.RESPONSE_STREAMED,
    observation=Observation.ACCEL_ADDED,
    symptoms=(2,),
    sources=("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",),
)
