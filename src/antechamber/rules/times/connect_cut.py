"""AC401: a proxy gives an app that restarts too little time to accept."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import no_less
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC401",
    name="connect-cut",
    title="The proxy gives up too early on connecting to the app",
    reason="an app that restarts needs a moment to accept",
    symptom="502 or 504 for some seconds after each update of the app, or when the machine is busy.",
    cause="The limit on connecting is a few seconds; an app on a small machine accepts later than that while it "
    "starts.",
    why="People meet an error page where they could have waited.",
    fix="Allow some 30 seconds for connecting.",
    severity=Severity.WARNING,
    judge=no_less(PolicyField.CONNECT_S, "connecting may take {value}, and the policy allows {wanted}"),
    field=PolicyField.CONNECT_S,
    sources=("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_connect_timeout",),
)
