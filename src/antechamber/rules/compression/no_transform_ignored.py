"""AC609: an answer was changed although ``no-transform`` was said (RFC 9111, section 5.2.2.6)."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC609",
    name="no-transform-ignored",
    title="An answer is changed although it says no-transform",
    reason="no-transform is an order",
    symptom="Scripts or streams behave differently through the CDN.",
    cause="A layer that optimises (minifies, injects a script, compresses) does not look at Cache-Control.",
    why="What the app protects by no-transform is exactly what breaks when it is changed.",
    fix="Switch that layer's optimisations off for this site.",
    severity=Severity.WARNING,
    judge=seen(
        Observation.TRANSFORMED, healthy=(False,), otherwise={True: "it was changed, and no-transform was said"}
    ),
    observation=Observation.TRANSFORMED,
    symptoms=(4,),
    roots=("AC604", "AC606"),
    sources=("https://www.rfc-editor.org/rfc/rfc9111.html#section-5.2.2.6",),
)
