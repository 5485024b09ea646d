"""AC408: idle connections of an outer hop are closed before that hop would close them."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import no_less
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC408",
    name="idle-client-cut",
    title="Idle connections are closed before the outer hop closes them",
    reason="the outer hop must close first",
    symptom="A 502 or 520 now and then behind a load balancer or CDN, and never without it.",
    cause="Load balancers keep idle connections for 60 seconds and more; this proxy closes earlier, so they write "
    "into a connection that is being closed.",
    why="The person meets an error for nothing; a POST cannot be repeated.",
    fix="Keep idle connections of clients for longer than the outer hop does, 75 seconds as a rule.",
    severity=Severity.ADVICE,
    judge=no_less(
        PolicyField.KEEPALIVE_IDLE_S, "idle connections are closed after {value}; {wanted} outlasts outer hops"
    ),
    field=PolicyField.KEEPALIVE_IDLE_S,
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9112.html#section-9.5",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_timeout",
    ),
)
