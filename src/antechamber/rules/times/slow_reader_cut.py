"""AC404: who takes nothing for a while is cut off."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import no_less
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC404",
    name="slow-reader-cut",
    title="A client that takes nothing for a while is cut off",
    reason="a laptop that sleeps keeps its terminal",
    symptom="A terminal is gone after a nap of the laptop or a tunnel on the train.",
    cause="The limit on sending counts the time in which the other side takes nothing.",
    why="Sleeping machines and bad lines take nothing for minutes, and then go on where they were.",
    fix="Allow an hour on live routes, a minute elsewhere.",
    severity=Severity.WARNING,
    judge=no_less(PolicyField.SEND_S, "who takes nothing is cut off after {value}, and the policy allows {wanted}"),
    field=PolicyField.SEND_S,
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#send_timeout",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_send_timeout",
    ),
)
