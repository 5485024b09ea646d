"""AC603: nothing tells outer hops to leave event streams alone (RFC 9111, section 5.2.2.6)."""

from __future__ import annotations

from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField
from antechamber.policy.model import Kind
from antechamber.rules.judging import fired, known, on
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import NotApplicable, Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    if not required.fields.get(PolicyField.NO_TRANSFORM):
        return NotApplicable("no CDN stands further out")
    found = known(required, effective, PolicyField.NO_TRANSFORM)
    if not isinstance(found, Effective):
        return found
    return Passed() if found.value else fired("event streams do not say no-transform", found)


RULE = Rule(
    id="AC603",
    name="stream-transformable",
    title="Nothing tells the CDN to leave event streams alone",
    reason="no-transform is the sign that a CDN obeys",
    symptom="Live status updates in lumps, through the CDN only.",
    cause="The app says no-cache on its streams, without no-transform, and nobody adds it.",
    why="A CDN may compress what does not say no-transform, and a compressor may wait.",
    fix='Let event streams say "Cache-Control: no-cache, no-transform" in one field.',
    severity=Severity.WARNING,
    judge=on((Kind.SSE,), _judge),
    field=PolicyField.NO_TRANSFORM,
    symptoms=(2, 4),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9111.html#section-5.2.2.6",
        "https://developers.cloudflare.com/speed/optimization/content/compression/",
    ),
)
