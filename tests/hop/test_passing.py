"""A hop without faults is a proxy like any other: what it does not spoil, it passes."""

from __future__ import annotations

import asyncio
import hashlib

from tests.edge.app import chunk, ok
from tests.edge.talk import PATIENCE_S, take, take_answer, take_end, take_head, take_request
from tests.hop.between import LAST, STREAM, between, event, get
from tests.hostile.answer import Outcome
from tests.hostile.wire import End, after


async def test_one_connection_serves_request_after_request() -> None:
    async with between() as hop:
        client = await hop.ask(get("/1"))
        app, _ = await hop.app.asked()
        app.writer.write(ok(b"one"))
        assert (await take_answer(client)).body == b"one"
        client.writer.write(get("/2"))
        assert (await take_request(app)).target == "/2"
        app.writer.write(ok(b"two"))
        assert (await take_answer(client)).body == b"two"
        assert hop.app.connections == 1


async def test_answers_stay_in_order_when_the_first_is_held() -> None:
    """The edge has finished the first, and begins the second, while the first is still held here."""
    async with between(hold_events="300ms") as hop:
        client = await hop.ask(get("/1") + get("/2"))
        app, _ = await hop.app.asked()
        app.writer.write(STREAM + event(1))
        await app.writer.drain()
        app.writer.write(LAST)
        assert (await take_request(app)).target == "/2"
        app.writer.write(ok(b"two"))
        assert (await take_answer(client)).body == b"data: 1\n\n"
        assert (await take_answer(client)).body == b"two"


async def test_a_head_request_gets_a_head() -> None:
    async with between(compress=True, batch="4k") as hop:
        client = await hop.ask(b"HEAD / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
        app, _ = await hop.app.asked()
        app.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n")
        answer = await take_answer(client, "HEAD")
        assert answer.all("content-length") == ["99"]
        client.writer.write(get("/2"))
        assert (await take_request(app)).target == "/2"


async def test_interim_responses_pass() -> None:
    async with between() as hop:
        client = await hop.ask(get("/"))
        app, _ = await hop.app.asked()
        app.writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok(b"fine"))
        answer = await take_answer(client)
        assert answer.interim == [103]
        assert answer.body == b"fine"


async def test_an_http_1_0_client_gets_no_chunks() -> None:
    async with between(compress=True) as hop:
        client = await hop.ask(b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        app, _ = await hop.app.asked()
        app.writer.write(STREAM + event(1) + LAST)
        head = await take_head(client)
        assert head.all("transfer-encoding") == []
        assert await take(client, b"data: 1\n\n") == b"data: 1\n\n"
        assert await take_end(client) is End.CLOSED


async def test_a_response_that_breaks_off_is_not_made_whole() -> None:
    async with between() as hop:
        client, app = await hop.streaming()
        app.writer.write(event(1))
        await app.writer.drain()
        await app.close()
        answer = await take_answer(client)
        assert answer.outcome is Outcome.CUT
        assert answer.body == b"data: 1\n\n"


async def test_what_a_hop_holds_of_a_broken_response_is_delivered_and_the_response_stays_broken() -> None:
    async with between(batch="1M") as hop:
        client, app = await hop.streaming()
        app.writer.write(event(1))
        await app.writer.drain()
        await app.close()
        answer = await take_answer(client)
        assert answer.outcome is Outcome.CUT
        assert answer.body == b"data: 1\n\n"


async def test_a_large_body_passes_unchanged_and_a_slow_reader_slows_the_app() -> None:
    block = bytes(range(256)) * 256
    async with between() as hop:
        client = await hop.ask(get("/large"))
        app, _ = await hop.app.asked()
        app.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        whole = hashlib.sha256()

        async def send() -> None:
            for _ in range(512):
                app.writer.write(chunk(block))
                await app.writer.drain()
            app.writer.write(LAST)
            await app.writer.drain()

        sending = asyncio.create_task(send())
        await asyncio.wait([sending], timeout=1.0)
        assert not sending.done(), "32 MiB went into a client that does not read"
        answer = await take_answer(client)
        async with asyncio.timeout(PATIENCE_S):
            await sending
        for _ in range(512):
            whole.update(block)
        assert hashlib.sha256(answer.body).digest() == whole.digest()


async def test_an_app_that_is_gone_is_a_502() -> None:
    async with between() as hop:
        await hop.app.__aexit__(None, None, None)
        assert (await take_answer(await hop.ask(get("/")))).status == 502


async def test_a_hop_that_ends_leaves_no_connection_to_the_app_open() -> None:
    async with between(hide_departures=True) as hop:
        client, stream = await hop.streaming()
        idle = await hop.ask(get("/"))
        app, _ = await hop.app.asked()
        app.writer.write(ok(b"fine"))
        await take_answer(idle)
        await client.abort()
        await hop.hop.close()
        for wire in (app, stream):
            assert await wire.until_end(after(PATIENCE_S))
