"""AC505: a client's own ``Forwarded`` reaches the app (RFC 7239)."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.headers.forged import names_seen
from antechamber.rules.judging import either, equal
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC505",
    name="forwarded-passed",
    title="A client's own Forwarded field reaches the app",
    reason="what a client says of itself is no proxy's word",
    symptom="Nothing, until somebody uses it.",
    cause="Proxies that set X-Forwarded-* leave Forwarded, the standard one, as the client wrote it.",
    why="Frameworks that know RFC 7239 believe it before X-Forwarded-*, so a stranger chooses address, host and "
    "scheme.",
    fix="Take Forwarded out of requests, or write it anew.",
    severity=Severity.WARNING,
    judge=either(
        names_seen(Observation.FORGED, ("forwarded",)),
        equal(PolicyField.FORWARDED, "Forwarded is {value}, not {wanted}"),
    ),
    field=PolicyField.FORWARDED,
    observation=Observation.FORGED,
    sources=("https://www.rfc-editor.org/rfc/rfc7239.html#section-8.1",),
)
