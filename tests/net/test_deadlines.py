"""The lazy timing wheel under a clock of our own: how early, how late, and what moving a deadline costs."""

from __future__ import annotations

import gc
import heapq
import weakref
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from antechamber.net.deadlines import LOOK_AHEAD_S, NEVER, TICK_S, Deadlines


@dataclass(slots=True)
class Call:
    """A call that is to come, until it is cancelled."""

    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class SteppedClock:
    """A clock that the test moves. Calls come ``lag_s`` behind their time, as in a process that is busy."""

    def __init__(self, *, start: float = 1000.1, lag_s: float = 0.0) -> None:
        self._now = start
        self._lag_s = lag_s
        self._calls: list[tuple[float, int, Call]] = []
        self._made = 0

    def time(self) -> float:
        return self._now

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Call:
        call = Call(callback)
        self._made += 1
        heapq.heappush(self._calls, (self._now + delay, self._made, call))
        return call

    @property
    def pending(self) -> int:
        """Calls that are still to come."""
        return sum(not call.cancelled for _, _, call in self._calls)

    def run_until(self, when: float) -> None:
        """Move the clock, making the calls whose time comes."""
        while self._calls and self._calls[0][0] + self._lag_s <= when:
            due, _, call = heapq.heappop(self._calls)
            self._now = max(self._now, due + self._lag_s)
            if not call.cancelled:
                call.callback()
        self._now = max(self._now, when)


class Watched:
    """A connection as the wheel sees it; it counts how often it was looked at."""

    def __init__(self, clock: SteppedClock, deadline: float) -> None:
        self.clock = clock
        self.filed_until = NEVER
        self.looks = 0
        self.expired_at: list[float] = []
        self._deadline = deadline

    @property
    def deadline(self) -> float:
        self.looks += 1
        return self._deadline

    @deadline.setter
    def deadline(self, when: float) -> None:
        self._deadline = when

    def expire(self) -> None:
        self.expired_at.append(self.clock.time())


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def wheel(clock: SteppedClock) -> Deadlines:
    return Deadlines(clock)


@pytest.mark.parametrize("start", [0.0, 0.1, 0.249, 1000.0, 98765.4321])
@pytest.mark.parametrize("patience_s", [0.0, 0.01, TICK_S, 1.0, 4.99, 60.0, 3600.0])
def test_a_deadline_is_met_never_early_and_at_most_two_ticks_late(start: float, patience_s: float) -> None:
    clock = SteppedClock(start=start)
    wheel = Deadlines(clock)
    for offset in (0.0, 0.07, 0.2, 0.26):
        clock.run_until(start + offset)
        due = clock.time() + patience_s
        watched = Watched(clock, due)
        wheel.watch(watched)
        clock.run_until(due + 3 * TICK_S)
        (met,) = watched.expired_at
        assert due <= met <= due + 2 * TICK_S
        start = clock.time()


def test_a_deadline_counted_from_the_wheels_own_clock_is_early_by_at_most_a_tick() -> None:
    """``now`` is the time of the last tick, which is what makes it an attribute and not a call."""
    clock = SteppedClock(start=500.0)
    wheel = Deadlines(clock)
    for step in range(1, 40):
        clock.run_until(500.0 + step * 0.07)
        assert clock.time() - TICK_S - 1e-9 <= wheel.now <= clock.time()


def test_a_deadline_in_the_past_is_met_at_the_next_tick(clock: SteppedClock, wheel: Deadlines) -> None:
    watched = Watched(clock, clock.time() - 5)
    wheel.watch(watched)
    assert watched.expired_at == []
    clock.run_until(clock.time() + 2 * TICK_S)
    assert len(watched.expired_at) == 1


def test_moving_a_deadline_later_costs_nothing_until_its_slot_comes_round(
    clock: SteppedClock, wheel: Deadlines
) -> None:
    """The idea of the whole: a connection moves its deadline thousands of times a second."""
    start = clock.time()
    watched = Watched(clock, start + 1)
    wheel.watch(watched)
    looks = watched.looks
    filed_until = watched.filed_until
    for step in range(80):
        watched.deadline = start + 1 + step / 100
        clock.run_until(start + step / 100)
    assert (watched.looks, watched.filed_until) == (looks, filed_until)
    clock.run_until(start + 1.6)
    assert watched.looks > looks
    assert watched.expired_at == []
    clock.run_until(start + 5)
    (met,) = watched.expired_at
    assert start + 1.79 <= met <= start + 1.79 + 2 * TICK_S


def test_moving_a_deadline_sooner_is_honoured_if_it_is_filed_again(clock: SteppedClock, wheel: Deadlines) -> None:
    start = clock.time()
    watched = Watched(clock, start + 60)
    wheel.watch(watched)
    clock.run_until(start + 1)
    watched.deadline = start + 3
    assert watched.deadline < watched.filed_until, "this is how the mover knows that it must file it again"
    wheel.watch(watched)
    clock.run_until(start + 100)
    (met,) = watched.expired_at
    assert start + 3 <= met <= start + 3 + 2 * TICK_S


