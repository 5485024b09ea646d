"""Several heartbeats of one connection, each with its own period, told apart by name.

The clock is an argument, so that what is due when can be tested without waiting. A beat that was missed because the
connection was busy is sent once, late, and not made up for: that is what an interval timer does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from enum import Enum
from typing import TypeVar

from antechamber.chamber.feed import Feed

T = TypeVar("T")


class Beat(Enum):
    """The heartbeats that the app sends, by what is put on the wire."""

    COMMENT = "comment"
    SERVER = "server"
    APP = "app"


class Pulse:
    """When each of a connection's heartbeats is due. Times are seconds of any monotonic clock."""

    def __init__(self, periods_s: Mapping[Beat, float], *, now: float) -> None:
        self._periods_s = dict(periods_s)
        self._due_at = {beat: now + period_s for beat, period_s in periods_s.items()}

    @property
    def next_at(self) -> float:
        """When the next beat is due; infinitely late when there is none."""
        return min(self._due_at.values(), default=float("inf"))

    def take(self, now: float) -> list[Beat]:
        """The beats due at ``now``, earliest first; each is due again one period later."""
        due = sorted((beat for beat, at in self._due_at.items() if at <= now), key=self._due_at.__getitem__)
        for beat in due:
            self._due_at[beat] = now + self._periods_s[beat]
        return due


async def with_beats(feed: Feed[T], periods_s: Mapping[Beat, float]) -> AsyncGenerator[T | Beat, None]:
    """What a consumer must send next, items and heartbeats in their turn, until the feed ends with its exception."""
    loop = asyncio.get_running_loop()
    pulse = Pulse(periods_s, now=loop.time())
    while True:
        for beat in pulse.take(loop.time()):
            yield beat
        item: T | None = None
        try:
            async with asyncio.timeout_at(pulse.next_at if periods_s else None):
                item = await feed.next()
        except TimeoutError:
            continue
        yield item
