"""AC506: fields that some app takes for a proxy's word come from strangers."""

from __future__ import annotations

from dataclasses import replace

from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField, Source
from antechamber.rules.judging import fired, known
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import Passed, Verdict

_SHOWN = 4


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    found = known(required, effective, PolicyField.LOOK_ALIKES)
    if not isinstance(found, Effective):
        return found
    wanted = set(str(required.fields[PolicyField.LOOK_ALIKES]).split(",")) - {""}
    passed = sorted(wanted - set(str(found.value).split(",")))
    if not passed:
        return Passed(f"{len(wanted)} names are dropped")
    more = f" and {len(passed) - _SHOWN} more" if len(passed) > _SHOWN else ""
    listed = replace(found, where="") if found.source is Source.OBSERVED else found  # all of them again
    return fired(f"{', '.join(passed[:_SHOWN])}{more} of a stranger reach the app", listed)


RULE = Rule(
    id="AC506",
    name="look-alikes-passed",
    title="Fields that look like a proxy's word come from strangers",
    reason="some app takes these for a proxy's word",
    symptom="Nothing, until somebody uses it.",
    cause="Proxies replace the forwarded fields they know and pass all others on: X-Original-URL, True-Client-IP, "
    "CF-Connecting-IP, X-Forwarded-Ssl and more.",
    why="Each of them is believed by some framework: for the path (past an access rule), for the address, for the "
    "scheme.",
    fix="Take these fields out of requests of strangers.",
    severity=Severity.WARNING,
    judge=_judge,
    field=PolicyField.LOOK_ALIKES,
    sources=(
        "https://portswigger.net/web-security/host-header",
        "https://developers.cloudflare.com/fundamentals/reference/http-headers/",
    ),
)
