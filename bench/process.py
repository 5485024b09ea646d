"""Processes under measurement: started on their own processor, read through /proc, always ended.

CPU time is the scheduler's own nanosecond count (``/proc/PID/task/TID/schedstat``, first field: what ``utime + stime``
are derived from, without their rounding to ticks of 10 ms). Memory is the proportional set size of the process tree,
so pages shared between a master and its worker count once. Sockets' kernel memory is in neither, for any contestant.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

START_DEADLINE_S = 20.0
STOP_DEADLINE_S = 5.0
NANOSECONDS = 1e9


class StartError(Exception):
    """A process of the benchmark did not come up; the text holds what it said."""


@dataclass(frozen=True, slots=True)
class Processors:
    """Who runs where: what is measured has one processor for itself, upstream and load share the others."""

    measured: frozenset[int]
    others: frozenset[int]

    @classmethod
    def available(cls) -> "Processors":
        """The last processor for the contestant; with a single one there is nothing to divide."""
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) == 1:
            return cls(frozenset(allowed), frozenset(allowed))
        return cls(frozenset(allowed[-1:]), frozenset(allowed[:-1]))


class Process:
    """One started program and its children."""

    def __init__(self, argv: Sequence[str], *, processors: frozenset[int], log: Path, env: dict[str, str]) -> None:
        """Start ``argv`` on ``processors``; what it prints on stderr goes to ``log``.err, stdout to ``log``."""
        self._log = log
        self._stderr = log.with_suffix(".err")
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, processors)  # inherited by the child from its first instruction on
        try:
            with log.open("wb") as out, self._stderr.open("wb") as err:
                self._popen = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=os.environ | env
                )
        finally:
            os.sched_setaffinity(0, before)

    def tree(self) -> list[int]:
        """The process and all its descendants."""
        found, at = [self._popen.pid], 0
        while at < len(found):
            for children in Path(f"/proc/{found[at]}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    found += [int(pid) for pid in children.read_text().split()]
            at += 1
        return found

    def cpu_s(self) -> float:
        """Processor time spent so far by all threads of the tree, in seconds."""
        nanoseconds = 0
        for pid in self.tree():
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with contextlib.suppress(OSError):
                    nanoseconds += int(thread.read_text().split()[0])
        return nanoseconds / NANOSECONDS

    def resident_bytes(self) -> int:
        """Proportional set size of the tree, now."""
        return sum(_memory_field(pid, "smaps_rollup", "Pss:") for pid in self.tree())

    def forget_peak(self) -> None:
        """Start the peak anew from the present size (proc(5), clear_refs 5)."""
        for pid in self.tree():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """The most that was resident since :meth:`forget_peak`, summed over the tree."""
        return sum(_memory_field(pid, "status", "VmHWM:") for pid in self.tree())

    def wait_for_text(self, marker: str) -> str:
        """The first line, on stderr or stdout, that contains ``marker``; an error that quotes the output otherwise."""
        deadline = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline:
            for line in self.output().splitlines():
                if marker in line:
                    return line
            if self._popen.poll() is not None:
                break
            time.sleep(0.01)
        raise StartError(f"no line with {marker!r} from {self._popen.args!r}:\n{self.output()[-2000:]}")

    def check_alive(self) -> None:
        """Raise when the process has ended by itself: its figures would be those of a corpse."""
        if self._popen.poll() is not None:
            raise StartError(f"{self._popen.args!r} ended with {self._popen.returncode}:\n{self.output()[-2000:]}")

    def output(self) -> str:
        """Everything printed so far, stderr first."""
        return self._stderr.read_text(errors="replace") + self._log.read_text(errors="replace")

    def stop(self) -> None:
        """End the whole tree; politely first, since a killed master would leave its worker behind."""
        tree = self.tree()
        with contextlib.suppress(ProcessLookupError):
            self._popen.send_signal(signal.SIGTERM)
        try:
            self._popen.wait(0.5)
        except subprocess.TimeoutExpired:
            for pid in tree:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._popen.wait(STOP_DEADLINE_S)


def _memory_field(pid: int, file: str, field: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0


@contextlib.contextmanager
def stopping(process: Process) -> Iterator[Process]:
    """``process``, ended at the end whatever happens."""
    try:
        yield process
    finally:
        process.stop()
