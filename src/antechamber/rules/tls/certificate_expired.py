"""AC704: the certificate has expired, or is not valid yet."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.rule import Rule, Severity
from antechamber.rules.tls.certificate import faulty

RULE = Rule(
    id="AC704",
    name="certificate-expired",
    title="The certificate has expired",
    reason="an expired certificate cannot be clicked away by a socket",
    symptom="The page opens after a warning; its sockets and streams do not.",
    cause="Renewal has failed, or the proxy was not reloaded after it.",
    why="A person can accept a bad certificate for a page. For a WebSocket the browser does not ask.",
    fix="Renew the certificate and reload the proxy; see why renewal did not happen by itself.",
    severity=Severity.ERROR,
    judge=faulty("expired", "the certificate is out of its time"),
    observation=Observation.TLS,
    site=True,
    symptoms=(1,),
    sources=("https://www.rfc-editor.org/rfc/rfc5280.html#section-4.1.2.5",),
)
