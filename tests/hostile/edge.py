"""The edge as a process of its own, on a free port, started and stopped around a test.

Short timeouts make faults quick to see; they are flags, as a user would give them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

CONNECT_TIMEOUT_S = 2
RESPONSE_TIMEOUT_S = 3
CLIENT_TIMEOUT_S = 4
IMPATIENT = (
    *("--connect-timeout", f"{CONNECT_TIMEOUT_S}s"),
    *("--response-timeout", f"{RESPONSE_TIMEOUT_S}s"),
    *("--request-head-timeout", f"{CLIENT_TIMEOUT_S}s"),
    *("--body-idle-timeout", f"{CLIENT_TIMEOUT_S}s"),
    *("--body-limit", "400MiB"),
    *("--access-log", "off"),
)
READY = re.compile(r"^antechamber: serving \w+://([^ ]+):(\d+) -> ")
START_S = 30
STOP_S = 10
COMMAND = Path(sys.executable).with_name("antechamber")


@dataclass(eq=False)
class Edge:
    """A running edge and what it has printed to standard error."""

    process: asyncio.subprocess.Process
    host: str = ""
    port: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    def resident_bytes(self) -> int:
        """Resident memory of the process, from ``/proc``."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_s(self) -> float:
        """Processor time used so far, user and system."""
        words = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def tracebacks(self) -> list[str]:
        """Unhandled errors: an edge that is only sent bytes must not have any."""
        return [line for line in self.said if "Traceback" in line or "never retrieved" in line]


@asynccontextmanager
async def running_edge(
    upstream: str, *flags: str, before_start: Callable[[], None] | None = None
) -> AsyncIterator[Edge]:
    """Start ``antechamber serve`` before ``upstream`` (a URL); stopped at the end whatever happened.

    ``before_start`` runs in the new process before the edge does: for limits.
    """
    process = await asyncio.create_subprocess_exec(
        str(COMMAND),
        *("serve", "--listen", "127.0.0.1:0", "--to", upstream, *flags),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=before_start,
    )
    edge = Edge(process)
    ready = asyncio.get_running_loop().create_future()
    listening = asyncio.ensure_future(_listen(edge, ready))
    try:
        async with asyncio.timeout(START_S):
            await ready
        yield edge
    finally:
        await _stop(process)
        await listening


async def _listen(edge: Edge, ready: asyncio.Future[None]) -> None:
    """Keep what the edge says; tell when it is ready, or that it never will be."""
    assert edge.process.stderr is not None
    async for raw in edge.process.stderr:
        line = raw.decode(errors="replace").rstrip()
        edge.said.append(line)
        if (match := READY.match(line)) and not ready.done():
            edge.host, edge.port = match[1], int(match[2])
            ready.set_result(None)
    if not ready.done():
        ready.set_exception(AssertionError(f"the edge did not start: {edge.said[-5:]}"))


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End the process; the second signal ends a drain (the first may wait for streams that a test left open)."""
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 1 if number is signal.SIGTERM else STOP_S)
