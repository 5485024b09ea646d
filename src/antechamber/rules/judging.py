"""The few ways in which rules judge: a field is what it must be, a wire showed what is healthy, one of several tells.

Each function here makes a judge, so that a rule is data and one expression. What is not known is never a pass, and what
is stronger than required is no fault where it harms nobody: a longer time limit, a larger body.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from antechamber.policy.effective import NO_LIMIT, Effective, EffectiveRoute, PolicyField, Scalar, Source
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.policy.quantities import show_duration, show_size
from antechamber.rules.rule import Judge, Required
from antechamber.rules.verdict import CannotTell, Fired, NotApplicable, Passed, Verdict

LIVE = (Kind.SSE, Kind.WEBSOCKET)
NOT_LIVE = (Kind.PAGE, Kind.API, Kind.UPLOAD)

_BEHIND = frozenset(
    {
        Observation.LAST_EVENT_ID,
        Observation.REQUEST_PIECES,
        Observation.DEPARTURE,
        Observation.REAL_IP,
        Observation.FORGED,
        Observation.CHAIN,
        Observation.COOKIES,
        Observation.QUERY,
    }
)
"""What arrives at the app is seen only there."""

Sentences = Mapping[Scalar, str] | str
"""What to say of an unhealthy value: by value, or for all of them; ``{value}`` stands for it."""


def on(kinds: Collection[Kind], judge: Judge) -> Judge:
    """``judge``, on routes of these kinds only."""

    def judged(required: Required, effective: EffectiveRoute) -> Verdict:
        if required.route.kind not in kinds:
            return NotApplicable(f"it is about {' and '.join(kind.value for kind in kinds)} routes")
        return judge(required, effective)

    return judged


def unless_hashed(judge: Judge) -> Judge:
    """``judge``, but not of files whose names change with their content: any cache may keep them."""

    def judged(required: Required, effective: EffectiveRoute) -> Verdict:
        if required.route.hashed:
            return NotApplicable("its names change with its content, so whoever keeps it keeps the right one")
        return judge(required, effective)

    return judged


def either(*judges: Judge) -> Judge:
    """The first that fires; else the first that passes; else why nothing could be told."""

    def judged(required: Required, effective: EffectiveRoute) -> Verdict:
        verdicts = [judge(required, effective) for judge in judges]
        for wanted in (Fired, Passed, CannotTell):
            for verdict in verdicts:
                if isinstance(verdict, wanted):
                    return verdict
        return verdicts[0]

    return judged


def seen(observation: Observation, *, healthy: Collection[Scalar], otherwise: Sentences) -> Judge:
    """What a wire showed. Values that ``otherwise`` has no words for are no evidence of this fault."""

    def judged(required: Required, effective: EffectiveRoute) -> Verdict:
        found = effective.observations.get(observation)
        if found is None or found.value is None:
            return CannotTell(_unseen(observation, found, effective))
        if found.value in healthy:
            return Passed(found.where)
        sentence = otherwise if isinstance(otherwise, str) else otherwise.get(found.value)
        if sentence is None:
            return CannotTell(f"{found.value} was seen instead" + (f": {found.where}" if found.where else ""))
        return fired(sentence.format(value=found.value), found)

    return judged


def equal(field: PolicyField, otherwise: str) -> Judge:
    """The field has the required value; ``otherwise`` may name ``{value}`` and ``{wanted}``."""
    return _compared(field, lambda value, wanted: value == wanted, otherwise)


def no_less(field: PolicyField, otherwise: str) -> Judge:
    """A number that may be larger; having no limit at all is larger than any."""
    return _compared(field, _no_less, otherwise)


def no_more(field: PolicyField, otherwise: str) -> Judge:
    """A number that may be smaller."""
    return _compared(field, _no_more, otherwise)


def fired(sentence: str, found: Effective) -> Fired:
    """A fault, with what was seen or where it is written. A value of unknown source is a likely one, not a certain."""
    return Fired(sentence + _remark(found), found.place, certain=found.source is not Source.UNKNOWN)


def known(required: Required, effective: EffectiveRoute, field: PolicyField) -> Effective | CannotTell | NotApplicable:
    """The value of ``field``, if one is required and known."""
    if field not in required.fields:
        return NotApplicable("the policy says nothing of it here")
    found = effective.fields.get(field)
    if found is None or found.value is None:
        return CannotTell(_unknown(found, effective))
    return found


def shown(field: PolicyField, value: Scalar) -> str:
    """A value as people write it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value) or "nothing"
    if field is PolicyField.BODY_LIMIT_BYTES:
        return show_size(int(value))
    return show_duration(value)


def _compared(field: PolicyField, holds: Callable[[Scalar, Scalar], bool | None], otherwise: str) -> Judge:
    return partial(_judge_field, field, holds, otherwise)


def _judge_field(
    field: PolicyField,
    holds: Callable[[Scalar, Scalar], bool | None],
    otherwise: str,
    required: Required,
    effective: EffectiveRoute,
) -> Verdict:
    found = known(required, effective, field)
    if not isinstance(found, Effective):
        return found
    assert found.value is not None
    wanted = required.fields[field]
    match holds(found.value, wanted):
        case True:
            return Passed(shown(field, found.value) + _remark(found))
        case False:
            words = otherwise.format(value=shown(field, found.value), wanted=shown(field, wanted))
            return fired(words, found)
        case _:
            return CannotTell(f"{shown(field, found.value)} cannot be compared with {shown(field, wanted)}")


def _no_less(value: Scalar, wanted: Scalar) -> bool | None:
    if value == NO_LIMIT:
        return True
    return None if isinstance(value, str) or isinstance(wanted, str) else value >= wanted


def _no_more(value: Scalar, wanted: Scalar) -> bool | None:
    if value == NO_LIMIT:
        return False
    return None if isinstance(value, str) or isinstance(wanted, str) else value <= wanted


def _remark(found: Effective) -> str:
    """Where it is from, where the place itself does not say so."""
    match found.source:
        case Source.OBSERVED | Source.UNKNOWN:
            return f" ({found.where})" if found.where else ""
        case Source.DEFAULT:
            return f" ({found.where or 'nothing is written, so this is the default'})"
        case Source.SET | Source.INHERITED:
            return f" ({found.where})" if found.where and found.place is None else ""


def _unseen(observation: Observation, found: Effective | None, effective: EffectiveRoute) -> str:
    if found is not None and found.where:
        return found.where
    if reason := effective.observations.get(Observation.UNSEEN):
        return reason.where or str(reason.value)
    if observation in _BEHIND:
        return "what reaches the app is seen only there: by a witness in front of it"
    return "nothing was seen that would decide it"


def _unknown(found: Effective | None, effective: EffectiveRoute) -> str:
    if found is not None and found.where:
        return found.where
    if reason := effective.observations.get(Observation.UNSEEN):
        return reason.where or str(reason.value)
    return "nothing shows what the proxy has set here"
