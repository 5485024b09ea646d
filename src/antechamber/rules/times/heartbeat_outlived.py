"""AC409: a quiet stream is ended before its heartbeat comes."""

from __future__ import annotations

from antechamber.policy.effective import NO_LIMIT, Effective, EffectiveRoute, PolicyField
from antechamber.policy.quantities import show_duration
from antechamber.rules.judging import LIVE, fired, known, on, shown
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, NotApplicable, Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    heartbeat_s = required.route.heartbeat_s
    if heartbeat_s is None:
        return NotApplicable("the app sends no heartbeat here that is known")
    found = known(required, effective, PolicyField.STREAM_IDLE_S)
    if not isinstance(found, Effective):
        return found
    match found.value:
        case int(limit_s) | float(limit_s) if limit_s <= heartbeat_s:
            limit = shown(PolicyField.STREAM_IDLE_S, limit_s)
            return fired(f"it may be silent for {limit}, and a healthy app is for {show_duration(heartbeat_s)}", found)
        case int() | float():
            return Passed(f"longer than the heartbeat, {show_duration(heartbeat_s)}")
        case value if value == NO_LIMIT:
            return Passed(NO_LIMIT)
        case value:
            return CannotTell(f"{value} is no time")


RULE = Rule(
    id="AC409",
    name="heartbeat-outlived",
    title="A stream is ended before its heartbeat comes",
    reason="a heartbeat that comes too late saves nothing",
    symptom="Live updates stop and start all the time, even when the app has nothing to say.",
    cause="The proxy's limit on silence is shorter than the app's longest healthy pause.",
    why="Every quiet stream is cut, over and over. The page may look alive, because it connects again each time.",
    fix="Allow an hour of silence on live routes; anything longer than the heartbeat stops the worst of it.",
    severity=Severity.ERROR,
    judge=on(LIVE, _judge),
    field=PolicyField.STREAM_IDLE_S,
    symptoms=(2,),
    sources=(
        "https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes",
        "https://github.com/openchamber/openchamber/pull/1516",
        "https://github.com/modelcontextprotocol/typescript-sdk/pull/2541",
    ),
)
