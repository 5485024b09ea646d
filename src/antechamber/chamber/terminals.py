"""Terminals: sessions that outlive the connections that look at them.

A session is a shell on a PTY, its last output, and whoever is attached. Attaching gives the whole history at once and
then what follows; losing the connection loses nothing. At most twenty are open; one that nobody looks at for half an
hour is closed.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import secrets
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from antechamber.chamber.pty_process import InputRefused, PtyProcess
from antechamber.chamber.settings import Limits

MAX_COLS = 1000
MAX_ROWS = 500
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Output:
    session: str
    text: str


@dataclass(frozen=True, slots=True)
class Exited:
    """``signal_name`` is empty unless a signal ended it."""

    session: str
    exit_code: int
    signal_name: str


@dataclass(frozen=True, slots=True)
class Restarted:
    session: str


@dataclass(frozen=True, slots=True)
class Closed:
    session: str


Happening = Output | Exited | Restarted | Closed


class Watcher(Protocol):
    """Whoever is attached; in practice a bounded queue."""

    def offer(self, item: Happening, size_bytes: int, /) -> None: ...


class Status(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    EXITED = "exited"
    CLOSED = "closed"


class TooManyTerminals(Exception):
    """As many sessions are open as may be."""


class TerminalClosed(Exception):
    """The session was closed while something else was asked of it."""


class History:
    """The end of what a terminal printed, at most ``limit_bytes`` of it."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._pieces: deque[tuple[str, int]] = deque()
        self._bytes = 0

    def add(self, text: str) -> None:
        size = len(text.encode())
        self._pieces.append((text, size))
        self._bytes += size
        while self._bytes > self._limit_bytes and len(self._pieces) > 1:
            self._bytes -= self._pieces.popleft()[1]

    def text(self) -> str:
        return "".join(piece for piece, _ in self._pieces)

    def clear(self) -> None:
        self._pieces.clear()
        self._bytes = 0


