"""Which first impressions deserve a second look: what a busy machine or a lost packet can make look wrong.

A status is an answer, and which fields arrived is seen for good. Lateness and silence may be accidents, unless the
app's own stream and the one that was observed in place, on connections of their own, say the same.
"""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.probe.seen import Seen
from antechamber.rules.finding import Judged
from antechamber.surface.departures import State

_ALWAYS = frozenset(
    {
        Observation.FRAMES,
        Observation.MESSAGE_BYTES,
        Observation.SOCKET_END,
        Observation.STREAM_END,
        Observation.REQUEST_PIECES,
        Observation.UPLOAD,
        Observation.SOCKET_VERSIONS,
        Observation.COMMENTS,
    }
)
_SILENCE = {Observation.UPGRADE: ("silence",), Observation.ANSWER: ("nothing", "gateway error")}
_IN_TIME = (Observation.HEAD, Observation.EVENTS)


def is_doubtful(judged: Judged, seen: Seen, effective: EffectiveRoute) -> bool:
    """Whether what fired on a route may have been an accident."""
    observation = judged.rule.observation
    if observation is None:
        return False
    if observation in _SILENCE:
        if _both_went_unanswered(seen):
            return False
        found = effective.observations.get(observation)
        return found is not None and found.value in _SILENCE[observation]
    if observation is Observation.DEPARTURE:
        left = seen.through.departure
        return left is not None and left.state is State.LEFT  # told, only late
    if observation in _IN_TIME:
        return not _both_were_silent(seen)
    return observation in _ALWAYS


def _both_went_unanswered(seen: Seen) -> bool:
    real, in_place = seen.through.real, seen.through.stream
    return real is not None and in_place is not None and real.status is None and in_place.status is None


def _both_were_silent(seen: Seen) -> bool:
    through = seen.through
    real_was = through.real is not None and through.real.status is None
    head_s = through.stream.head_s if through.stream is not None else None
    held = through.asked is not None and (head_s is None or head_s > through.asked.planned_s / 2)
    return real_was and held
