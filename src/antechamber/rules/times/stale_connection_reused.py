"""AC406: a proxy reuses connections that the app is about to close (RFC 9112, section 9.3.1)."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import no_more
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC406",
    name="stale-connection-reused",
    title="Idle connections to the app are kept longer than the app keeps them",
    reason="a connection the app is closing gives 502",
    symptom="A 502 now and then, on the first click after a pause, and never twice in a row.",
    cause="The proxy keeps idle connections to the app for reuse. Node closes them after 5 seconds, so now and then a "
    "request is written into a connection that is just being closed.",
    why="A POST must not be repeated by a proxy on its own, so the person meets the error.",
    fix="Keep idle connections for less than 5 seconds, or not at all.",
    severity=Severity.WARNING,
    judge=no_more(
        PolicyField.UPSTREAM_IDLE_S, "idle connections are kept for {value}; the app may close after {wanted}"
    ),
    field=PolicyField.UPSTREAM_IDLE_S,
    symptoms=(1,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9112.html#section-9.3.1",
        "https://nodejs.org/api/http.html#serverkeepalivetimeout",
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout",
    ),
)
