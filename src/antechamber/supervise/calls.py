"""What people and service managers tell us by signals, as events that are waited for."""

from __future__ import annotations

import asyncio
import os
import signal
from signal import Signals
from typing import Any

TERMINAL = "/dev/tty"
"""Whatever terminal controls this session; opening it fails where there is none (tty(4))."""


class Calls:
    """SIGTERM or SIGINT asks for the end, a second one insists; SIGHUP asks for another look at the files.

    SIGHUP is also what comes when a terminal is closed. Then it asks for the end, unless it was ignored (nohup(1)).
    """

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.stop_now = asyncio.Event()
        self.look_again = asyncio.Event()
        self._ends_with_terminal = _has_terminal() and signal.getsignal(Signals.SIGHUP) != signal.SIG_IGN

    def listen(self) -> None:
        """From now on, on the running loop."""
        loop = asyncio.get_running_loop()
        for number in (Signals.SIGTERM, Signals.SIGINT):
            loop.add_signal_handler(number, self._on_stop)
        loop.add_signal_handler(Signals.SIGHUP, self._on_hangup)

    def _on_stop(self) -> None:
        (self.stop_now if self.stop.is_set() else self.stop).set()

    def _on_hangup(self) -> None:
        (self.stop if self._ends_with_terminal and not _has_terminal() else self.look_again).set()


async def first_of(*those: asyncio.Event | asyncio.Task[Any], within_s: float | None = None) -> None:
    """Wait for the first event to be set or task to end, at most so long. Tasks go on."""
    waiting = [asyncio.ensure_future(one.wait()) for one in those if isinstance(one, asyncio.Event)]
    tasks = [one for one in those if isinstance(one, asyncio.Task)]
    try:
        await asyncio.wait([*waiting, *tasks], timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


def _has_terminal() -> bool:
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
