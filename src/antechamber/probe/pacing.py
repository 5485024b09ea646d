"""Whether the events of an observing stream came as they were sent: at once, all together, or a few at a time.

The app writes into each event when it was sent, on its own clock. What two clocks disagree about is the same for every
event, so what counts is how *differently* late they were, and how late all of them were in comparison with the same
stream directly. Bounds are shares of the pauses that were asked for, so a slower stream is judged as strictly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from antechamber.policy.observation import AT_ONCE, BATCHED, HELD
from antechamber.probe.observed import Sighting
from antechamber.surface.request import ProbeRequest

SHARE = 0.6
"""Of a pause: what is later than this was held for it, and not merely slow."""
LATE_S = 1.0
"""Every event later than directly by this much was held for a while."""


@dataclass(frozen=True, slots=True)
class Pace:
    """``at once``, ``held`` or ``batched``, and the figures."""

    value: str
    evidence: str


def pace_of(seen: Sequence[Sighting], asked: ProbeRequest, direct: Sequence[Sighting] = ()) -> Pace | None:
    """How ``seen`` came; ``None`` if too few came to tell."""
    if len(seen) < 2:
        return None
    lags = [one.lag_s for one in seen]
    spread_s = max(lags) - min(lags)
    whole_s = asked.pace_s * (len(seen) - 1)
    if direct and (all_late_s := min(lags) - min(one.lag_s for one in direct)) > LATE_S:
        return Pace(HELD, f"every one of {len(seen)} came {all_late_s:.1f} s later than directly")
    if spread_s > SHARE * whole_s:
        return Pace(HELD, f"{len(seen)} that were sent over {whole_s:.1f} s came within {_span_s(seen):.2f} s")
    if len(seen) > 2 and spread_s > SHARE * asked.pace_s and (together := _together(seen, asked.pace_s)) > 1:
        return Pace(BATCHED, f"{together} of {len(seen)} came together, the first of them {spread_s:.2f} s late")
    return Pace(AT_ONCE, f"{len(seen)} came as they were sent, at most {spread_s * 1000:.0f} ms apart in lateness")


def are_stored(seen: Sequence[Sighting], direct: Sequence[Sighting]) -> bool:
    """Whether every event that came had been sent before the stream was asked for: then it is a copy of an earlier one,
    and how late it is says when that was."""
    if not seen or not direct:
        return False
    clocks_s = min(one.lag_s for one in direct)
    return all(one.lag_s - clocks_s > one.at_s + LATE_S for one in seen)


def _together(seen: Sequence[Sighting], pace_s: float) -> int:
    """The most that came in a row within a small part of one pause."""
    most = count = 1
    for before, after in pairwise(seen):
        count = count + 1 if after.at_s - before.at_s < pace_s * (1 - SHARE) / 2 else 1
        most = max(most, count)
    return most


def _span_s(seen: Sequence[Sighting]) -> float:
    return seen[-1].at_s - seen[0].at_s
