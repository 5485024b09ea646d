"""Commands of our own as child processes: started, waited for until they say that they are ready, and always ended.

A child is ready when a line of its standard error matches; its last lines are kept, to be shown if it fails. Children
get a process group of their own, so that a Ctrl-C reaches the demo alone, which then ends them in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from antechamber.errors import AntechamberError, ConfigError

READY_S = 20.0
"""A cold start on a slow machine takes three seconds; a child that needs longer than this is stuck."""
TERM_S = 3.0
"""From SIGTERM to SIGKILL."""
KEPT_LINES = 12


class ChildError(AntechamberError):
    """A child did not start, or ended when it should not have. ``said`` are the last lines of its standard error."""

    def __init__(self, problem: str, said: Sequence[str], *, exit_code: int = 1) -> None:
        super().__init__(f"{problem}; its last lines are above" if said else f"{problem} and said nothing")
        self.said = tuple(said)
        self.exit_code = exit_code


@dataclass(slots=True)
class Child:
    """A running child; ``said`` holds the last lines of its standard error."""

    name: str
    process: asyncio.subprocess.Process
    said: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))

    async def wait(self) -> int:
        """Wait until the child has ended; returns its exit code."""
        return await self.process.wait()

    def complaint(self, what: str) -> ChildError:
        """An error that shows the child's last words."""
        misuse = self.process.returncode == ConfigError.exit_code
        return ChildError(f"{self.name} {what}", tuple(self.said), exit_code=ConfigError.exit_code if misuse else 1)


@contextlib.asynccontextmanager
async def running(
    name: str, arguments: Sequence[str], *, ready: re.Pattern[str], environment: Mapping[str, str], directory: Path
) -> AsyncIterator[tuple[Child, re.Match[str]]]:
    """Run ``antechamber`` with ``arguments`` for as long as the context lasts; yields it once ``ready`` has matched.

    Raises :class:`ChildError` when it ends before, or is not ready within :data:`READY_S`.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "antechamber", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        cwd=directory,
        start_new_session=True,
    )
    child = Child(name, process)
    is_ready: asyncio.Future[re.Match[str]] = asyncio.get_running_loop().create_future()
    reading = asyncio.create_task(_read(child, ready, is_ready))
    try:
        yield child, await _until_ready(child, is_ready)
    finally:
        await _end(process)
        await reading


async def _read(child: Child, ready: re.Pattern[str], is_ready: asyncio.Future[re.Match[str]]) -> None:
    assert child.process.stderr is not None
    while line := await child.process.stderr.readline():
        text = line.decode("utf-8", "replace").rstrip()
        child.said.append(text)
        if not is_ready.done() and (match := ready.search(text)):
            is_ready.set_result(match)
    if not is_ready.done():
        code = await child.process.wait()
        is_ready.set_exception(child.complaint(f"ended with exit code {code} before it was ready"))


async def _until_ready(child: Child, is_ready: asyncio.Future[re.Match[str]]) -> re.Match[str]:
    try:
        async with asyncio.timeout(READY_S):
            return await is_ready
    except TimeoutError:
        raise child.complaint(f"was not ready within {READY_S:g} s") from None


async def _end(process: asyncio.subprocess.Process) -> None:
    """SIGTERM, and SIGKILL for what does not heed it. Not to be interrupted by a second Ctrl-C."""
    for number, patience_s in ((signal.SIGTERM, TERM_S), (signal.SIGKILL, None)):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await process.wait()
