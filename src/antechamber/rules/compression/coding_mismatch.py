"""AC606: the octets are not what ``Content-Encoding`` says."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC606",
    name="coding-mismatch",
    title="Content-Encoding does not match what is sent",
    reason="a wrong label makes an answer unreadable",
    symptom='"Content decoding failed" in the browser, an empty page, or a download of garbage.',
    cause="A layer decompressed the body and left the field, compressed it and set none, or did so twice.",
    why="The browser cannot read the answer at all.",
    fix="Let a layer that decodes drop Content-Encoding, and one layer only encode.",
    severity=Severity.ERROR,
    judge=seen(
        Observation.CONTENT,
        healthy=("intact",),
        otherwise={"garbled": "the octets are not of the coding that is named"},
    ),
    mended_by=PolicyField.COMPRESSION,
    observation=Observation.CONTENT,
    symptoms=(4,),
    roots=("AC601",),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4",
        "https://github.com/openchamber/openchamber/issues/788",
        "https://github.com/qualixar/superlocalmemory/pull/79",
    ),
)
