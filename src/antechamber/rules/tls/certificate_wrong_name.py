"""AC705: the certificate is for another name."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.rule import Rule, Severity
from antechamber.rules.tls.certificate import faulty

RULE = Rule(
    id="AC705",
    name="certificate-wrong-name",
    title="The certificate is for another name",
    reason="a wrong name cannot be clicked away by a socket",
    symptom="The page opens after a warning; its sockets and streams do not.",
    cause="The proxy's default site answers, or the certificate was made for another name.",
    why="A person can accept a bad certificate for a page. For a WebSocket the browser does not ask.",
    fix="Get a certificate for the name that people type, and serve it for that name.",
    severity=Severity.ERROR,
    judge=faulty("wrong name", "the certificate is not for this name"),
    observation=Observation.TLS,
    site=True,
    symptoms=(1,),
    sources=("https://www.rfc-editor.org/rfc/rfc9525.html",),
)
