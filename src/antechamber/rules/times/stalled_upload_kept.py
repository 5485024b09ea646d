"""AC405: an upload that has stalled is kept open for long."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import NOT_LIVE, no_more, on
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC405",
    name="stalled-upload-kept",
    title="A client that stopped sending holds a connection",
    reason="a client that stopped sending holds a connection",
    symptom="Nothing, until somebody opens thousands of uploads and sends nothing.",
    cause="The limit on silence within a request body is long, or there is none.",
    why="Each stalled upload holds a connection of the proxy and one of the app.",
    fix="Allow a minute of silence within a request body.",
    severity=Severity.ADVICE,
    judge=on(NOT_LIVE, no_more(PolicyField.BODY_IDLE_S, "an upload may stall for {value}; {wanted} is enough")),
    field=PolicyField.BODY_IDLE_S,
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_body_timeout",
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.9",
    ),
)
