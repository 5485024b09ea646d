"""Size without memory: transfers of a gibibyte, thousands of idle streams, and an app that dies under them.

The origin of the transfers is a thread with plain sockets, so that the test is not the bottleneck; the edge is a
process, as always. What memory an idle stream takes is measured by the benchmark; here it is only bounded.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.hostile.answer import read_answer
from tests.hostile.edge import Edge, running_edge
from tests.hostile.fault_modes import BLOCK
from tests.hostile.faulty import FaultyOrigin
from tests.hostile.front import Front, request_head
from tests.hostile.wire import Wire, after

GIBIBYTE = 1 << 30
GROWTH_BOUND = 8 << 20
IDLE_STREAMS = 5000
STREAM_GROWTH_BOUND = 16 << 10
"""Bytes a stream may take at most: several times what the benchmark measures."""
CHECK_EVERY = 64
"""Pieces between looks at the edge's memory."""
SLOW_READS = 400
"""Reads of a slow reader at the start, before it takes the rest as fast as it can."""


@contextmanager
def plain_origin(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """An origin that serves one connection in a thread; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(60)
                serve(connection)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            thread.join()


def read_request_head(connection: socket.socket) -> bytes:
    """What came behind the head."""
    octets = b""
    while b"\r\n\r\n" not in octets:
        octets += connection.recv(65536)
    return octets.partition(b"\r\n\r\n")[2]


class Growth:
    """How far the resident memory of an edge rose above where it began."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._start = edge.resident_bytes()
        self.peak = 0

    def look(self) -> None:
        self.peak = max(self.peak, self._edge.resident_bytes() - self._start)


async def test_a_gibibyte_down_to_a_slow_reader_takes_no_memory() -> None:
    def serve(connection: socket.socket) -> None:
        read_request_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % GIBIBYTE)
        for _ in range(GIBIBYTE // len(BLOCK)):
            connection.sendall(BLOCK)

    with plain_origin(serve) as url:
        async with running_edge(url, "--access-log", "off") as edge:
            growth = Growth(edge)
            wire = await Wire.dial(edge.host, edge.port)
            await wire.send(request_head("big", "down"))
            assert await wire.take_through(b"\r\n\r\n", after(10)) is not None
            received, reads = len(wire.inbox), 0
            while received < GIBIBYTE:
                wire.inbox.clear()
                assert await wire.fill(after(30)), f"ended after {received} bytes"
                received += len(wire.inbox)
                reads += 1
                if reads < SLOW_READS:
                    await asyncio.sleep(0.002)
                if reads % CHECK_EVERY == 0:
                    growth.look()
            assert received == GIBIBYTE
            assert growth.peak < GROWTH_BOUND, f"{growth.peak >> 10} KiB"
            await wire.abort()


async def test_a_gibibyte_up_to_a_slow_app_takes_no_memory() -> None:
    def serve(connection: socket.socket) -> None:
        left = GIBIBYTE - len(read_request_head(connection))
        reads, space = 0, bytearray(256 * 1024)
        while left:
            left -= connection.recv_into(space)
            reads += 1
            if reads < SLOW_READS:
                pause.wait(0.002)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")

    pause = threading.Event()
    with plain_origin(serve) as url:
        async with running_edge(url, "--access-log", "off", "--body-limit", "2GiB") as edge:
            growth = Growth(edge)
            wire = await Wire.dial(edge.host, edge.port)
            await wire.send(request_head("echo", "up", method="POST", fields=f"Content-Length: {GIBIBYTE}\r\n"))
            for number in range(GIBIBYTE // len(BLOCK)):
                assert await wire.send(BLOCK)
                if number % CHECK_EVERY == 0:
                    growth.look()
            assert (await read_answer(wire, 30)).body == b"ok"
            assert growth.peak < GROWTH_BOUND, f"{growth.peak >> 10} KiB"
            await wire.abort()


@asynccontextmanager
async def idle_streams(front: Front, count: int) -> AsyncIterator[list[Wire]]:
    """So many streams that have had their first event and then hear nothing."""
    opened = []
    for start in range(0, count, 250):
        opened += await asyncio.gather(*[front.send("sse-idle") for _ in range(start, min(start + 250, count))])
    wires = [wire for wire, _ in opened]
    for wire in wires:
        while b"data:" not in wire.inbox:
            assert await wire.fill(after(30)), "a stream did not begin"
    yield wires


def room_for_streams() -> int:
    """How many streams this machine lets one process hold from both sides, up to :data:`IDLE_STREAMS`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(IDLE_STREAMS, (hard - 500) // 2) if hard != resource.RLIM_INFINITY else IDLE_STREAMS


async def test_thousands_of_idle_streams_are_held_and_each_end_is_told(tmp_path: Path) -> None:
    """Then the app dies: every client sees its stream cut (RFC 9112 8), and every end has a reason in the log."""
    count, log = room_for_streams(), tmp_path / "access.log"
    limits = ("--max-connections-per-client", str(count + 100), "--max-connections", str(count + 100))
    async with (
        FaultyOrigin() as origin,
        running_edge(origin.url, *limits, "--access-log", str(log), "--access-log-format", "json") as edge,
    ):
        front = Front(edge, origin)
        await front.must_serve()
        growth = Growth(edge)
        async with idle_streams(front, count) as wires:
            growth.look()
            assert growth.peak < count * STREAM_GROWTH_BOUND, f"{growth.peak // count} bytes each"
            assert (await front.ask("echo")).own
            await origin.unlisten()
            assert all(await asyncio.gather(*[wire.until_end(after(60)) for wire in wires]))
            assert not any(wire.inbox.endswith(b"0\r\n\r\n") for wire in wires), "a cut must not look like an end"
        await front.close()
        assert edge.alive
    closed = [line for line in map(json.loads, log.read_text().splitlines()) if line["event"] == "close"]
    assert Counter((line["ended_by"], line["reason"]) for line in closed) == {("upstream", "lost"): count}
    if count < IDLE_STREAMS:
        pytest.skip(
            f"all is well with {count} streams; for {IDLE_STREAMS} raise the hard descriptor limit (ulimit -Hn)"
        )


async def test_clients_that_leave_free_their_streams_upstream() -> None:
    async with FaultyOrigin() as origin, running_edge(origin.url, "--access-log", "off") as edge:
        front = Front(edge, origin)
        await front.must_serve()
        level = edge.descriptors()
        async with idle_streams(front, 500):
            assert edge.descriptors() >= level + 900
        await front.close()
        async with asyncio.timeout(30):
            while edge.descriptors() > level + 4:
                await asyncio.sleep(0.05)
