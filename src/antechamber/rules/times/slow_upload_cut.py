"""AC410: an upload that pauses is cut."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import NOT_LIVE, no_less, on
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC410",
    name="slow-upload-cut",
    title="An upload that pauses for a moment is cut",
    reason="a line that drops for half a minute comes back",
    symptom="Uploads over a phone or a train's network fail with 408, or are reset.",
    cause="The limit on silence within a request body is a few seconds: Debian's Apache has 10.",
    why="The whole file has to be sent again.",
    fix="Allow a minute of silence within a request body.",
    severity=Severity.WARNING,
    judge=on(NOT_LIVE, no_less(PolicyField.BODY_IDLE_S, "an upload may pause for {value}, the policy allows {wanted}")),
    field=PolicyField.BODY_IDLE_S,
    symptoms=(3,),
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_body_timeout",
        "https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html",
    ),
)
