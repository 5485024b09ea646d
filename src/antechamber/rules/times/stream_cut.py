"""AC403: quiet streams and sockets are ended before the policy says."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import LIVE, no_less, on
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC403",
    name="stream-cut",
    title="A quiet stream or socket is ended early",
    reason="a quiet stream is a healthy stream",
    symptom="Live updates stop when nothing happens for a while; a terminal that was left alone is disconnected.",
    cause="The proxy takes silence for a stall. nginx waits 60 seconds unless told otherwise, load balancers 60, "
    "Cloudflare about 100.",
    why="Whatever the app sends before the page has connected again is lost. A heartbeat hides this as long as the "
    "app is well; it cannot be relied on while the app is busy.",
    fix="Allow an hour of silence on live routes.",
    severity=Severity.WARNING,
    judge=on(LIVE, no_less(PolicyField.STREAM_IDLE_S, "it may be silent for {value}, and the policy allows {wanted}")),
    field=PolicyField.STREAM_IDLE_S,
    symptoms=(2,),
    roots=("AC409",),
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
        "https://github.com/websockets/ws/issues/2283",
        "https://github.com/kubernetes/ingress-nginx/issues/5167",
    ),
)
