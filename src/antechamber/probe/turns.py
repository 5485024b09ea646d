"""Exchanges whose first byte is timed start one after the other, so that they do not blur each other's times.

Each has the way to itself for a moment only: an exchange that is answered, is answered by then, and one that is not
(a socket that the app leaves hanging) must not hold up the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

ALONE_S = 0.2

Result = TypeVar("Result")


class Turns:
    """Gives turns, first come first served."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    def another(self) -> Turns:
        """Turns of their own, for another host."""
        return Turns()

    async def take(self, exchange: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Start ``exchange`` when it is its turn; returns what it returns, however long it takes."""
        async with self._lock:
            task = asyncio.create_task(exchange())
            try:
                await asyncio.wait({task}, timeout=ALONE_S)
            except asyncio.CancelledError:
                task.cancel()
                raise
        return await task
