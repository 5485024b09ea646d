"""Blocking work on a descriptor, in a thread, so that a slow disk does not hold up everybody's heartbeats.

A thread cannot be cancelled. If the request is, the thread must still have ended before its descriptor is closed: the
number may be somebody else's socket a moment later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """The result of ``work``; when cancelled, returns only after it has ended."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
