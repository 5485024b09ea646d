"""One process on a pseudo-terminal, and everything it starts (pty(7), credentials(7)).

The process leads a session of its own, whose controlling terminal is the PTY. A shell puts each job into a process
group of its own, so ending the shell's group would leave jobs behind: what is ended is every process of the session,
first asked (SIGHUP, as when a terminal window closes), then killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import pty
import signal
import struct
import termios
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

READ_BYTES = 64 * 1024
MAX_UNWRITTEN_BYTES = 1024 * 1024
"""Input that the process has not read. Beyond it input is refused, or a client could fill memory."""
HANGUP_GRACE_S = 0.5


class InputRefused(Exception):
    """The process does not read what it is sent, or has ended."""


class PtyProcess:
    """A running process. ``on_output`` gets what it prints, piece by piece; ``on_exit`` its end, once, after that."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        master: int,
        *,
        on_output: Callable[[bytes], None],
        on_exit: Callable[[int], None],
    ) -> None:
        self._process = process
        self._master = master
        self._on_output = on_output
        self._on_exit = on_exit
        self._unwritten: deque[bytes] = deque()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(master, self._read_some)
        self._waiting = asyncio.create_task(self._wait())

    @classmethod
    async def start(
        cls,
        argv: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        cols: int,
        rows: int,
        on_output: Callable[[bytes], None],
        on_exit: Callable[[int], None],
    ) -> PtyProcess:
        """Raises ``OSError`` when the program or the directory is not there."""
        master, slave = pty.openpty()

        def lead_a_session() -> None:  # in the child, between fork and exec: system calls only
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        try:
            os.set_blocking(master, False)
            _set_size(master, cols, rows)
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=environment, preexec_fn=lead_a_session
            )
        except BaseException:
            os.close(master)
            raise
        finally:
            os.close(slave)
        return cls(process, master, on_output=on_output, on_exit=on_exit)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._master >= 0

    def resize(self, cols: int, rows: int) -> None:
        """The kernel tells the foreground job (SIGWINCH)."""
        if self.running:
            _set_size(self._master, cols, rows)

    def write(self, data: bytes) -> None:
        """Type ``data``. Raises :class:`InputRefused`."""
        if not self.running:
            raise InputRefused("the process has ended")
        if sum(map(len, self._unwritten)) + len(data) > MAX_UNWRITTEN_BYTES:
            raise InputRefused("the process does not read its input")
        self._unwritten.append(data)
        self._write_some()

    async def end(self) -> None:
        """End the whole session; returns when the process is gone."""
        if not self.running:
            return
        _signal_session(self.pid, signal.SIGHUP)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANGUP_GRACE_S):
                await asyncio.shield(self._waiting)
                return
        _signal_session(self.pid, signal.SIGKILL)
        await self._waiting

    def _read_some(self) -> bool:
        """Hand on one piece of output; whether there was one."""
        try:
            data = os.read(self._master, READ_BYTES)
        except BlockingIOError:
            return False
        except OSError as problem:  # EIO: no process has the terminal open any more (pty(7))
            if problem.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self._loop.remove_reader(self._master)
            return False
        self._on_output(data)
        return True

    def _write_some(self) -> None:
        while self._unwritten:
            data = self._unwritten.popleft()
            try:
                written = os.write(self._master, data)
            except BlockingIOError:
                written = 0
            except OSError:
                self._unwritten.clear()
                break
            if written < len(data):
                self._unwritten.appendleft(data[written:])
                self._loop.add_writer(self._master, self._write_some)
                return
        self._loop.remove_writer(self._master)

    async def _wait(self) -> None:
        code = await self._process.wait()
        _signal_session(self.pid, signal.SIGKILL)  # its jobs: now, since later the number may be somebody else's
        for _ in range(64):  # at most 4 MiB: what the terminal still holds, not what an orphaned job goes on printing
            if not self._read_some():
                break
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        os.close(self._master)
        self._master = -1
        self._on_exit(code)


def _set_size(terminal: int, cols: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


def _signal_session(session: int, number: signal.Signals) -> None:
    for pid in processes_of_session(session):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def processes_of_session(session: int) -> list[int]:
    """The live processes of a session, by ``/proc/*/stat`` (proc(5): the name may hold spaces and brackets)."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, _, _, of_session = (entry / "stat").read_bytes().rpartition(b")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(of_session) == session and state != b"Z":
            found.append(int(entry.name))
    return found
