"""AC511: the app is not told the client's address."""

from __future__ import annotations

from antechamber.policy.effective import MISSING, Effective, EffectiveRoute, PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import either, fired, known, seen
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import Passed, Verdict


def _for(required: Required, effective: EffectiveRoute) -> Verdict:
    found = known(required, effective, PolicyField.CLIENT_ADDRESS)
    if not isinstance(found, Effective):
        return found
    return fired("X-Forwarded-For does not arrive", found) if found.value == MISSING else Passed()


RULE = Rule(
    id="AC511",
    name="client-address-missing",
    title="The app is not told the client's address",
    reason="without it all users are one",
    symptom="All users share one limit on logins; the app's log knows one address only.",
    cause="The proxy sets neither X-Forwarded-For nor X-Real-IP on this route, or X-Real-IP is another hop's address.",
    why="The app sees the proxy's address in every request and cannot tell its users apart.",
    fix="Set X-Forwarded-For and X-Real-IP to the address that the proxy sees, on every route.",
    severity=Severity.WARNING,
    judge=either(
        _for,
        seen(Observation.REAL_IP, healthy=(True,), otherwise={False: "X-Real-IP is not the client's address"}),
    ),
    field=PolicyField.CLIENT_ADDRESS,
    observation=Observation.REAL_IP,
    roots=("AC509", "AC502", "AC510"),
    sources=("https://nginx.org/en/docs/http/ngx_http_realip_module.html",),
)
