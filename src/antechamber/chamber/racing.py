"""Two sides of one connection: whichever ends first ends the other.

A stream has somebody who sends and somebody who notices that the other end has gone. They belong together: neither
may outlive the other, and when the connection itself is cancelled both must go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_of(*sides: Coroutine[Any, Any, None]) -> None:
    """Run all, return (or raise) as the first to end did; the others are cancelled and waited for."""
    tasks = [asyncio.ensure_future(side) for side in sides]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
