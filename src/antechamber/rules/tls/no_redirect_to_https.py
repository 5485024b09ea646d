"""AC701: plain http does not lead to https."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC701",
    name="no-redirect-to-https",
    title="Plain http does not lead to https",
    reason="a page that was opened over http has no secure cookies",
    symptom="Who types the name without https cannot log in, or sends the password in the clear.",
    cause="Port 80 serves the app itself instead of a redirect.",
    why="Cookies that are Secure are not kept, service workers do not register, and the password can be read on the "
    "way.",
    fix="Answer plain http with a redirect to the same path on https.",
    severity=Severity.WARNING,
    judge=seen(
        Observation.HTTP_REDIRECTED, healthy=(True,), otherwise={False: "plain http is answered without a redirect"}
    ),
    observation=Observation.HTTP_REDIRECTED,
    site=True,
    sources=("https://developer.mozilla.org/en-US/docs/Web/Security/Practical_implementation_guides/TLS",),
)
