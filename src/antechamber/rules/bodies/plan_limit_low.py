"""AC303: the service in front takes smaller bodies than the app, and no setting of ours changes that."""

from __future__ import annotations

from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField
from antechamber.policy.observation import Observation
from antechamber.policy.quantities import show_size
from antechamber.rules.judging import NOT_LIVE, fired, on
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, NotApplicable, Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    wanted = required.fields.get(PolicyField.BODY_LIMIT_BYTES)
    match effective.observations.get(Observation.PLAN_BODY_BYTES):
        case Effective(value=0):
            return NotApplicable("no service with a limit of its own is recognised")
        case Effective(value=int(limit)) as found if isinstance(wanted, int):
            if limit >= wanted:
                return Passed(show_size(limit))
            return fired(f"it takes {show_size(limit)} at most, and the app takes {show_size(wanted)}", found)
        case found:
            return CannotTell((found and found.where) or "it is not known what stands in front")


RULE = Rule(
    id="AC303",
    name="plan-limit-low",
    title="The plan of the service in front limits uploads below the app",
    reason="a CDN's plan may take less than the app",
    symptom="Files above 100 MB fail with a 413 that is not the proxy's own.",
    cause="CDNs limit request bodies by plan: Cloudflare takes 100 MB on its Free and Pro plans.",
    why="No setting of the proxy helps, and people look for the limit in the wrong place.",
    fix="Upload past the CDN (another name that is not proxied), in pieces, or on a larger plan.",
    severity=Severity.ADVICE,
    judge=on(NOT_LIVE, _judge),
    observation=Observation.PLAN_BODY_BYTES,
    symptoms=(3,),
    sources=(
        "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/4xx-client-error/error-413/",
        "https://github.com/sergix44/xbackbone/issues/396",
    ),
)
