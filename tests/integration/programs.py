"""Programs under test: started, waited for by a line that they print, always ended with their children."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 15.0


class Program:
    """One running program. Its output is read as it comes, by a thread, so that no pipe fills up."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self._popen = popen
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, args=(popen.stdout,), daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """Everything printed so far, standard output and error as they came."""
        with self._news:
            return "".join(self._lines)

    def wait_for(self, pattern: str, *, deadline_s: float = START_DEADLINE_S) -> re.Match[str]:
        """The first match in the output, awaited; an error that quotes the output when it does not come."""

        def settled() -> bool:
            return self._ended or re.search(pattern, "".join(self._lines)) is not None

        with self._news:
            self._news.wait_for(settled, deadline_s)
        match = re.search(pattern, self.output)
        if match is None:
            raise AssertionError(f"{self._popen.args!r} did not print {pattern!r}:\n{self.output[-3000:]}")
        return match

    @property
    def pid(self) -> int:
        return self._popen.pid

    def send(self, number: signal.Signals) -> None:
        """Tell it something, and nobody else of its group."""
        self._popen.send_signal(number)

    def wait(self, *, deadline_s: float = START_DEADLINE_S) -> int:
        """Its exit code, once it has ended by itself and everything that it printed is here."""
        code = self._popen.wait(deadline_s)
        self._reader.join(STOP_DEADLINE_S)
        return code

    def stop(self) -> None:
        """Ask politely, then end the whole process group."""
        with suppress(ProcessLookupError):
            self._popen.send_signal(signal.SIGTERM)
        try:
            self._popen.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
        self._reader.join(STOP_DEADLINE_S)
        assert self._popen.stdout is not None
        self._popen.stdout.close()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


@contextmanager
def running(argv: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]) -> Iterator[Program]:
    """A program in a process group of its own, with exactly the environment that is given."""
    popen = subprocess.Popen(
        [str(argument) for argument in argv],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    program = Program(popen)
    try:
        yield program
    finally:
        program.stop()


@contextmanager
def edge(*flags: str, cwd: Path) -> Iterator[tuple[str, Program]]:
    """``antechamber serve`` on a free port: its URL and the program. ``cwd`` should hold no site file of somebody's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    argv = [sys.executable, "-m", "antechamber", "serve", "--listen", "127.0.0.1:0", "--drain-timeout", "1s", *flags]
    with running(argv, cwd=cwd, env=environment | {"PYTHONUNBUFFERED": "1"}) as program:
        yield program.wait_for(r"antechamber: serving (https?://\S+) ->").group(1), program


@contextmanager
def witness(app: str, token: str, *, cwd: Path) -> Iterator[str]:
    """``antechamber witness`` in front of ``app``, answering probes with ``token``: its URL."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    argv = [sys.executable, "-m", "antechamber", "witness", "--to", app, "--listen", "127.0.0.1:0"]
    told = {"PYTHONUNBUFFERED": "1", "ANTECHAMBER_PROBE_TOKEN": token}
    with running(argv, cwd=cwd, env=environment | told) as program:
        yield program.wait_for(r"antechamber: witness (http://\S+) ->").group(1)
