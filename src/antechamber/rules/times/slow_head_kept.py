"""AC407: a request's head may take for ever to arrive."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import no_more
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC407",
    name="slow-head-kept",
    title="A client may send its request one octet at a time",
    reason="one byte at a time must not hold a connection",
    symptom="Nothing, until somebody does it on purpose with thousands of connections.",
    cause="The limit on the time for a request's head is long, or there is none.",
    why="A single machine can hold every connection that the proxy has, at no cost (slowloris).",
    fix="Allow a minute for the head of a request, as a whole.",
    severity=Severity.ADVICE,
    judge=no_more(PolicyField.REQUEST_HEAD_S, "a request's head may take {value}; {wanted} is enough"),
    field=PolicyField.REQUEST_HEAD_S,
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_header_timeout",
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.9",
    ),
)
