"""An engine's process: in a group of its own, so that it and its workers end together, and Ctrl-C reaches us alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from antechamber.supervise.judgement import environment
from antechamber.supervise.tether import tethered


class Child:
    """A running engine."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, argv: Sequence[str], directory: Path, *, output: int, tether: signal.Signals) -> Child:
        """Run ``argv`` in ``directory``. It gets ``tether`` if we are gone."""
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=directory,
            env=environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            start_new_session=True,
            preexec_fn=tethered(tether),
        )
        return cls(process)

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def wait(self) -> int:
        """Its exit code, once it has ended: 128 and the signal's number where one ended it, as shells count."""
        code = await self._process.wait()
        return code if code >= 0 else 128 - code

    def send(self, number: signal.Signals) -> None:
        """Tell it something; one that has ended hears nothing."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def end_group(self) -> None:
        """What is left of it, its workers included, ends now: workers of a killed master go on by themselves."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def workers(self) -> frozenset[int]:
        """The process ids of its own children (proc(5))."""
        try:
            words = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        except OSError:
            return frozenset()
        return frozenset(map(int, words))
