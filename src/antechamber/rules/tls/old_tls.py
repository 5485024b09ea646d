"""AC702: TLS 1.0 or 1.1 is the newest version spoken (RFC 8996)."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.rule import Rule, Severity
from antechamber.rules.tls.certificate import faulty

RULE = Rule(
    id="AC702",
    name="old-tls",
    title="Only old versions of TLS are spoken",
    reason="browsers have stopped speaking TLS 1.0 and 1.1",
    symptom="Current browsers do not open the site at all.",
    cause="The configuration or its library is from before 2018.",
    why="TLS 1.0 and 1.1 are deprecated; HTTP/2 needs TLS 1.2.",
    fix="Speak TLS 1.2 and 1.3.",
    severity=Severity.ERROR,
    judge=faulty("old", "nothing newer than TLS 1.1 is spoken"),
    observation=Observation.TLS,
    site=True,
    sources=("https://www.rfc-editor.org/rfc/rfc8996.html", "https://ssl-config.mozilla.org/"),
)
