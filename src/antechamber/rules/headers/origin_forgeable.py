"""AC508: a client can tell the app which scheme and host it came by."""

from __future__ import annotations

from antechamber.policy.effective import AS_SENT, EffectiveRoute, PolicyField, Source
from antechamber.policy.observation import Observation
from antechamber.rules.headers.forged import names_seen
from antechamber.rules.judging import either, fired
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict

_NAMES = {PolicyField.FORWARDED_PROTO: "X-Forwarded-Proto", PolicyField.FORWARDED_HOST: "X-Forwarded-Host"}


def _written(required: Required, effective: EffectiveRoute) -> Verdict:
    found = [effective.fields.get(field) for field in _NAMES]
    if any(one is None or one.value is None for one in found):
        return CannotTell("it is not known what the proxy says of scheme and host")
    for name, one in zip(_NAMES.values(), found, strict=True):
        assert one is not None
        if one.value == AS_SENT or (one.source is Source.DEFAULT and one.value != required.fields.get(_field(name))):
            return fired(f"{name} is passed on as the client sent it", one)
    return Passed()


def _field(name: str) -> PolicyField:
    return next(field for field, one in _NAMES.items() if one == name)


RULE = Rule(
    id="AC508",
    name="origin-forgeable",
    title="A client can tell the app which scheme and host it came by",
    reason="who writes the host writes the answer to the origin check",
    symptom="Nothing, until somebody uses it.",
    cause="The proxy does not set X-Forwarded-Proto or X-Forwarded-Host on this route, so the client's own pass.",
    why="The app's comparison of origins compares a stranger's word with itself. Links in mails can be made to lead "
    "elsewhere.",
    fix="Set both fields on every route; what is set replaces what the client sent.",
    severity=Severity.WARNING,
    judge=either(names_seen(Observation.FORGED, ("x-forwarded-host", "x-forwarded-proto")), _written),
    field=PolicyField.FORWARDED_HOST,
    observation=Observation.FORGED,
    roots=("AC509", "AC503", "AC504"),
    sources=(
        "https://github.com/chattocorp/chatto/issues/1445",
        "https://portswigger.net/web-security/host-header",
    ),
)
