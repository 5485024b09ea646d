"""AC502: clients can choose the address that the app takes for theirs."""

from __future__ import annotations

from antechamber.policy.effective import MISSING, EffectiveRoute, PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.headers.forged import names_seen
from antechamber.rules.judging import either, equal
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import Passed, Verdict

_equal = equal(PolicyField.CLIENT_ADDRESS, "the client's address is {value}, not what the proxy itself sees")


def _written(required: Required, effective: EffectiveRoute) -> Verdict:
    found = effective.fields.get(PolicyField.CLIENT_ADDRESS)
    if found is not None and found.value == MISSING:
        return Passed("none is passed on; AC511 is about that")
    return _equal(required, effective)


RULE = Rule(
    id="AC502",
    name="client-address-forged",
    title="Clients can choose the address that the app takes for theirs",
    reason="apps limit logins by the first address",
    symptom="Nothing, until somebody guesses passwords without being stopped.",
    cause="X-Forwarded-For is appended to what the client sent, or passed on, so the first address in it is the "
    "client's own invention.",
    why="Limits on wrong passwords count by that address: a new invention for each try, and there is no limit. Logs "
    "and bans name the innocent.",
    fix="At the outermost proxy replace X-Forwarded-For and X-Real-IP with the address that it sees.",
    severity=Severity.WARNING,
    judge=either(names_seen(Observation.FORGED, ("x-forwarded-for", "x-real-ip")), _written),
    field=PolicyField.CLIENT_ADDRESS,
    observation=Observation.FORGED,
    roots=("AC509",),
    sources=(
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For",
        "https://github.com/nginx-proxy/nginx-proxy/issues/1974",
        "https://github.com/oauth2-proxy/oauth2-proxy/pull/3478",
    ),
)
