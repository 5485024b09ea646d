"""Deadlines for many connections at the price of an attribute.

The idea: a connection carries its one next deadline as a number and moves it by assignment, thousands of times a
second, without telling anybody. A lazy timing wheel (Varghese and Lauck, 1987) looks at each connection only when the
slot comes round in which it was last filed: if the deadline has moved on, the connection is filed again, later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

TICK_S = 0.25
"""Resolution. Deadlines are met up to two ticks late, never early by more than one."""

LOOK_AHEAD_S = 5.0
"""How far ahead one is filed at most, so that a connection that is gone is let go then and not kept in the slot of its
minute or hour of patience. Looking at 8,192 connections every five seconds takes 0.1 % of a core."""

NEVER = float("inf")


class Handle(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """It need not come any more."""


class Clock(Protocol):
    """What the wheel needs of an event loop."""

    def time(self) -> float:
        """Seconds on a clock that never goes back."""

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Handle:
        """Call once, so many seconds from now."""


class Timed(Protocol):
    """Something with a deadline. ``deadline`` is in loop time; ``filed_until`` belongs to the wheel: the time
    by which it will look, or ``NEVER``. Whoever moves the deadline before that calls :meth:`Deadlines.watch`."""

    filed_until: float

    @property
    def deadline(self) -> float:
        """When to call :meth:`expire`."""

    def expire(self) -> None:
        """The deadline has passed."""


_LOOK_AHEAD = int(LOOK_AHEAD_S / TICK_S)


class Deadlines:
    """The wheel. ``now`` is the loop's time as of the last tick: good enough for any limit of seconds."""

    __slots__ = ("_handle", "_loop", "_slots", "_tick", "now")

    def __init__(self, loop: Clock) -> None:
        self._loop = loop
        self._slots: dict[int, list[Timed]] = {}
        self.now = loop.time()
        self._tick = int(self.now / TICK_S)
        self._handle = loop.call_later(TICK_S, self._advance)

    def watch(self, timed: Timed) -> None:
        """File ``timed`` under its deadline: when it first gets one, and when that moves before ``filed_until``."""
        deadline = timed.deadline
        if deadline == NEVER:
            timed.filed_until = NEVER
            return
        tick = max(min(int(deadline / TICK_S) + 1, self._tick + _LOOK_AHEAD), self._tick + 1)
        timed.filed_until = tick * TICK_S
        self._slots.setdefault(tick, []).append(timed)

    def close(self) -> None:
        """Stop ticking."""
        self._handle.cancel()
        self._slots.clear()

    def _advance(self) -> None:
        self._handle = self._loop.call_later(TICK_S, self._advance)
        self.now = self._loop.time()
        present = int(self.now / TICK_S)
        while self._tick < present:
            self._tick += 1
            slot_end = self._tick * TICK_S
            for timed in self._slots.pop(self._tick, ()):
                if timed.filed_until == slot_end:
                    self._look_at(timed)

    def _look_at(self, timed: Timed) -> None:
        timed.filed_until = NEVER
        if timed.deadline <= self.now:
            timed.expire()
        else:
            self.watch(timed)
