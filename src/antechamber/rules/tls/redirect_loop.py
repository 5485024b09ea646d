"""AC709: an inner hop forces https, and the outer one speaks http to it."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC709",
    name="redirect-loop",
    title="Redirects come back to where they began",
    reason="an outer hop on http and an inner one that wants https never agree",
    symptom='"Too many redirects"; nothing opens at all.',
    cause="The outer hop ends TLS and speaks http to the inner one (Cloudflare's Flexible mode), which redirects all "
    "http to https (Force SSL).",
    why="Each redirect leads back through the same two hops.",
    fix="Speak https between the two hops, or let the inner one believe the outer hop's X-Forwarded-Proto and not "
    "redirect.",
    severity=Severity.ERROR,
    judge=seen(
        Observation.REDIRECT_LOOP, healthy=(False,), otherwise={True: "redirects lead back to where they began"}
    ),
    mended_by=PolicyField.FORWARDED_PROTO,
    observation=Observation.REDIRECT_LOOP,
    site=True,
    symptoms=(4,),
    sources=(
        "https://developers.cloudflare.com/ssl/troubleshooting/too-many-redirects/",
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.4",
    ),
)
