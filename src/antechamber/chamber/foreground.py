"""A chamber in the foreground: it says on standard error where it is, and ends when it is told to.

SIGINT and SIGTERM both mean a clean end. A second one does not wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sys

import uvloop

from antechamber.chamber.server import serving
from antechamber.chamber.settings import Settings
from antechamber.chamber.wire import log_to_stderr

ENDED_BY_SECOND_SIGNAL = 130


def run(settings: Settings) -> None:
    """Serve until told to stop. Raises :class:`antechamber.errors.ConfigError` when that cannot even begin."""
    uvloop.run(_until_told(settings))


def _raise_descriptor_limit() -> None:
    """Thousands of streams are thousands of descriptors; the usual soft limit is 1,024 (getrlimit(2))."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _until_told(settings: Settings) -> None:
    told = asyncio.Event()

    def tell() -> None:
        if told.is_set():
            os._exit(ENDED_BY_SECOND_SIGNAL)
        told.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell)
    log_to_stderr()
    _raise_descriptor_limit()
    async with serving(settings) as running:
        print(f"antechamber: chamber at {running.url}", file=sys.stderr, flush=True)
        await told.wait()
