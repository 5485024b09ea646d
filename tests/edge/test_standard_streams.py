"""The edge as a process among others: whatever it was given for standard streams, it serves."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from tests.edge.app import App, ok
from tests.edge.front import get
from tests.edge.ports import free_port
from tests.edge.talk import PATIENCE_S, take_answer
from tests.hostile.wire import Wire


async def reached(port: int) -> Wire:
    """A connection to ``port``, as soon as there is somebody."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await Wire.dial("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)  # an edge that cannot say when it is ready is asked until it answers


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=["input", "output", "error", "all three"])
async def test_an_edge_whose_standard_streams_are_closed_serves_and_drains(closed: tuple[int, ...]) -> None:
    """As some daemon tools and ``>&-`` leave them: a connection must not become standard output."""
    port = free_port()
    async with App() as app:
        argv = (sys.executable, "-m", "antechamber", "serve", "--to", app.url, "--listen", f"127.0.0.1:{port}")
        process = await asyncio.create_subprocess_exec(
            *argv, cwd=os.sep, preexec_fn=lambda: os.closerange(closed[0], closed[-1] + 1)
        )
        try:
            client = await reached(port)
            client.writer.write(get("/served"))
            upstream, _ = await app.asked()
            upstream.writer.write(ok())
            answer = await take_answer(client)
            assert (answer.status, answer.body) == (200, b"fine")
            await client.close()
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
