"""AC306: the app is not told that a client has left."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC306",
    name="departure-untold",
    title="The app is not told that a client has left",
    reason="work for nobody costs as much as work for somebody",
    symptom="The app grows slower by the day; its list of connections is longer than that of its users.",
    cause="The proxy keeps its connection to the app when the client's is gone, and notices only when it has "
    "something to send.",
    why="Streams and requests of people who left go on: memory, file descriptors, and tokens of a paid model.",
    fix="Let the proxy close its side at once when the client goes.",
    severity=Severity.WARNING,
    judge=seen(
        Observation.DEPARTURE, healthy=(True,), otherwise={False: "the app did not learn that the client had left"}
    ),
    observation=Observation.DEPARTURE,
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ignore_client_abort",
        "https://github.com/http-party/node-http-proxy/issues/1582",
        "https://github.com/wingsky-1/dsh-plugin-hub/issues/528",
    ),
)