def test_a_deadline_that_went_to_and_fro_is_met_once(clock: SteppedClock, wheel: Deadlines) -> None:
    """Stale filings stay in their slots and mean nothing."""
    start = clock.time()
    watched = Watched(clock, start + 5)
    wheel.watch(watched)
    for sooner in (4, 3, 2, 2, 1):
        watched.deadline = start + sooner
        wheel.watch(watched)
    watched.deadline = start + 5
    clock.run_until(start + 30)
    (met,) = watched.expired_at
    assert start + 5 <= met <= start + 5 + 2 * TICK_S


def test_two_filings_in_one_slot_are_one(clock: SteppedClock, wheel: Deadlines) -> None:
    watched = Watched(clock, clock.time() + 1)
    wheel.watch(watched)
    wheel.watch(watched)
    clock.run_until(clock.time() + 5)
    assert len(watched.expired_at) == 1


def test_what_has_expired_may_be_filed_again(clock: SteppedClock, wheel: Deadlines) -> None:
    """A connection that was answered 408 gets a new deadline for its end."""

    class Lingering(Watched):
        def expire(self) -> None:
            super().expire()
            if len(self.expired_at) < 3:
                self.deadline = self.clock.time() + 1
                wheel.watch(self)

    watched = Lingering(clock, clock.time() + 1)
    wheel.watch(watched)
    clock.run_until(clock.time() + 20)
    assert len(watched.expired_at) == 3
    assert all(later - sooner >= 1 for sooner, later in zip(watched.expired_at, watched.expired_at[1:], strict=False))


def test_one_that_expires_may_move_another_of_the_same_slot(clock: SteppedClock, wheel: Deadlines) -> None:
    """Ending an exchange at its deadline moves deadlines of its neighbours."""
    start = clock.time()
    other = Watched(clock, start + 1)

    class Mover(Watched):
        def expire(self) -> None:
            super().expire()
            other.deadline = start + 3

    mover = Mover(clock, start + 1)
    wheel.watch(mover)
    wheel.watch(other)
    clock.run_until(start + 2)
    assert (len(mover.expired_at), other.expired_at) == (1, [])
    clock.run_until(start + 10)
    assert len(other.expired_at) == 1


def test_what_has_no_deadline_is_not_filed(clock: SteppedClock, wheel: Deadlines) -> None:
    watched = Watched(clock, NEVER)
    wheel.watch(watched)
    assert watched.filed_until == NEVER
    clock.run_until(clock.time() + 10)
    assert watched.expired_at == []


def test_what_loses_its_deadline_is_not_met(clock: SteppedClock, wheel: Deadlines) -> None:
    watched = Watched(clock, clock.time() + 1)
    wheel.watch(watched)
    watched.deadline = NEVER
    clock.run_until(clock.time() + 10)
    assert (watched.expired_at, watched.filed_until) == ([], NEVER)


def test_a_process_that_was_held_up_meets_all_that_fell_due_meanwhile() -> None:
    """A laptop that slept, a container that was paused: one late tick stands for many."""
    clock = SteppedClock(lag_s=7.3)
    wheel = Deadlines(clock)
    start = clock.time()
    watched = [Watched(clock, start + number) for number in range(1, 7)]
    for each in watched:
        wheel.watch(each)
    clock.run_until(start + TICK_S + 7.3)
    assert all(len(each.expired_at) == 1 for each in watched)


def test_a_connection_that_is_gone_is_let_go_at_the_next_look(clock: SteppedClock, wheel: Deadlines) -> None:
    """A wheel that kept it in the slot of its hour-long patience would hold thousands of dead streams in memory."""
    watched = Watched(clock, clock.time() + 3600)
    wheel.watch(watched)
    watched.deadline = NEVER
    gone = weakref.ref(watched)
    del watched
    clock.run_until(clock.time() + LOOK_AHEAD_S + 2 * TICK_S)
    gc.collect()
    assert gone() is None


def test_a_patience_of_an_hour_is_looked_at_now_and_then(clock: SteppedClock, wheel: Deadlines) -> None:
    """What letting go costs."""
    watched = Watched(clock, clock.time() + 3600)
    wheel.watch(watched)
    looks = watched.looks
    clock.run_until(clock.time() + 3599)
    assert watched.looks - looks <= 2 * (3600 / LOOK_AHEAD_S)
    assert watched.expired_at == []


def test_a_closed_wheel_does_not_tick(clock: SteppedClock, wheel: Deadlines) -> None:
    watched = Watched(clock, clock.time() + 1)
    wheel.watch(watched)
    wheel.close()
    assert clock.pending == 0
    clock.run_until(clock.time() + 10)
    assert watched.expired_at == []
