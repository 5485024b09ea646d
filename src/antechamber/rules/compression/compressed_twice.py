"""AC601: more than one layer compresses."""

from __future__ import annotations

from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import either, equal, fired
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict


def _layers(required: Required, effective: EffectiveRoute) -> Verdict:
    match effective.observations.get(Observation.CODINGS):
        case Effective(value=int(layers)) as found if layers > 1:
            return fired(f"an answer is compressed {layers} times", found)
        case Effective(value=int(layers)):
            return Passed("not compressed" if layers == 0 else "compressed once")
        case found:
            return CannotTell((found and found.where) or "no compressed answer was seen")


RULE = Rule(
    id="AC601",
    name="compressed-twice",
    title="More than one layer compresses",
    reason="one layer compresses: the app",
    symptom="Garbled pages or downloads, wrong lengths, or simply a slow proxy.",
    cause="Compression is on in the proxy although the app compresses already.",
    why="At best it costs time twice. At worst an answer is compressed twice and labelled once, and event streams are "
    "held while the compressor waits for more.",
    fix="Compress in one layer only: switch it off in the proxy when the app does it.",
    severity=Severity.WARNING,
    judge=either(_layers, equal(PolicyField.COMPRESSION, "who compresses: {value}")),
    field=PolicyField.COMPRESSION,
    observation=Observation.CODINGS,
    symptoms=(4,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4",
        "https://nginx.org/en/docs/http/ngx_http_gzip_module.html",
        "https://github.com/openchamber/openchamber/issues/788",
    ),
)
