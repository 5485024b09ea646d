"""What a bad hop does to event streams, seen on the wire."""

from __future__ import annotations

import zlib

import pytest

from tests.edge.app import chunk
from tests.edge.talk import PATIENCE_S, take, take_answer, take_end, take_head
from tests.hop.between import LAST, Since, between, event, get
from tests.hop.shown import shows
from tests.hostile.wire import End, after

HOLD_S = 0.4


async def test_a_hop_without_faults_passes_head_and_events_as_they_come() -> None:
    async with between() as hop:
        client, app = await hop.streaming()
        head = await take_head(client)
        assert head.status == 200
        for number in range(3):
            app.writer.write(event(number))
            assert await take(client, event(number)) == event(number)
        app.writer.write(LAST)
        assert await take(client, LAST) == LAST


async def test_a_hop_does_not_mend_what_it_stands_in() -> None:
    """The edge adds ``X-Accel-Buffering`` and ``no-transform``, which an outer proxy would obey."""
    async with between() as hop:
        client, _ = await hop.streaming()
        head = await take_head(client)
        assert head.all("x-accel-buffering") == []
        assert head.all("cache-control") == []


@shows("hold-headers")
async def test_a_held_head_comes_with_the_first_event() -> None:
    async with between(hold_headers=True) as hop:
        client, app = await hop.streaming()
        page = await hop.ask(get("/page"))
        other, _ = await hop.app.asked()
        other.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage")
        assert (await take_answer(page)).body == b"page"
        assert client.inbox == b""
        assert client.reader._buffer == b""  # type: ignore[attr-defined]  # nothing has come, read or not
        app.writer.write(event(1))
        assert (await take(client, event(1))).startswith(b"HTTP/1.1 200 ")


@shows("hold-events")
async def test_held_events_come_together_after_the_time() -> None:
    async with between(hold_events=f"{HOLD_S}s") as hop:
        client, app = await hop.streaming()
        await take_head(client)
        since = Since()
        app.writer.write(event(1))
        await app.writer.drain()
        app.writer.write(event(2))
        held = await take(client, b"data: 2\n\n\r\n")
        assert since.seconds >= HOLD_S * 0.9
        assert held == chunk(b"data: 1\n\ndata: 2\n\n")


@shows("batch")
async def test_a_batch_comes_when_the_buffer_is_full_and_not_before() -> None:
    async with between(batch="1k") as hop:
        client, app = await hop.streaming()
        await take_head(client)
        for number in range(100, 200):
            app.writer.write(event(number))
        taken = await take(client, b"\r\n")
        assert int(taken, 16) >= 1024
        app.writer.write(LAST)
        assert (await take(client, LAST)).count(b"data: ") == 100


@shows("collect-responses")
async def test_a_collected_response_comes_whole_when_it_has_ended() -> None:
    async with between(collect_responses=True) as hop:
        client, app = await hop.streaming()
        app.writer.write(event(1))
        app.writer.write(event(2))
        page = await hop.ask(get("/page"))
        other, _ = await hop.app.asked()
        other.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage")
        assert (await take_answer(page)).body == b"page"
        assert client.reader._buffer == b""  # type: ignore[attr-defined]
        app.writer.write(LAST)
        assert (await take_answer(client)).body == b"data: 1\n\ndata: 2\n\n"


@shows("strip-comments")
@pytest.mark.parametrize("cuts", [1, 3, 1000])
async def test_comments_are_gone_and_events_are_not(cuts: int) -> None:
    text = b": hello\n\ndata: 1\n\n:heartbeat\n\ndata: 2\n:x\ndata: 3\n\n"
    async with between(strip_comments=True) as hop:
        client, app = await hop.streaming()
        for start in range(0, len(text), cuts):
            app.writer.write(chunk(text[start : start + cuts]))
        app.writer.write(LAST)
        body = (await take_answer(client)).body
        assert b":h" not in body
        assert b":x" not in body
        assert body.replace(b"\n\n\n", b"\n\n").lstrip(b"\n") == b"data: 1\n\ndata: 2\ndata: 3\n\n"


@shows("gzip-streams")
async def test_a_compressed_stream_is_flushed_event_by_event() -> None:
    async with between(gzip_streams=True) as hop:
        client, app = await hop.streaming("Accept-Encoding: gzip")
        head = await take_head(client)
        assert head.all("content-encoding") == ["gzip"]
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        for number in (1, 2):
            app.writer.write(event(number))
            size = int(await take(client, b"\r\n"), 16)
            while len(client.inbox) < size + 2:
                assert await client.fill(after(PATIENCE_S))
            assert inflate.decompress(client.take(size)) == b"data: %d\n\n" % number
            client.take(2)


async def test_a_stream_is_not_compressed_for_a_client_that_does_not_accept_it() -> None:
    async with between(gzip_streams=True) as hop:
        client, _ = await hop.streaming()
        assert (await take_head(client)).all("content-encoding") == []


@shows("html-streams")
async def test_a_request_for_events_gets_a_page_and_the_app_is_not_asked() -> None:
    async with between(html_streams=True) as hop:
        answer = await take_answer(await hop.ask(get("/events", "Accept: text/event-stream")))
        assert answer.status == 200
        assert answer.all("content-type") == ["text/html; charset=utf-8"]
        page = await hop.ask(get("/"))
        app, seen = await hop.app.asked()
        assert seen.target == "/"
        app.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert (await take_answer(page)).status == 204


@shows("cut-after")
async def test_a_stream_is_cut_at_its_age_although_it_is_lively() -> None:
    async with between(cut_after=f"{HOLD_S}s") as hop:
        client, app = await hop.streaming()
        await take_head(client)
        since = Since()
        app.writer.write(event(1))
        await take(client, event(1))
        assert await take_end(client) is End.CLOSED
        assert since.seconds >= HOLD_S * 0.5
        assert await app.until_end(after(PATIENCE_S))


@shows("cut-idle")
async def test_a_silent_stream_is_cut_and_a_silent_app_is_a_504() -> None:
    async with between(cut_idle="500ms") as hop:
        client, _ = await hop.streaming()
        await take_head(client)
        since = Since()
        assert await take_end(client) is End.CLOSED
        assert since.seconds >= 0.2
        assert (await take_answer(await hop.ask(get("/")))).status == 504
