"""Event streams at a fixed rate: what one relayed event costs and how much later it arrives.

The app writes the monotonic clock into each event and sends them spread over time; the reader, on the same machine,
subtracts. Direct access in the same round gives the part that upstream and load generator have in the latency.
"""

import asyncio
import time
from array import array
from pathlib import Path

import uvloop

from bench.contestants import Running
from bench.figure import Effort, MeasureError, Metric, Upstream, percentile
from bench.figures.client import Stream, event_stream_request, many, no_collector

FIELD = b"data: "
CLOCK_DIGITS = 19
NANOSECONDS_PER_US = 1e3
MICROSECONDS = 1e6
LEAST_SHARE = 0.8


class Events:
    """So many streams, each with so many events a second."""

    upstream = Upstream.APP
    metrics = (
        Metric("cpu_us", "CPU per event", "µs"),
        Metric("p50_us", "event latency p50", "µs", needs_process=False),
        Metric("p99_us", "event latency p99", "µs", needs_process=False),
        Metric("events_per_s", "events per second", "/s", higher_is_better=True, needs_process=False),
    )

    def __init__(self, *, streams: int, rate: int, together: bool = False, often: int = 1) -> None:
        self.key = f"broadcast-{streams}" if together else f"events-{streams}"
        self.title = f"One event to {streams:,} streams" if together else f"Events on {streams:,} streams"
        when = "each sent to all at once" if together else "spread evenly over time"
        self.how = (
            f"{streams:,} event streams with {rate} events of 136 bytes a second each, {when}, one chunk per event; "
            "latency from the app's write to the reader's read."
        )
        self._path = "/broadcast" if together else "/events"
        self.often = often
        self._streams = streams
        self._rate = rate

    def measure(self, running: Running, effort: Effort, directory: Path) -> dict[str, float]:
        """Open all, let them run warm, then count events, latencies and processor time over the window."""
        del directory
        return uvloop.run(self._measure(running, effort))

    async def _measure(self, running: Running, effort: Effort) -> dict[str, float]:
        latencies = array("q")
        request = event_stream_request(f"{self._path}?rate={self._rate}")
        with no_collector():
            async with many(lambda: _Reader(request, latencies), running.port, self._streams):
                await asyncio.sleep(effort.warm_up_s)
                before = running.process.cpu_s() if running.process else 0.0
                del latencies[:]
                began = time.monotonic()
                await asyncio.sleep(effort.window_s)
                spent = running.process.cpu_s() - before if running.process else 0.0
                seconds = time.monotonic() - began
                ordered = [value / NANOSECONDS_PER_US for value in sorted(latencies)]
        if len(ordered) < self._streams * self._rate * seconds * LEAST_SHARE:
            raise MeasureError(f"only {len(ordered)} of {self._streams * self._rate * seconds:.0f} events arrived")
        found = {
            "p50_us": percentile(ordered, 0.50),
            "p99_us": percentile(ordered, 0.99),
            "events_per_s": len(ordered) / seconds,
        }
        if running.process:
            found["cpu_us"] = spent * MICROSECONDS / len(ordered)
        return found


class _Reader(Stream):
    """Notes for each event how old it was when it came; an event cut in two counts when its rest is there."""

    def __init__(self, request: bytes, latencies: "array[int]") -> None:
        super().__init__(request, b"200")
        self._latencies = latencies
        self._rest = b""

    def received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        if self._rest:
            data, self._rest = self._rest + data, b""
        at = data.find(FIELD)
        while at >= 0:
            end = at + len(FIELD) + CLOCK_DIGITS
            if end > len(data):
                self._rest = data[at:]
                break
            self._latencies.append(now - int(data[end - CLOCK_DIGITS : end]))
            at = data.find(FIELD, end)
