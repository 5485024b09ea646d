"""No more connections to a host at once than a browser would open.

Six to an origin is what browsers allow themselves over HTTP/1.1: a check is no load test, and what it sees is what a
page would see.
"""

from __future__ import annotations

import asyncio

from antechamber.net.stream import Arrival, Stream

BROWSER_CONNECTIONS = 6


class Lane:
    """The connections to one host: :meth:`enter` waits for a free place, closing the stream gives it back."""

    def __init__(self, places: int = BROWSER_CONNECTIONS) -> None:
        self._places = asyncio.Semaphore(places)

    async def enter(self) -> None:
        await self._places.acquire()

    def leave(self) -> None:
        self._places.release()

    def holding(self, stream: Stream) -> Stream:
        """``stream``, which gives its place back when it is closed."""
        return _Placed(stream, self)


class _Placed:
    def __init__(self, stream: Stream, lane: Lane) -> None:
        self._stream = stream
        self._lane: Lane | None = lane

    @property
    def negotiated(self) -> str:
        return self._stream.negotiated

    async def read(self, *, within_s: float) -> Arrival:
        return await self._stream.read(within_s=within_s)

    async def write(self, data: bytes, *, within_s: float) -> float:
        return await self._stream.write(data, within_s=within_s)

    async def close(self) -> None:
        lane, self._lane = self._lane, None
        try:
            await self._stream.close()
        finally:
            if lane is not None:
                lane.leave()
