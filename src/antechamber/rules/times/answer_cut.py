"""AC402: a proxy's patience with an ordinary answer ends before the app's own deadline."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import NOT_LIVE, no_less, on
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC402",
    name="answer-cut",
    title="The proxy gives up on an answer before the app does",
    reason="the app's own deadline must come before the proxy's",
    symptom="Long operations end in 504 after exactly 60 seconds, and have succeeded all the same.",
    cause="The limit on waiting for an answer, or on silence within it, is shorter than what the app allows itself: "
    "OpenChamber 240 seconds, and 15 minutes for signing in with a provider.",
    why="The app's own answer, which says what happened, never arrives. People repeat what has been done already.",
    fix="Make the limit on answers longer than the app's longest deadline.",
    severity=Severity.WARNING,
    judge=on(NOT_LIVE, no_less(PolicyField.RESPONSE_S, "an answer may take {value}, and the app's may need {wanted}")),
    field=PolicyField.RESPONSE_S,
    symptoms=(1, 3),
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6.5",
    ),
)
