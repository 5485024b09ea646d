"""The access log while it is written: a named pipe of which the test holds the other end."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.edge.talk import PATIENCE_S

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogTail:
    """Lines in the order in which they are written."""

    path: str
    _reader: asyncio.StreamReader

    async def raw(self) -> str:
        """The next line as it stands in the log."""
        async with asyncio.timeout(PATIENCE_S):
            return (await self._reader.readline()).decode()

    async def line(self) -> Line:
        """The next line, read as JSON."""
        line = json.loads(await self.raw())
        assert isinstance(line, dict)
        return line


@asynccontextmanager
async def log_tail(directory: Path) -> AsyncIterator[LogTail]:
    """A log to give to an edge: its ``path`` is for ``--access-log``."""
    path = directory / "access.log"
    os.mkfifo(path)
    reader = asyncio.StreamReader(limit=1 << 22)
    pipe = os.fdopen(os.open(path, os.O_RDWR | os.O_NONBLOCK), "rb", buffering=0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        yield LogTail(str(path), reader)
    finally:
        transport.close()
