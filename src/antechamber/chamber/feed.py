"""One consumer's queue, bounded in bytes: what the chamber holds for somebody who does not read.

A producer never waits (one slow reader must not hold up the others), so the bound is the only thing between a stuck
tab and the machine's memory. Past it the queue is dropped whole and the consumer is told: it has to resynchronise
anyway, and the real app closes such a socket with 1013.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FeedOverflown(Exception):
    """More was waiting than the bound allows; what waited is gone."""


class Feed(Generic[T]):
    """A queue with one reader. ``offer`` never blocks; ``next`` waits. Once :attr:`overflown` is set, it stays so."""

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._waiting: deque[tuple[T, int]] = deque()
        self._wake = asyncio.Event()
        self.overflown = asyncio.Event()
        self.waiting_bytes = 0

    def offer(self, item: T, size_bytes: int) -> None:
        """Queue ``item``, or give up on this consumer when that takes it over the bound."""
        if self.overflown.is_set():
            return
        self._waiting.append((item, size_bytes))
        self.waiting_bytes += size_bytes
        if self.waiting_bytes > self._limit_bytes:
            self.overflown.set()
            self._waiting.clear()
            self.waiting_bytes = 0
        self._wake.set()

    async def next(self) -> T:
        """The next item. Raises :class:`FeedOverflown`; cancelling loses nothing."""
        while not self._waiting:
            if self.overflown.is_set():
                raise FeedOverflown
            self._wake.clear()
            await self._wake.wait()
        item, size_bytes = self._waiting.popleft()
        self.waiting_bytes -= size_bytes
        return item
