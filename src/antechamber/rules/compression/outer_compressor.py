"""AC605: an outer layer compresses in the app's place."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import NOT_LIVE, on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC605",
    name="outer-compressor",
    title="An outer layer compresses although the app does",
    reason="two layers that can compress are one too many",
    symptom="Mostly nothing; wrong lengths or garbled answers when two layers disagree.",
    cause="A proxy or CDN undoes the app's coding and applies another, or compresses what the app left alone on "
    "purpose.",
    why="The work is done twice, and what the app leaves alone, its streams, is no longer left alone.",
    fix="Switch compression off at that layer.",
    severity=Severity.WARNING,
    judge=on(
        NOT_LIVE,
        seen(
            Observation.COMPRESSOR,
            healthy=("app", "none"),
            otherwise={"outer": "the coding is not the app's own"},
        ),
    ),
    mended_by=PolicyField.COMPRESSION,
    observation=Observation.COMPRESSOR,
    symptoms=(4,),
    roots=("AC601",),
    sources=("https://developers.cloudflare.com/speed/optimization/content/compression/",),
)
