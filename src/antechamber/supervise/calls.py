"""What people and service managers tell us by signals, as events that are waited for."""

from __future__ import annotations

import asyncio
from signal import Signals


class Calls:
    """SIGTERM or SIGINT asks for the end, a second one insists; SIGHUP asks for another look at the files."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.stop_now = asyncio.Event()
        self.look_again = asyncio.Event()

    def listen(self) -> None:
        """From now on, on the running loop."""
        loop = asyncio.get_running_loop()
        for number in (Signals.SIGTERM, Signals.SIGINT):
            loop.add_signal_handler(number, self._on_stop)
        loop.add_signal_handler(Signals.SIGHUP, self.look_again.set)

    def _on_stop(self) -> None:
        (self.stop_now if self.stop.is_set() else self.stop).set()


async def first_of(*events: asyncio.Event | asyncio.Task[object], within_s: float | None = None) -> None:
    """Wait for the first of ``events`` to be set, or of tasks to end; at most so long. Tasks go on."""
    waiting = [asyncio.ensure_future(one.wait()) for one in events if isinstance(one, asyncio.Event)]
    tasks = [one for one in events if isinstance(one, asyncio.Task)]
    try:
        await asyncio.wait([*waiting, *tasks], timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
