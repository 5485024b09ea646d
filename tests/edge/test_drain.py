"""Stopping: nobody new, what runs may finish, what lasts has the grace period, and what is cut is cut visibly."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from antechamber.edge.server import Drained
from antechamber.ledger import Party, Reason
from tests.edge.app import CHUNKED, EVENT_STREAM, SWITCHED, App, chunk, ok
from tests.edge.front import WEBSOCKET, Front, get, post, serving
from tests.edge.log import log_tail
from tests.edge.talk import PATIENCE_S, take, take_answer, take_body, take_end, take_head, take_piece
from tests.hostile.edge import Edge, running_edge
from tests.hostile.wire import End, Wire, after


@dataclass(eq=False)
class Draining:
    """An edge that has been told to stop. ``insist`` is the second signal."""

    front: Front
    insisted: asyncio.Event = field(default_factory=asyncio.Event)

    async def _run(self) -> Drained:
        drained = await self.front.edge.drain(self.insisted)
        await self.front.edge.close()
        return drained

    def __post_init__(self) -> None:
        self._ending = asyncio.create_task(self._run())

    def insist(self) -> None:
        self.insisted.set()

    @property
    def over(self) -> bool:
        return self._ending.done()

    async def drained(self) -> Drained:
        async with asyncio.timeout(PATIENCE_S):
            return await self._ending


async def told_to_stop(front: Front) -> Draining:
    """The signal has come; the sign is that a connection which is idle is closed at once."""
    idle = await front.dial()
    draining = Draining(front)
    assert await take_end(idle) is End.CLOSED
    return draining


@asynccontextmanager
async def graced(grace: str = "1h", **flags: str) -> AsyncIterator[tuple[App, Front]]:
    async with App() as app, serving(app.url, drain_timeout=grace, **flags) as front:
        yield app, front


async def open_stream(app: App, front: Front, head: bytes) -> tuple[Wire, Wire]:
    client = await front.ask(get("/live", WEBSOCKET if head is SWITCHED else b""))
    upstream, _ = await app.asked()
    upstream.writer.write(head)
    await take_head(client)
    return client, upstream


async def test_an_idle_edge_stops_at_once() -> None:
    async with graced() as (_, front):
        assert await Draining(front).drained() == Drained(finished=0, cut=0)
        assert front.said == []


async def test_nobody_new_is_let_in() -> None:
    async with graced() as (app, front):
        await open_stream(app, front, EVENT_STREAM)
        await told_to_stop(front)
        with pytest.raises(ConnectionRefusedError):
            await front.dial()


async def test_a_request_that_is_running_finishes_and_its_connection_closes() -> None:
    async with graced() as (app, front):
        client = await front.ask(get())
        upstream, _ = await app.asked()
        draining = await told_to_stop(front)
        assert not draining.over
        upstream.writer.write(ok())
        answer = await take_answer(client)
        assert (answer.body, answer.all("connection")) == (b"fine", ["close"])
        assert await take_end(client) is End.CLOSED
        assert await draining.drained() == Drained(finished=1, cut=0)


async def test_an_upload_that_is_running_finishes() -> None:
    async with graced() as (app, front):
        client = await front.ask(post(length=4) + b"bo")
        upstream, seen = await app.asked()
        draining = await told_to_stop(front)
        client.writer.write(b"dy")
        assert await take_body(upstream, seen) == b"body"
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200
        assert (await draining.drained()).cut == 0


async def test_an_answer_that_is_on_its_way_to_a_slow_client_arrives_whole() -> None:
    """The app has finished; what the kernel did not take yet is with the edge."""
    async with graced() as (app, front):
        client, upstream = await open_stream(app, front, CHUNKED)
        assert front.edge.setting is not None
        (connection,) = front.edge.setting.connections
        sent = 0
        while not connection.transport.get_write_buffer_size():
            upstream.writer.write(chunk(bytes(1 << 14)))
            sent += 1 << 14
            while connection.exchange and connection.exchange.bytes_down < sent:
                await asyncio.sleep(0)  # a turn of the loop that the edge runs on too
        upstream.writer.write(b"0\r\n\r\n")
        await front.book.next_ended()
        assert connection.transport.get_write_buffer_size()
        draining = await told_to_stop(front)
        assert not draining.over  # the end of the process would be the end of what it holds
        received = b""
        while not received.endswith(b"\r\n0\r\n\r\n"):
            received += await take_piece(client)
        assert received.count(0) == sent
        assert await take_end(client) is End.CLOSED
        assert (await draining.drained()).cut == 0


@pytest.mark.parametrize("head", [EVENT_STREAM, SWITCHED], ids=["event stream", "tunnel"])
async def test_a_stream_runs_on_through_the_grace_period(head: bytes) -> None:
    async with graced() as (app, front):
        client, upstream = await open_stream(app, front, head)
        draining = await told_to_stop(front)
        for _ in range(3):
            upstream.writer.write(chunk(b"still here"))
            assert await take_piece(client) == chunk(b"still here")
        await client.close()
        await take_end(upstream)
        await upstream.close()
        assert await draining.drained() == Drained(finished=1, cut=0)


@pytest.mark.parametrize("head", [EVENT_STREAM, SWITCHED, CHUNKED], ids=["event stream", "tunnel", "download"])
async def test_what_still_runs_when_the_grace_period_is_over_is_cut_visibly(head: bytes) -> None:
    async with graced("200ms") as (app, front):
        client, upstream = await open_stream(app, front, head)
        draining = await told_to_stop(front)
        assert await take_end(client) is End.CLOSED  # and no last chunk before it
        assert await take_end(upstream) is not End.OPEN
        await upstream.close()
        assert await draining.drained() == Drained(finished=0, cut=1)
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.EDGE, Reason.DRAIN)


@pytest.mark.parametrize("request_octets", [get(), post(length=9) + b"part"], ids=["waiting", "uploading"])
async def test_a_request_without_an_answer_by_then_gets_a_whole_503(request_octets: bytes) -> None:
    async with graced("200ms") as (app, front):
        client = await front.ask(request_octets)
        upstream, _ = await app.asked()
        draining = await told_to_stop(front)
        answer = await take_answer(client)
        assert (answer.status, answer.whole, answer.all("connection")) == (503, True, ["close"])
        assert b"shutting down" in answer.body
        assert await upstream.until_end(after(PATIENCE_S))
        await client.close()
        assert await draining.drained() == Drained(finished=0, cut=1)


async def test_the_second_signal_ends_everything_at_once() -> None:
    async with graced("1h") as (app, front):
        streams = [await open_stream(app, front, head) for head in (EVENT_STREAM, SWITCHED, CHUNKED)]
        draining = await told_to_stop(front)
        assert not draining.over
        draining.insist()
        for client, upstream in streams:
            assert await take_end(client) is not End.OPEN
            assert await take_end(upstream) is not End.OPEN
            await upstream.close()
        assert await draining.drained() == Drained(finished=0, cut=3)


async def test_the_operator_is_told_what_still_holds() -> None:
    async with graced("200ms", profile="openchamber") as (app, front):
        for target in ("/api/event", "/api/event", "/api/notifications/stream"):
            await front.ask(get(target))
            upstream, _ = await app.asked()
            upstream.writer.write(EVENT_STREAM)
            await front.book.next_opened()
        await (await told_to_stop(front)).drained()
        holding = "2 x stream directory events, 1 x stream notifications"
        assert front.said == [f"draining for up to 0.2 s: {holding}", f"ending what still holds: {holding}"]


async def test_a_head_that_is_half_sent_holds_nothing_up() -> None:
    async with graced() as (_, front):
        client = await front.ask(b"GET / HTTP/1.1\r\nHo")
        assert (await Draining(front).drained()).cut == 0
        assert await take_end(client) is not End.OPEN


# The process and its signals


async def heard(edge: Edge, words: str) -> str:
    """The line of standard error with ``words``, awaited."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            for line in edge.said:
                if words in line:
                    return line
            await asyncio.sleep(0.01)  # looks again; the process has no other way to say so


