"""One consumer's queue, bounded in bytes: what the chamber holds for somebody who does not read.

A producer never waits (one slow reader must not hold up the others), so the bound is the only thing between a stuck
tab and the machine's memory. Past it the queue is dropped whole and the consumer is told: it has to resynchronise
anyway, and the real app closes such a socket with 1013.
"""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


class FeedState(Enum):
    OPEN = "open"
    OVERFLOWN = "overflown"
    CLOSED = "closed"


class FeedOverflown(Exception):
    """More was waiting than the bound allows; what waited is gone."""


class FeedClosed(Exception):
    """The producer has gone; everything it left has been read."""


class Feed(Generic[T]):
    """A queue with one reader. ``offer`` and ``close`` never block; ``next`` waits."""

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._waiting: deque[tuple[T, int]] = deque()
        self._wake = asyncio.Event()
        self.overflown = asyncio.Event()
        self.waiting_bytes = 0
        self.state = FeedState.OPEN

    def offer(self, item: T, size_bytes: int) -> None:
        """Queue ``item``, or give up on this consumer when that takes it over the bound."""
        if self.state is not FeedState.OPEN:
            return
        self._waiting.append((item, size_bytes))
        self.waiting_bytes += size_bytes
        if self.waiting_bytes > self._limit_bytes:
            self.state = FeedState.OVERFLOWN
            self.overflown.set()
            self._waiting.clear()
            self.waiting_bytes = 0
        self._wake.set()

    def close(self) -> None:
        """No more will come; what waits may still be read."""
        if self.state is FeedState.OPEN:
            self.state = FeedState.CLOSED
        self._wake.set()

    async def next(self) -> T:
        """The next item. Raises :class:`FeedOverflown` or :class:`FeedClosed`; cancelling loses nothing."""
        while not self._waiting:
            if self.state is FeedState.OVERFLOWN:
                raise FeedOverflown
            if self.state is FeedState.CLOSED:
                raise FeedClosed
            self._wake.clear()
            await self._wake.wait()
        item, size_bytes = self._waiting.popleft()
        self.waiting_bytes -= size_bytes
        return item
