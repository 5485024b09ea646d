"""Runs independent work on a few lanes at once and hands out each result as soon as it is there.

A test asks for one result by name; the work of the others goes on meanwhile. That keeps one test per case, which names
what failed, at the price of the slowest lane instead of the sum.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

import pytest

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")
Place = TypeVar("Place")


@asynccontextmanager
async def fleet(
    keys: Iterable[Key],
    open_lane: Callable[[], AbstractAsyncContextManager[Place]],
    work: Callable[[Place, Key], Awaitable[Result]],
    *,
    lanes: int,
) -> AsyncIterator[dict[Key, asyncio.Future[Result]]]:
    """Begin ``work`` for every key, each lane taking the next key when it is free; yields a future per key."""
    queue = deque(keys)
    loop = asyncio.get_running_loop()
    results: dict[Key, asyncio.Future[Result]] = {key: loop.create_future() for key in queue}

    async def sail(lane: Place) -> None:
        while queue:
            key = queue.popleft()
            try:
                results[key].set_result(await work(lane, key))
            except Exception as error:
                results[key].set_exception(error)

    async with AsyncExitStack() as stack:
        places = [await stack.enter_async_context(open_lane()) for _ in range(min(lanes, len(queue)))]
        tasks = [asyncio.ensure_future(sail(place)) for place in places]
        try:
            yield results
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for result in results.values():
                if result.done() and not result.cancelled():
                    result.exception()


def chosen(session: pytest.Session, parameter: str) -> list[object]:
    """The values of a test parameter among the tests that this run selected, each once, in order."""
    values = [
        item.callspec.params[parameter]
        for item in session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec") and parameter in item.callspec.params
    ]
    return list(dict.fromkeys(values))
