"""Event streams: one response that does not end, with the head that each route has.

The heads differ by route in the real app, and the differences matter to proxies: only two of the four say
``no-transform``, so a CDN may compress the other two. ``HEAD`` is answered at once. When the chamber stops, streams
are cut in the middle, not ended with a last chunk, because that is what the app does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress

from starlette.types import Receive, Scope, Send

from antechamber.chamber.feed import FeedOverflown
from antechamber.chamber.racing import first_of

Head = tuple[tuple[bytes, bytes], ...]

BUS_HEAD: Head = (
    (b"Content-Type", b"text/event-stream"),
    (b"Cache-Control", b"no-cache"),
    (b"X-Accel-Buffering", b"no"),
)
NOTICE_HEAD: Head = (
    (b"Content-Type", b"text/event-stream; charset=utf-8"),
    (b"Cache-Control", b"no-cache, no-transform"),
    (b"X-Accel-Buffering", b"no"),
)

Source = Callable[[], AsyncGenerator[bytes, None]]


class OpenStreams:
    """The event streams that are open, so that stopping can cut them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def cut_all(self) -> None:
        """Cancel each: the server underneath then closes the connection without a last chunk."""
        for task in self._tasks:
            task.cancel()

    async def hold(self, stream: Awaitable[None]) -> None:
        """Await ``stream`` as one of the open ones."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await stream
        finally:
            self._tasks.discard(task)


class EventStream:
    """An ASGI response that sends what ``source`` yields, each piece at once, until the client has gone."""

    def __init__(self, source: Source, *, head: Head, open_streams: OpenStreams) -> None:
        self._source = source
        self._head = head
        self._open_streams = open_streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [*self._head]})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        with suppress(FeedOverflown):  # too slow: cut, without a last chunk
            await self._open_streams.hold(first_of(self._send_all(send), until_gone(receive)))

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._source()) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def until_gone(receive: Receive) -> None:
    """Ends when the client has gone, or has been answered."""
    while (await receive())["type"] != "http.disconnect":
        pass
