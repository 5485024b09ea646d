"""AC801: a reload ends open streams."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import no_less
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC801",
    name="streams-cut-on-reload",
    title="A change of configuration ends open streams",
    reason="a change of configuration must not end a terminal",
    symptom="Whenever a certificate is renewed or another site is added, all terminals and live updates break off.",
    cause="The proxy gives open connections little or no time when it is reloaded.",
    why="All clients come back at once, and what was sent in between is lost.",
    fix="Give open streams time on a reload: half a minute at least.",
    severity=Severity.WARNING,
    judge=no_less(PolicyField.DRAIN_S, "open streams get {value} on a reload, and the policy allows {wanted}"),
    field=PolicyField.DRAIN_S,
    sources=(
        "https://github.com/caddyserver/caddy/issues/7222",
        "https://nginx.org/en/docs/ngx_core_module.html#worker_shutdown_timeout",
        "https://github.com/kubernetes/ingress-nginx/issues/9516",
    ),
)
