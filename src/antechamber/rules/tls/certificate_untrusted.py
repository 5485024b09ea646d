"""AC706: nobody that browsers know has signed the certificate."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.rule import Rule, Severity
from antechamber.rules.tls.certificate import faulty

RULE = Rule(
    id="AC706",
    name="certificate-untrusted",
    title="The certificate is not trusted",
    reason="a warning cannot be clicked away by a socket",
    symptom="The page opens after a warning; its sockets and streams do not, and no service worker registers.",
    cause="The certificate is self-signed, or of an authority that this machine does not know.",
    why="A person can accept a bad certificate for a page. For a WebSocket the browser does not ask.",
    fix="Get a certificate from an authority that browsers know, or install your own authority on every machine.",
    severity=Severity.ERROR,
    judge=faulty("untrusted", "no known authority has signed the certificate"),
    observation=Observation.TLS,
    site=True,
    symptoms=(1,),
    sources=("https://letsencrypt.org/docs/certificates-for-localhost/",),
)
