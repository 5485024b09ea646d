"""A client that asks and does not read costs a bounded amount of memory, whatever it asks for and in which order."""

from __future__ import annotations

import asyncio

from antechamber.ledger import Party, Reason
from tests.edge.app import SWITCHED, App, ok
from tests.edge.front import WEBSOCKET, get, post, serving
from tests.edge.lazy import fill_up, lazy_client, only_connection, waiting
from tests.edge.ports import stalled
from tests.edge.talk import PATIENCE_S, take_answer, take_request
from tests.hostile.wire import Wire

BOUND = 1024 * 1024
"""What may wait in the edge for one client: its write limit and a read or two."""
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: %b\r\n\r\n" % (b"x" * 60_000)
REQUESTS = 60
BODY = b"x" * 200_000


async def _answer_all(upstream: Wire) -> None:
    for number in range(REQUESTS):
        upstream.writer.write(ok(BODY))
        if number + 1 < REQUESTS:
            await take_request(upstream)


async def test_a_pipelined_request_waits_until_its_client_has_taken_the_answer_before() -> None:
    """RFC 9112 9.3.2 lets a client ask ahead; each answer fits into one read, so none is paused in the middle."""
    async with App() as app, serving(app.url) as front:
        client = await lazy_client(front, get() * REQUESTS)
        upstream, _ = await app.asked()
        answering = asyncio.create_task(_answer_all(upstream))
        async with asyncio.timeout(PATIENCE_S):
            while not (answering.done() or only_connection(front).exchange is None):
                await asyncio.sleep(0.001)
        assert 0 < waiting(front) < BOUND
        for _ in range(REQUESTS):
            assert (await take_answer(client)).body == BODY
        await answering
        await client.abort()


async def test_a_client_that_never_takes_its_pipelined_answers_is_given_up() -> None:
    async with App() as app, serving(app.url, send_timeout="1s") as front:
        client = await lazy_client(front, get() * REQUESTS)
        upstream, _ = await app.asked()
        answering = asyncio.create_task(_answer_all(upstream))
        assert front.edge.setting is not None
        async with asyncio.timeout(PATIENCE_S):
            while front.edge.setting.connections:
                await asyncio.sleep(0.01)
        answering.cancel()
        await client.abort()


async def test_a_tunnel_whose_client_is_full_already_holds_the_app_back_from_the_start() -> None:
    async with App() as app, serving(app.url) as front:
        client = await lazy_client(front, get("/", WEBSOCKET))
        upstream, _ = await app.asked()
        await fill_up(front, upstream, HINTS)
        upstream.writer.write(SWITCHED + b"x" * 200_000)
        assert (await front.book.next_opened()).status == 101
        for _ in range(300):
            upstream.writer.write(b"x" * 100_000)
            try:
                await asyncio.wait_for(upstream.writer.drain(), 0.5)
            except TimeoutError:
                break
            assert waiting(front) < BOUND
        await client.abort()


async def test_an_upload_to_an_app_that_cannot_be_reached_is_not_read_on() -> None:
    """However small its pieces are: they are counted as they come, not anew for each."""
    with stalled() as port:
        async with serving(f"http://127.0.0.1:{port}") as front:
            client = await front.ask(post(length=10_000_000))
            client.send_beside(b"x" * 10_000_000, step=100)
            async with asyncio.timeout(PATIENCE_S):
                while not (front.edge.setting and front.edge.setting.connections and only_connection(front).paused):
                    await asyncio.sleep(0.001)
            exchange = only_connection(front).exchange
            assert exchange is not None
            assert exchange.bytes_up < BOUND


async def test_the_departure_of_a_client_is_seen_though_its_whole_upload_came_before_the_app_was_reached() -> None:
    """A body that is complete pauses nobody: whoever is not read cannot be seen to leave."""
    async with App() as app, serving(app.url) as front:
        client = await front.dial()
        assert front.edge.setting is not None
        async with asyncio.timeout(PATIENCE_S):
            while not front.edge.setting.connections:
                await asyncio.sleep(0.001)
        connection = only_connection(front)
        connection.data_received(post(length=100_000))  # two pieces, as the loop hands them over, and no turn of the
        connection.data_received(b"x" * 100_000)  # loop between them in which the dial could succeed
        await app.asked_whole()
        await client.close()
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.CLIENT, Reason.CLOSED)
