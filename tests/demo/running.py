"""Running ``antechamber demo`` as people do: as a command, to its end or until told to stop."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = [sys.executable, "-m", "antechamber", "demo"]
DEADLINE_S = 90.0
NONE: Mapping[str, str] = {}

_ROW = re.compile(r"^(/\S*) +(page|api|upload|sse|websocket) +(ok|faulty|cannot tell) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run to the end gave."""

    code: int
    out: str
    err: str

    @property
    def verdicts(self) -> dict[str, str]:
        """Verdict by route, as the table says."""
        return {route: verdict for route, _, verdict in _ROW.findall(self.out)}

    def reason(self, route: str) -> str:
        """What is told of a route below the table."""
        told = re.search(rf"^  {re.escape(route)}: (.+)$", self.out, re.MULTILINE)
        return told[1] if told else ""


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours, without what would change the run, and ``more``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    return {**kept, **more}


def run_once(*arguments: str, directory: Path, variables: Mapping[str, str] = NONE) -> Finished:
    done = subprocess.run(
        [*COMMAND, "--once", *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        env=environment(variables),
        cwd=directory,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@contextmanager
def started(*arguments: str, directory: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo that runs; killed at the end if the test has not ended it."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(NONE),
        cwd=directory,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def children_of(process: subprocess.Popen[str]) -> list[int]:
    """Process ids of the children that a process has now."""
    return [int(word) for word in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