class Terminal:
    """One session. It is made running by :meth:`start`."""

    def __init__(self, session: str, *, cwd: Path, cols: int, rows: int, history_bytes: int) -> None:
        self.id = session
        self.cwd = cwd
        self.cols = cols
        self.rows = rows
        self.status = Status.STARTING
        self.history = History(history_bytes)
        self.last_exit: Exited | None = None
        self._watchers: set[Watcher] = set()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._process: PtyProcess | None = None
        self._changing = asyncio.Lock()
        """Starting and ending take time; two at once would leave a shell that nobody knows of."""

    @property
    def watched(self) -> bool:
        return bool(self._watchers)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Raises ``OSError`` when the shell cannot be started there."""
        async with self._changing:
            await self._start()

    async def restart(self) -> None:
        """A fresh shell under the same id, its history empty. Raises :class:`TerminalClosed`, ``OSError``."""
        async with self._changing:
            if self.status is Status.CLOSED:
                raise TerminalClosed
            if self._process is not None:
                await self._process.end()
            self.history.clear()
            self.last_exit = None
            self._decoder.reset()
            await self._start()
            self._tell(Restarted(self.id), 0)

    async def close(self) -> None:
        """End everything that runs in it, and tell whoever is attached."""
        async with self._changing:
            self.status = Status.CLOSED
            if self._process is not None:
                await self._process.end()
        self._tell(Closed(self.id), 0)
        self._watchers.clear()

    def write(self, text: str) -> None:
        """Type ``text``. Raises :class:`InputRefused`."""
        if self._process is None:
            raise InputRefused("the process has ended")
        self._process.write(text.encode(errors="replace"))

    def resize(self, cols: int, rows: int) -> None:
        self.cols, self.rows = cols, rows
        if self._process is not None:
            self._process.resize(cols, rows)

    def watch(self, watcher: Watcher) -> None:
        """From now on ``watcher`` is told what happens."""
        self._watchers.add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)

    async def _start(self) -> None:
        self._process = await PtyProcess.start(
            [_shell()],
            cwd=self.cwd,
            environment=_environment(),
            cols=self.cols,
            rows=self.rows,
            on_output=self._printed,
            on_exit=self._exited,
        )
        self.status = Status.RUNNING

    def _printed(self, data: bytes) -> None:
        text = self._decoder.decode(data)
        if text:
            self.history.add(text)
            self._tell(Output(self.id, text), len(text))

    def _exited(self, code: int) -> None:
        self.status = Status.EXITED if self.status is Status.RUNNING else self.status
        self.last_exit = Exited(self.id, max(code, 0), signal.Signals(-code).name if code < 0 else "")
        self._tell(self.last_exit, 0)

    def _tell(self, happening: Happening, size_bytes: int) -> None:
        for watcher in self._watchers:
            watcher.offer(happening, size_bytes)


class Terminals:
    """The open sessions."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._terminals: dict[str, Terminal] = {}
        self._idle_timers: dict[str, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[bool]] = set()
        self._stopped = False

    def __len__(self) -> int:
        return len(self._terminals)

    def __iter__(self) -> Iterator[Terminal]:
        return iter(list(self._terminals.values()))

    def get(self, session: str) -> Terminal | None:
        return self._terminals.get(session)

    async def open(self, session: str, *, cwd: Path, cols: int, rows: int) -> Terminal:
        """The session of that name, or a new one. Raises :class:`TooManyTerminals`, ``OSError``."""
        known = self._terminals.get(session)
        if known is not None:
            return known
        if self._stopped or len(self._terminals) >= self._limits.terminals:
            raise TooManyTerminals
        session = session or secrets.token_hex(16)
        history_bytes = self._limits.terminal_history_bytes
        terminal = Terminal(session, cwd=cwd, cols=cols, rows=rows, history_bytes=history_bytes)
        self._terminals[session] = terminal  # before the first await: two requests must not both fit
        try:
            await terminal.start()
        except BaseException:
            del self._terminals[session]
            raise
        self._note_idle(terminal)
        return terminal

    async def close(self, session: str) -> bool:
        """End a session; whether there was one."""
        terminal = self._terminals.pop(session, None)
        self._cancel_idle(session)
        if terminal is None:
            return False
        await terminal.close()
        return True

    async def close_all(self) -> None:
        """End every session and what runs in it, and open no more."""
        self._stopped = True
        await asyncio.gather(*(self.close(session) for session in list(self._terminals)), *self._closing)

    def attach(self, terminal: Terminal, watcher: Watcher) -> None:
        self._cancel_idle(terminal.id)
        terminal.watch(watcher)

    def detach(self, terminal: Terminal, watcher: Watcher) -> None:
        terminal.unwatch(watcher)
        self._note_idle(terminal)

    @contextmanager
    def attached(self, terminal: Terminal, watcher: Watcher) -> Iterator[None]:
        self.attach(terminal, watcher)
        try:
            yield
        finally:
            self.detach(terminal, watcher)

    def _note_idle(self, terminal: Terminal) -> None:
        if terminal.watched or terminal.id not in self._terminals:
            return
        self._cancel_idle(terminal.id)
        loop = asyncio.get_running_loop()
        self._idle_timers[terminal.id] = loop.call_later(self._limits.terminal_idle_s, self._expire, terminal.id)

    def _expire(self, session: str) -> None:
        task = asyncio.create_task(self.close(session))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _cancel_idle(self, session: str) -> None:
        timer = self._idle_timers.pop(session, None)
        if timer is not None:
            timer.cancel()


def is_session_id(text: str) -> bool:
    """Whether a client may name a session so."""
    return _SESSION_ID.fullmatch(text) is not None


def _shell() -> str:
    return os.environ.get("SHELL") or "/bin/sh"


def _environment() -> dict[str, str]:
    """Ours without what is ours alone: a shell in a browser must not hold the chamber's own secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    return {**kept, "TERM": "xterm-256color"}
