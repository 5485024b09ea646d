"""What trials by time mean: a limit on silence is told from one on age, and what was outlived proves no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Route
from antechamber.policy.observation import Observation
from antechamber.probe.effective_patience import in_seconds, live_limits, plain_limits
from antechamber.probe.trials import Trial, pause_of
from tests.probe.made import SOCKET, SSE, UPLOAD, holds, saw

OUTLIVED = Trial(10.0, outlived=True)
SWALLOWED = Trial(10.0, outlived=False)


def ended(after_s: float) -> Trial:
    return Trial(10.0, outlived=False, ended_s=after_s, how="closed in the middle of the body")


@pytest.mark.parametrize(
    ("route", "observation", "value"),
    [(SSE, Observation.STREAM_END, "cut"), (SOCKET, Observation.SOCKET_END, "closed")],
)
def test_what_ends_a_lively_one_is_no_limit_on_silence(route: Route, observation: Observation, value: str) -> None:
    limits = live_limits(route, ended(5.02), ended(5.0))
    assert saw(limits, observation) == value
    assert holds(limits, PolicyField.STREAM_IDLE_S) is None
    assert "as one was on which events were coming" in limits.fields[PolicyField.STREAM_IDLE_S].where


def test_what_ends_a_silent_one_long_before_a_lively_one_is_a_limit_of_its_own() -> None:
    limits = live_limits(SSE, ended(2.0), ended(8.0))
    assert holds(limits, PolicyField.STREAM_IDLE_S) == 2.0
    assert saw(limits, Observation.STREAM_END) == "cut"


def test_what_ended_a_lively_one_for_once_as_a_reload_does_proves_nothing_of_silence_either() -> None:
    limits = live_limits(SSE, ended(5.0), replace(OUTLIVED, once_s=5.0))
    assert holds(limits, PolicyField.STREAM_IDLE_S) is None
    assert not limits.observations


@pytest.mark.parametrize("life", [None, OUTLIVED, SWALLOWED, replace(OUTLIVED, once_s=8.0)])
def test_what_ends_only_a_silent_one_is_a_limit_on_silence(life: Trial | None) -> None:
    limits = live_limits(SSE, ended(2.0), life)
    assert holds(limits, PolicyField.STREAM_IDLE_S) == 2.0
    assert not limits.observations


def test_what_was_outlived_is_no_pass_for_longer() -> None:
    limits = plain_limits(UPLOAD, OUTLIVED, OUTLIVED, OUTLIVED)
    assert holds(limits, PolicyField.RESPONSE_S) is holds(limits, PolicyField.BODY_IDLE_S) is None
    assert "10s was outlived; longer was not tried" in limits.fields[PolicyField.BODY_IDLE_S].where
    assert not limits.observations
    assert holds(live_limits(SSE, OUTLIVED, OUTLIVED), PolicyField.STREAM_IDLE_S) is None


def test_an_upload_that_is_cut_for_its_age_is_told_from_one_that_is_cut_for_its_pause() -> None:
    by_age = plain_limits(UPLOAD, OUTLIVED, ended(3.0), ended(3.1))
    assert (saw(by_age, Observation.UPLOAD), holds(by_age, PolicyField.BODY_IDLE_S)) == ("cut", None)
    by_pause = plain_limits(UPLOAD, OUTLIVED, ended(3.0), OUTLIVED)
    assert (saw(by_pause, Observation.UPLOAD), holds(by_pause, PolicyField.BODY_IDLE_S)) == (None, 3.0)


def test_who_takes_nothing_is_cut_off_for_that_unless_a_reader_is_cut_off_at_the_same_age() -> None:
    assert holds(live_limits(SSE, None, OUTLIVED, ended(2.0)), PolicyField.SEND_S) == 2.0
    assert holds(plain_limits(UPLOAD, None, deafness=ended(2.0)), PolicyField.SEND_S) == 2.0
    assert PolicyField.SEND_S not in live_limits(SSE, None, ended(2.0), ended(2.0)).fields


def test_an_answer_that_was_given_up_tells_the_limit_and_one_that_was_not_tried_tells_nothing() -> None:
    assert holds(plain_limits(UPLOAD, ended(60.03)), PolicyField.RESPONSE_S) == 60
    assert not plain_limits(UPLOAD, None).fields
    assert not plain_limits(UPLOAD, SWALLOWED, SWALLOWED, SWALLOWED, SWALLOWED).fields


@pytest.mark.parametrize(("seen_s", "limit_s"), [(60.04, 60), (60.1, 60), (3.04, 3.0)])
def test_a_limit_is_told_to_the_second_as_it_is_written(seen_s: float, limit_s: float) -> None:
    """Short ones, which only tests have, more finely."""
    assert in_seconds(seen_s) == limit_s


@pytest.mark.parametrize(("patience_s", "pause_s"), [(5.0, 0.25), (60.0, 1.5), (7200.0, 10.0)])
def test_a_lively_one_is_never_silent_for_long(patience_s: float, pause_s: float) -> None:
    assert pause_of(patience_s) == pause_s
