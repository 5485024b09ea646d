"""WebSocket round trips: small frames there and back, as a terminal's keystrokes are.

Frames are masked as RFC 6455 section 5.3 demands of clients, with a key of zero, so that neither end has to spend
time on unmasking. No contestant looks into them.
"""

import asyncio
import time
from pathlib import Path

import uvloop

from bench.contestants import Running
from bench.figure import Effort, Metric, Upstream
from bench.figures.client import Stream, many, no_collector, websocket_request

CONNECTIONS = 64
PAYLOAD = b"\x1b[1;32m~/antechamber\x1b[0m $ ls -l"
QUESTION = b"\x81%c\0\0\0\0%s" % (0x80 | len(PAYLOAD), PAYLOAD)
ANSWER = b"\x81%c%s" % (len(PAYLOAD), PAYLOAD)
MICROSECONDS = 1e6


class Echo:
    """64 WebSockets, each sending its next frame when the echo of the last has come."""

    key = "echo"
    title = "WebSocket round trips"
    how = f"{CONNECTIONS} WebSockets, one {len(PAYLOAD)}-byte frame under way on each, echoed by the app."
    upstream = Upstream.APP
    often = 1
    metrics = (
        Metric("cpu_us", "CPU per round trip", "µs"),
        Metric("trips_per_s", "round trips per second", "/s", higher_is_better=True, needs_process=False),
    )

    def measure(self, running: Running, effort: Effort, directory: Path) -> dict[str, float]:
        """Let all run warm, then count round trips and processor time over the window."""
        del directory
        return uvloop.run(self._measure(running, effort))

    async def _measure(self, running: Running, effort: Effort) -> dict[str, float]:
        with no_collector():
            async with many(lambda: _Asker(websocket_request("/socket")), running.port, CONNECTIONS) as askers:
                for asker in askers:
                    asker.transport.write(QUESTION)
                await asyncio.sleep(effort.warm_up_s)
                trips, began = -sum(asker.trips for asker in askers), time.monotonic()
                before = running.process.cpu_s() if running.process else 0.0
                await asyncio.sleep(effort.window_s)
                spent = running.process.cpu_s() - before if running.process else 0.0
                trips += sum(asker.trips for asker in askers)
                seconds = time.monotonic() - began
        found = {"trips_per_s": trips / seconds}
        if running.process:
            found["cpu_us"] = spent * MICROSECONDS / trips
        return found


class _Asker(Stream):
    """Asks again as soon as the whole echo is there; any other answer stops it, and the loss is noticed."""

    def __init__(self, request: bytes) -> None:
        super().__init__(request, b"101")
        self.trips = 0
        self._have = b""

    def received(self, data: bytes) -> None:
        self._have += data
        if self._have == ANSWER:
            self._have = b""
            self.trips += 1
            self.transport.write(QUESTION)
        elif len(self._have) >= len(ANSWER):
            self.lost = True
