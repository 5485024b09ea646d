"""AC518: lines do by hand what the proxy does by itself, and do it worse as soon as anything stands in front."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.rules.judging import fired
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import NotApplicable, Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    del required
    found = effective.observations.get(Observation.BY_HAND)
    if found is None or found.value is None:
        return NotApplicable("only some proxies' configurations show it")
    if found.value == "":
        return Passed(found.where)
    return fired(f"the proxy does it by itself: {found.value}", found)


RULE = Rule(
    id="AC518",
    name="done-by-hand",
    title="Lines do by hand what the proxy does by itself",
    reason="less is right: this proxy does it by itself",
    symptom="Nothing, at first. Once another proxy stands in front, every user has its address and the scheme is "
    "wrong; streams that may be silent for ever end after an hour.",
    cause="The lines are from a guide for another proxy, which needs them.",
    why="X-Forwarded-For and -Proto by hand throw away what a trusted proxy says; a read timeout is a limit where "
    "there was none; flushing everything keeps a request to the app going when its client has left.",
    fix="Take the lines away.",
    severity=Severity.ADVICE,
    judge=_judge,
    observation=Observation.BY_HAND,
    symptoms=(4,),
    sources=(
        "https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#defaults",
        "https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#streaming",
    ),
)
