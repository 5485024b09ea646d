"""What was said is delivered, although somebody has stopped listening, or talking, in the meantime (RFC 9112 9.6)."""

from __future__ import annotations

import asyncio
import socket

import pytest

from antechamber.ledger import Reason
from tests.edge.app import CHUNKED, App, chunk, ok
from tests.edge.front import Front, get, post, serving
from tests.edge.lazy import fill_up, lazy_client
from tests.edge.talk import take, take_answer, take_end, take_head
from tests.hostile.answer import Outcome
from tests.hostile.wire import End, Wire

UPLOAD = b"x" * 8_000_000
REFUSAL = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"
PART = chunk(b"x" * 60_000)


async def _refuse_rudely(listener: socket.socket) -> None:
    """Read a little of a request, answer, and close on the rest of it, which makes the close a reset."""
    loop = asyncio.get_running_loop()
    connection, _ = await loop.sock_accept(listener)
    with connection:
        await loop.sock_recv(connection, 100_000)
        connection.send(REFUSAL)


@pytest.mark.parametrize("attempt", range(3))
async def test_an_answer_that_comes_before_the_upload_is_whole_survives_the_reset_behind_it(attempt: int) -> None:
    """The edge meets the reset while it writes, before it has read the answer: the answer must still win."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        async with serving(f"http://127.0.0.1:{listener.getsockname()[1]}") as front:
            app = asyncio.create_task(_refuse_rudely(listener))
            client = await front.ask(post(length=len(UPLOAD)))
            client.send_beside(UPLOAD)
            answer = await take_answer(client)
            assert (answer.status, answer.body, answer.all("connection")) == (413, b"big", ["close"]), attempt
            await app


async def test_a_reset_in_the_middle_of_an_early_answer_is_not_its_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        async with serving(f"http://127.0.0.1:{listener.getsockname()[1]}") as front:
            client = await front.ask(post(length=len(UPLOAD)))
            loop = asyncio.get_running_loop()
            connection, _ = await loop.sock_accept(listener)
            with connection:
                await loop.sock_recv(connection, 100_000)
                connection.send(CHUNKED + chunk(b"a part"))
                client.send_beside(UPLOAD)
            await take_head(client)
            await take(client, chunk(b"a part"))
            assert await take_end(client) in (End.CLOSED, End.RESET)  # and no last chunk before it
            assert (await front.book.next_ended()).reason is Reason.LOST


async def _answered_but_not_delivered(app: App, front: Front, request: bytes) -> Wire:
    """A client to whom the end of a complete answer is still to be sent."""
    client = await lazy_client(front, request)
    upstream, _ = await app.asked()
    upstream.writer.write(CHUNKED)
    await fill_up(front, upstream, PART)
    upstream.writer.write(b"0\r\n\r\n")
    assert (await front.book.next_ended()).reason is Reason.COMPLETE
    return client


async def test_a_drain_waits_until_slow_clients_have_their_answers() -> None:
    """The exchange is over and the ledger empty, and yet some of the answer is still in the edge."""
    async with App() as app, serving(app.url) as front:
        client = await _answered_but_not_delivered(app, front, get())
        stop = asyncio.create_task(_stop(front))
        assert (await take_answer(client)).outcome is Outcome.WHOLE
        await stop
        await client.abort()


async def _stop(front: Front) -> None:
    """As on SIGTERM."""
    assert (await front.edge.drain(asyncio.Event())).cut == 0
    await front.edge.close()


async def test_a_second_signal_ends_a_drain_that_waits_for_a_slow_client() -> None:
    async with App() as app, serving(app.url) as front:
        client = await _answered_but_not_delivered(app, front, get())
        insisted = asyncio.Event()
        drain = asyncio.create_task(front.edge.drain(insisted))
        await asyncio.sleep(0)
        insisted.set()
        async with asyncio.timeout(5):
            await drain
        await client.abort()


async def test_an_early_answer_reaches_a_client_that_pauses_longer_than_the_edge_lingers() -> None:
    """It sends no more of its upload and reads slowly: neither is a reason to cut what it was answered."""
    async with App() as app, serving(app.url) as front:
        client = await _answered_but_not_delivered(app, front, post(length=1000) + b"a part")
        await asyncio.sleep(6)  # longer than LINGER_IDLE_S
        assert (await take_answer(client)).outcome is Outcome.WHOLE
        assert await take_end(client) is End.CLOSED
        await client.abort()


@pytest.mark.parametrize("empty_lines", [b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"])
async def test_empty_lines_before_a_request_are_forgiven_even_if_they_come_alone(empty_lines: bytes) -> None:
    """RFC 9112 2.2. Two of them look like the end of a head."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(empty_lines)
        await client.fill(asyncio.get_running_loop().time() + 0.05)
        client.writer.write(get())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200


async def test_a_required_upgrade_and_a_close_are_said_together() -> None:
    """RFC 9110 15.5.22: 426 sends ``Upgrade``, which ``Connection`` names; other fields stay as they are."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/", b"Connection: close\r\n"))
        upstream, _ = await app.asked()
        head = b"HTTP/1.1 426 Upgrade Required\r\nX-Connection: close\r\nUpgrade: foo\r\nContent-Length: 0\r\n\r\n"
        upstream.writer.write(head)
        answer = await take_answer(client)
        assert (answer.status, answer.all("x-connection"), answer.all("upgrade")) == (426, ["close"], ["foo"])
        assert {each.lower() for each in answer.all("connection")} == {"close", "upgrade"}


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", b"HTTP/1.1 200 OK\r\nX: a\x00b"])
async def test_a_response_head_that_can_never_become_valid_is_given_up_at_once(head: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(head)
        assert (await take_answer(client)).status == 502
