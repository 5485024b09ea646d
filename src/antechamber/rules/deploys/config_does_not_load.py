"""AC802: the engine refuses the configuration, so nothing of it holds."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC802",
    name="config-does-not-load",
    title="The proxy refuses this configuration",
    reason="what does not load serves nobody",
    symptom="After a change nothing changes, or the site is gone: the proxy keeps its old configuration, or does not "
    "start.",
    cause="A text was pasted where another part of the configuration says the same: nginx refuses a directive that "
    "stands twice on one level, Caddy a file that does not begin with an address.",
    why="Nginx Proxy Manager takes the host off line without a word when its nginx refuses the file.",
    fix="Take one of the two away, or put the text where it belongs; let the proxy check the file before a reload.",
    severity=Severity.ERROR,
    judge=seen(Observation.LOADS, healthy=(True,), otherwise={False: "the proxy would not load it"}),
    observation=Observation.LOADS,
    site=True,
    symptoms=(4,),
    sources=(
        "https://github.com/NginxProxyManager/nginx-proxy-manager",
        "https://caddyserver.com/docs/caddyfile/concepts#structure",
    ),
)
