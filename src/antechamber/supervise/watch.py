"""Files whose change is noticed by looking at them twice a second: on every file system, and with every editor's way
of saving."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

EVERY_S = 0.5

State = tuple[tuple[int, int, int] | None, ...]


def state_of(paths: Iterable[Path]) -> State:
    """What changes when a file does: time, inode (saving by renaming keeps neither) and size; ``None`` if gone."""
    return tuple(_state(path) for path in paths)


async def changed(paths: Iterable[Path], since: State) -> State:
    """Wait until the files are not as they were ``since``, and nobody is writing on: two looks agree."""
    paths = tuple(paths)
    last = since
    while True:
        await asyncio.sleep(EVERY_S)
        now = state_of(paths)
        if now == last != since:
            return now
        last = now


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino, stat.st_size
