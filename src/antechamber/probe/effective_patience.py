"""What trials by time say of a route: which limits it has, and whether it is silence that they count, or age."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Kind, Route
from antechamber.policy.observation import Observation
from antechamber.policy.quantities import show_duration
from antechamber.probe.facts import Facts
from antechamber.probe.trials import Trial

WHOLE_S = 10.0
"""Limits from here on are written in whole seconds; what is seen beyond them is the way back."""
SAME_AGE = 0.8
"""A silence that was ended at this share of the age at which a lively one was, or later, was ended for its age."""


def live_limits(
    route: Route, silence: Trial | None, life: Trial | None, deafness: Trial | None = None
) -> EffectiveRoute:
    """What a silent, a lively and an unread stream, or socket, say of a live route; ``None`` was not tried, or is not
    over yet."""
    facts = Facts(route.path)
    if life is not None and life.ended_s is not None:
        evidence = f"ended after {life.ended_s:.1f} s, and again when it was opened anew: {life.how}"
        if route.kind is Kind.WEBSOCKET:
            facts.saw(Observation.SOCKET_END, "closed", evidence)
        else:
            facts.saw(Observation.STREAM_END, "cut", evidence)
    if silence is not None:
        _silence(route, silence, life, facts)
    if deafness is not None and not _was_age(deafness, life):
        _limit(PolicyField.SEND_S, "taking nothing", deafness, facts)
    return facts.route()


def _silence(route: Route, silence: Trial, life: Trial | None, facts: Facts) -> None:
    if _was_age(silence, life):
        because = f"it was ended after {silence.ended_s:.1f} s, as one was on which events were coming"
        facts.unknown(PolicyField.STREAM_IDLE_S, because=because)
    elif silence.outlived:
        _outlived(PolicyField.STREAM_IDLE_S, "silence", silence, facts)
        if route.heartbeat_s is not None and silence.asked_s <= route.heartbeat_s:
            facts.saw(
                Observation.UNSEEN, "not due yet", f"the heartbeat comes every {show_duration(route.heartbeat_s)}"
            )
    else:
        ended_s = silence.ended_s or silence.asked_s
        facts.holds(PolicyField.STREAM_IDLE_S, in_seconds(ended_s), f"ended after {ended_s:.1f} s of silence")


def plain_limits(
    route: Route,
    waiting: Trial | None,
    pause: Trial | None = None,
    slow: Trial | None = None,
    deafness: Trial | None = None,
) -> EffectiveRoute:
    """What a late answer, an upload with a pause, one that took its time, and an answer that was not read say of an
    ordinary route; ``None`` was not tried, or is not over yet."""
    facts = Facts(route.path)
    if deafness is not None:
        _limit(PolicyField.SEND_S, "taking nothing", deafness, facts)
    if waiting is not None:
        _limit(PolicyField.RESPONSE_S, "waiting for an answer", waiting, facts)
    if slow is not None and slow.ended_s is not None:
        facts.saw(Observation.UPLOAD, "cut", f"ended after {slow.ended_s:.1f} s, and again: {slow.how}")
    if pause is not None and _was_age(pause, slow):
        because = f"it was ended after {pause.ended_s:.1f} s, as one was that did not pause"
        facts.unknown(PolicyField.BODY_IDLE_S, because=because)
    elif pause is not None:
        _limit(PolicyField.BODY_IDLE_S, "a pause within an upload", pause, facts)
    return facts.route()


def _limit(field: PolicyField, what: str, trial: Trial, facts: Facts) -> None:
    if trial.ended_s is not None:
        facts.holds(field, in_seconds(trial.ended_s), f"{what} was ended after {trial.ended_s:.1f} s: {trial.how}")
    elif trial.outlived:
        _outlived(field, what, trial, facts)


def _outlived(field: PolicyField, what: str, trial: Trial, facts: Facts) -> None:
    waited = show_duration(round(trial.asked_s))
    facts.unknown(field, because=f"{what} of {waited} was outlived; longer was not tried")


def _was_age(still: Trial, lively: Trial | None) -> bool:
    """Whether what ended a quiet one ended a lively one at the same age, be it once: then it is no limit on quiet."""
    if still.ended_s is None or lively is None:
        return False
    ended_s = lively.once_s if lively.ended_s is None else lively.ended_s
    return ended_s is not None and still.ended_s >= SAME_AGE * ended_s


def in_seconds(seconds: float) -> float:
    """To the second, as limits are written; short ones, which only tests have, more finely."""
    return round(seconds, None if seconds >= WHOLE_S else 1)
