"""AC510: the addresses that outer hops have told are thrown away."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC510",
    name="chain-lost",
    title="The client's address is replaced by that of a hop",
    reason="behind an outer hop the last peer is not the client",
    symptom="All users have one address in the app's log, and one limit on logins: one person's slips lock everybody "
    "out.",
    cause="A hop behind another one replaces X-Forwarded-For with its peer, which is the outer hop.",
    why="The app cannot tell its users apart.",
    fix="Tell the inner hop which outer hops it may believe, and let it pass their chain on.",
    severity=Severity.WARNING,
    judge=seen(Observation.CHAIN, healthy=(True,), otherwise={False: "the address that the outer hop told is gone"}),
    mended_by=PolicyField.CLIENT_ADDRESS,
    observation=Observation.CHAIN,
    roots=("AC509",),
    sources=(
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For",
        "https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#defaults",
    ),
)
