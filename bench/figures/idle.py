"""Streams that are open and silent: what each of them keeps resident in the proxy.

Grown memory is the proportional set size after all streams are open minus the size after the first one was open and
closed again, so that what a program loads on its first stream is not charged to the rest.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import uvloop

from bench.contestants import Running
from bench.figure import Effort, Metric, Upstream
from bench.figures.client import Stream, event_stream_request, many, websocket_request

KIB = 1024
METRICS = (Metric("kib", "memory per idle stream", "KiB"),)


class IdleEventStreams:
    """Event streams that have got their head and one comment."""

    key = "idle-sse"
    title = "Idle event streams"
    how = "Event streams that have said one comment and then nothing: growth of the proxy's resident memory."
    upstream = Upstream.APP
    often = 1
    metrics = METRICS

    def measure(self, running: Running, effort: Effort, directory: Path) -> dict[str, float]:
        """Open them all and look."""
        del directory
        return uvloop.run(_growth(running, effort, lambda: Stream(event_stream_request("/idle"), b"200")))


class IdleWebSockets:
    """WebSockets that have been accepted and then said nothing."""

    key = "idle-ws"
    title = "Idle WebSockets"
    how = "WebSockets that were accepted and then silent: growth of the proxy's resident memory."
    upstream = Upstream.APP
    often = 1
    metrics = METRICS

    def measure(self, running: Running, effort: Effort, directory: Path) -> dict[str, float]:
        """Open them all and look."""
        del directory
        return uvloop.run(_growth(running, effort, lambda: Stream(websocket_request("/socket"), b"101")))


async def _growth(running: Running, effort: Effort, make: Callable[[], Stream]) -> dict[str, float]:
    assert running.process, "direct access has no memory of its own"
    async with many(make, running.port, 1):
        pass
    await asyncio.sleep(effort.warm_up_s)
    before = running.process.resident_bytes()
    async with many(make, running.port, effort.idle_streams):
        await asyncio.sleep(effort.warm_up_s)
        grown = running.process.resident_bytes() - before
    return {"kib": grown / KIB / effort.idle_streams}
