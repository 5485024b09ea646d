"""How long a healthy app is silent on a stream, as far as a recording shows.

The longest silence between two messages, half as much again, up to the next five seconds. A burst says nothing about
silence, so messages must be spread over a while. Pings of WebSockets and comments of event streams are below what a
browser records: an app that beats with those looks more silent than it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

FEWEST_MESSAGES = 3
SHORTEST_VIEW_S = 10.0
_MARGIN = 1.5
_STEP_S = 5
_LONGEST_S = 86_400.0
"""Whoever recorded for longer had left the page open overnight."""


@dataclass(frozen=True, slots=True)
class Silence:
    """An estimate and what it is made of."""

    heartbeat_s: float
    longest_s: float
    messages: int


def estimated(connections: Iterable[Sequence[float]]) -> Silence | None:
    """The estimate from the times at which messages came in on each connection; ``None`` where they are too few, or
    all came within a moment."""
    told = [times for times in connections if len(times) >= FEWEST_MESSAGES and times[-1] - times[0] >= SHORTEST_VIEW_S]
    longest = max((later - earlier for times in told for earlier, later in pairwise(times)), default=0.0)
    if not told or longest > _LONGEST_S:
        return None
    heartbeat = math.ceil(longest * _MARGIN / _STEP_S) * _STEP_S
    return Silence(float(heartbeat), longest, sum(map(len, told)))
