"""Whose client has left, and when: the surface's memory of the streams that gave themselves an ``id``.

A prober opens a stream, leaves, and asks with ``do=departure`` what became of it. Only here can that be known: a proxy
that keeps its side open looks, from the client's side, like one that told the app at once. What is remembered is
bounded; the oldest is forgotten first, whether it has ended or not.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from antechamber.surface.asgi import Json, Receive

REMEMBERED = 1024
_GONE = frozenset({"http.disconnect", "websocket.disconnect"})


class State(StrEnum):
    """What is known of one."""

    UNKNOWN = "unknown"
    """No stream with that ``id`` has come here, or so many came since that it was forgotten."""
    HERE = "here"
    LEFT = "left"
    """The client went before the stream had ended."""
    DONE = "done"
    """The stream was sent to its end."""


class Visit:
    """The client of one stream, as far as the server knows of it."""

    def __init__(self) -> None:
        self.state = State.HERE
        self.began_s = time.monotonic()
        self.ended_s: float | None = None
        self.over = asyncio.Event()

    async def stays(self, seconds: float) -> bool:
        """Wait so long, or until the client leaves; whether it is there at the end."""
        try:
            async with asyncio.timeout(seconds):
                await self.over.wait()
        except TimeoutError:
            return True
        return False

    def end(self, state: State) -> None:
        """Only the first end counts."""
        if self.ended_s is None:
            self.state, self.ended_s = state, time.monotonic()
            self.over.set()


class Departures:
    """The streams of one surface."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._visits: OrderedDict[str, Visit] = OrderedDict()

    @asynccontextmanager
    async def visit(self, identifier: str, receive: Receive) -> AsyncIterator[Visit]:
        """A stream from its first octet to its last. Whatever the client still says is heard and thrown away.

        A server that cancels its conversation says the same as one that sends a disconnect: nobody listens any more.
        """
        visit = Visit()
        if identifier:
            self._remember(identifier, visit)
        listening = asyncio.ensure_future(_until_gone(receive, visit))
        try:
            yield visit
        except (asyncio.CancelledError, OSError):
            visit.end(State.LEFT)
            raise
        finally:
            visit.end(State.DONE)
            listening.cancel()

    async def told(self, identifier: str, *, within_s: float) -> dict[str, Json]:
        """``state``; ``stayed``, the seconds that the client was there; ``ago``, the seconds since. Answered as soon as
        the stream has ended, and after ``within_s`` at the latest."""
        visit = self._visits.get(identifier)
        if visit is None:
            return {"state": State.UNKNOWN.value, "stayed": 0.0, "ago": 0.0}
        await visit.stays(within_s)
        now_s = time.monotonic()
        ended_s = now_s if visit.ended_s is None else visit.ended_s
        return {"state": visit.state.value, "stayed": ended_s - visit.began_s, "ago": now_s - ended_s}

    def _remember(self, identifier: str, visit: Visit) -> None:
        self._visits.pop(identifier, None)
        self._visits[identifier] = visit
        while len(self._visits) > self._most:
            self._visits.popitem(last=False)


async def _until_gone(receive: Receive, visit: Visit) -> None:
    while (await receive())["type"] not in _GONE:
        pass
    visit.end(State.LEFT)
