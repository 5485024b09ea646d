"""Held, batched and merely late events, told apart by figures that two machines' clocks cannot blur."""

from __future__ import annotations

from dataclasses import replace

import pytest

from antechamber.policy.observation import AT_ONCE, BATCHED, HELD
from antechamber.probe.observed import Sighting
from antechamber.probe.pacing import are_stored, pace_of
from tests.probe.made import IN_TIME, SENT_S, STREAM, sightings

AN_HOUR = 3600.0


def shifted(seen: tuple[Sighting, ...], clock_s: float) -> tuple[Sighting, ...]:
    """The same, seen by a machine whose clock is off."""
    return tuple(Sighting(one.number, one.lag_s + clock_s, one.at_s) for one in seen)


@pytest.mark.parametrize("clock_s", [0.0, AN_HOUR, -AN_HOUR])
@pytest.mark.parametrize(
    ("arrived_s", "value"),
    [
        (SENT_S, AT_ONCE),
        ([sent_s + 0.04 for sent_s in SENT_S], AT_ONCE),
        ([SENT_S[0] + 0.05, *SENT_S[1:]], AT_ONCE),
        ([0.76] * 4, HELD),
        ([0.45, 0.45, 0.75, 0.75], BATCHED),
        ([sent_s + 3 for sent_s in SENT_S], HELD),
    ],
)
def test_how_events_came_does_not_depend_on_what_the_clocks_disagree_about(
    arrived_s: list[float], value: str, clock_s: float
) -> None:
    pace = pace_of(shifted(sightings(*arrived_s), clock_s), STREAM, shifted(IN_TIME, clock_s))
    assert pace is not None
    assert pace.value == value, pace.evidence


def test_a_slower_stream_is_judged_as_strictly() -> None:
    """The second look has three times the pauses: what was 60 ms late by accident is not held then."""
    slow = replace(STREAM, pace_s=0.45)
    late = tuple(Sighting(number, 0.06 * (number % 2), 0.3 + 0.45 * number) for number in range(1, 5))
    pace = pace_of(late, slow)
    assert pace is not None
    assert pace.value == AT_ONCE


def test_one_event_tells_nothing() -> None:
    assert pace_of(IN_TIME[:1], STREAM) is None


@pytest.mark.parametrize("clock_s", [0.0, AN_HOUR, -AN_HOUR])
def test_events_that_were_sent_before_they_were_asked_for_are_stored_and_not_late(clock_s: float) -> None:
    """A cache gives everybody the stream of whoever came first, in an instant, minutes later."""
    direct = shifted(IN_TIME, clock_s)
    stored = tuple(Sighting(one.number, 368.3 - one.at_s + clock_s, 0.01) for one in IN_TIME)
    assert are_stored(stored, direct)
    held = shifted(sightings(*(sent_s + 30 for sent_s in SENT_S)), clock_s)
    assert not are_stored(held, direct), "it was asked for, and took half a minute"
    assert not are_stored((), direct)
