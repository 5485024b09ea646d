"""AC209: the app does not say ``X-Accel-Buffering: no`` on its stream."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC209",
    name="accel-hint-missing",
    title="The stream does not ask nginx to leave it unbuffered",
    reason="nginx takes X-Accel-Buffering: no from the app as a request",
    symptom="Live status does not update behind an nginx that nobody configured for streams.",
    cause='The app\'s answer has no "X-Accel-Buffering: no". nginx reads the field from the app; adding it to '
    "nginx's own answer with add_header changes nothing there.",
    why="With it a stream passes any nginx on the way, whatever is configured. Without it every nginx must be told.",
    fix="Let the app send X-Accel-Buffering: no on event streams; else switch buffering off in each proxy.",
    severity=Severity.ADVICE,
    judge=on(
        (Kind.SSE,),
        seen(
            Observation.ACCEL_HINT,
            healthy=(True,),
            otherwise={False: "the app itself does not send X-Accel-Buffering: no"},
        ),
    ),
    mended_by=PolicyField.RESPONSE_STREAMED,
    observation=Observation.ACCEL_HINT,
    symptoms=(2,),
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",
        "https://github.com/modelcontextprotocol/modelcontextprotocol/pull/1644",
        "https://github.com/openchamber/openchamber/pull/1006",
    ),
)