async def exit_code(edge: Edge) -> int:
    async with asyncio.timeout(PATIENCE_S):
        return await edge.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_and_exits_with_0(number: signal.Signals) -> None:
    async with App() as app, running_edge(app.url, "--drain-timeout", "1h") as edge:
        client = await Wire.dial(edge.host, edge.port)
        client.writer.write(get("/slow"))
        upstream, _ = await app.asked()
        edge.process.send_signal(number)
        await heard(edge, "draining for up to 3600 s: 1 x exchange")
        with pytest.raises(OSError, match=r"refused|failed"):
            await Wire.dial(edge.host, edge.port)
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200
        assert await exit_code(edge) == 0
        await heard(edge, "stopped: 1 finished, 0 cut")
        assert edge.tracebacks == []
        await client.close()


async def test_a_second_signal_exits_at_once(tmp_path: Path) -> None:
    async with App() as app, log_tail(tmp_path) as log:
        async with running_edge(app.url, "--drain-timeout", "1h", "--access-log", log.path) as edge:
            client = await Wire.dial(edge.host, edge.port)
            client.writer.write(get("/live"))
            upstream, _ = await app.asked()
            upstream.writer.write(EVENT_STREAM + chunk(b"data: 1\n\n"))
            await take(client, chunk(b"data: 1\n\n"))
            edge.process.send_signal(signal.SIGTERM)
            await heard(edge, "draining")
            assert edge.alive
            edge.process.send_signal(signal.SIGTERM)
            assert await exit_code(edge) == 0
            await heard(edge, "stopped: 0 finished, 1 cut")
            assert await take_end(client) is not End.OPEN
            await client.close()
        assert (await log.line())["event"] == "open"
        closed = await log.line()
        assert (closed["ended_by"], closed["reason"]) == ("edge", "drain")
