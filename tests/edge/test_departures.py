"""When one side goes, the other is told at once: the app stops working for nobody, the client stops waiting.

No timer is short in these tests: whatever ends, ends because the other side did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from antechamber.edge.lookout import client_stays
from antechamber.edge.tunnel import Tunnel
from antechamber.ledger import Party, Reason, Shape
from tests.edge.app import CHUNKED, EVENT_STREAM, SWITCHED, App, chunk, ok
from tests.edge.front import WEBSOCKET, Front, get, post, serving
from tests.edge.lazy import only_connection
from tests.edge.ports import stalled
from tests.edge.talk import PATIENCE_S, take, take_answer, take_body, take_end, take_head, take_piece
from tests.hostile.wire import End, Wire

Pair = tuple[Wire, Wire]
"""The client's end and the app's."""


async def idle_stream(app: App, front: Front) -> Pair:
    client = await front.ask(get("/events"))
    upstream, _ = await app.asked()
    upstream.writer.write(EVENT_STREAM)
    await take_head(client)
    return client, upstream


async def tunnel(app: App, front: Front) -> Pair:
    client = await front.ask(get("/ws", WEBSOCKET))
    upstream, _ = await app.asked()
    upstream.writer.write(SWITCHED)
    await take_head(client)
    return client, upstream


async def upload(app: App, front: Front) -> Pair:
    client = await front.ask(post("/upload", length=1000) + b"a part")
    upstream, _ = await app.asked()
    await take(upstream, b"a part")
    return client, upstream


async def waiting(app: App, front: Front) -> Pair:
    client = await front.ask(get("/slow"))
    upstream, _ = await app.asked()
    return client, upstream


async def download(app: App, front: Front) -> Pair:
    client = await front.ask(get("/download"))
    upstream, _ = await app.asked()
    upstream.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    await take_head(client)
    return client, upstream


def only_tunnel(front: Front) -> Tunnel:
    """The only client's tunnel."""
    exchange = only_connection(front).exchange
    assert exchange is not None
    assert exchange.tunnel is not None
    return exchange.tunnel


async def until(holds: Callable[[], bool]) -> None:
    """Wait for the edge to come to this."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.001)


Opening = Callable[[App, Front], Awaitable[Pair]]
EVERYTHING = [idle_stream, tunnel, upload, waiting, download]


# The client


@pytest.mark.parametrize("opening", EVERYTHING)
async def test_a_client_that_closes_frees_its_upstream(opening: Opening) -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await opening(app, front)
        await client.close()
        assert await take_end(upstream) is not End.OPEN
        await upstream.close()
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.CLIENT, Reason.CLOSED)


@pytest.mark.parametrize("opening", EVERYTHING)
async def test_a_client_that_resets_frees_its_upstream(opening: Opening) -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await opening(app, front)
        await client.reset()
        assert await take_end(upstream) is not End.OPEN
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.CLIENT, Reason.LOST)


async def test_a_client_that_leaves_while_its_app_is_dialled_ends_the_dial() -> None:
    with stalled() as port:
        async with serving(f"http://127.0.0.1:{port}") as front:
            client = await front.ask(get())
            other = await front.ask(get())
            await client.close()
            ended = await front.book.next_ended()
            assert (ended.ended_by, ended.reason) == (Party.CLIENT, Reason.CLOSED)
            await other.close()
            await front.book.next_ended()


async def test_a_client_that_leaves_behind_a_full_buffer_is_noticed() -> None:
    """The edge has paused the app by then, so only a failed write can tell."""
    async with App() as app, serving(app.url) as front:
        client, upstream = await idle_stream(app, front)
        upstream.send_beside(chunk(bytes(1 << 16)) * 512)
        await take_piece(client)
        await client.reset()
        assert await take_end(upstream) is not End.OPEN
        assert (await front.book.next_ended()).ended_by is Party.CLIENT


AHEAD = get("/next", b"X-Long: %b\r\n" % (b"x" * 30_000)) * 4
"""More than is kept for a client that asks ahead, so that it is not read any more."""


@pytest.mark.parametrize("opening", [idle_stream, waiting, download])
@pytest.mark.parametrize(("leave", "reason"), [(Wire.close, Reason.CLOSED), (Wire.reset, Reason.LOST)])
async def test_a_client_that_has_asked_far_ahead_and_leaves_is_noticed(
    opening: Opening, leave: Callable[[Wire], Awaitable[None]], reason: Reason
) -> None:
    """Its end stands behind requests that nobody reads yet; nginx looks at the connection as well (``EPOLLRDHUP``)."""
    async with App() as app, serving(app.url) as front:
        client, upstream = await opening(app, front)
        await client.send(AHEAD)
        await until(lambda: only_connection(front).paused)
        await leave(client)
        assert await take_end(upstream) is not End.OPEN
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.CLIENT, reason)


async def test_a_client_that_resets_an_upload_which_its_app_does_not_read_is_noticed() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(post("/upload", length=1 << 26))
        await app.asked()
        client.send_beside(bytes(1 << 25))
        await until(lambda: only_connection(front).paused)
        await client.reset()
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.CLIENT, Reason.LOST)


async def test_an_end_that_resets_a_tunnel_whose_other_end_does_not_read_is_noticed() -> None:
    async with App() as app, serving(app.url, stream_send_timeout="77m") as front:
        client, _ = await tunnel(app, front)
        joined = only_tunnel(front)
        client.send_beside(bytes(1 << 25))
        await until(lambda: joined.patience_s == 77 * 60)
        await client.reset()
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.CLIENT, Reason.LOST)


async def test_a_client_that_is_slow_to_be_read_and_stays_is_not_disturbed() -> None:
    body = bytes(1 << 24)
    async with App() as app, serving(app.url) as front:
        client = await front.ask(post("/upload", length=len(body)))
        upstream, seen = await app.asked()
        client.send_beside(body)
        connection = only_connection(front)
        await until(lambda: connection.paused)
        assert client_stays(connection)
        assert len(await take_body(upstream, seen)) == len(body)
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200


async def test_a_client_that_half_closes_its_request_counts_as_gone() -> None:
    """As in nginx: there is no other sign by which a proxy could free the app at once."""
    async with App() as app, serving(app.url) as front:
        client, upstream = await waiting(app, front)
        client.send_eof()
        assert await take_end(upstream) is not End.OPEN
        assert await take_end(client) is End.CLOSED


# The app


async def test_an_app_that_closes_a_stream_cuts_the_client_visibly() -> None:
    """An EventSource reconnects on a cut; a last chunk would tell it that the app meant to end."""
    async with App() as app, serving(app.url) as front:
        client, upstream = await idle_stream(app, front)
        upstream.writer.write(chunk(b"data: last words\n\n"))
        await upstream.close()
        assert await take(client, chunk(b"data: last words\n\n"))
        assert await take_end(client) is End.CLOSED
        ended = await front.book.next_ended()
        assert (ended.shape, ended.ended_by, ended.reason) == (Shape.STREAM, Party.UPSTREAM, Reason.LOST)


@pytest.mark.parametrize("leave", [Wire.close, Wire.reset])
async def test_an_app_that_leaves_a_tunnel_closes_the_client(leave: Callable[[Wire], Awaitable[None]]) -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await tunnel(app, front)
        await leave(upstream)
        assert await take_end(client) is not End.OPEN
        await client.close()
        ended = await front.book.next_ended()
        assert (ended.shape, ended.ended_by) == (Shape.TUNNEL, Party.UPSTREAM)


@pytest.mark.parametrize("opening", [waiting, upload])
async def test_an_app_that_leaves_without_an_answer_is_a_bad_gateway(opening: Opening) -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await opening(app, front)
        await upstream.reset()
        answer = await take_answer(client)
        assert answer.status == 502
        assert "error=connection_terminated" in answer.all("proxy-status")[0]


async def test_an_app_that_leaves_in_the_middle_of_a_download_cuts_it_short() -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await download(app, front)
        upstream.writer.write(b"a part")
        await take(client, b"a part")
        await upstream.reset()
        assert await take_end(client) is End.CLOSED


# Half-closes through a tunnel


async def test_the_app_may_go_on_after_its_client_has_finished() -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await tunnel(app, front)
        client.writer.write(b"all I have")
        client.send_eof()
        await take(upstream, b"all I have")
        assert await take_end(upstream) is End.CLOSED
        upstream.writer.write(b"and my answer")
        assert await take(client, b"and my answer")
        await upstream.close()
        assert await take_end(client) is End.CLOSED


async def test_the_client_may_go_on_after_its_app_has_finished() -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await tunnel(app, front)
        upstream.writer.write(b"all I have")
        upstream.send_eof()
        await take(client, b"all I have")
        assert await take_end(client) is End.CLOSED
        client.writer.write(b"and my answer")
        assert await take(upstream, b"and my answer")
        await client.close()
        assert await take_end(upstream) is End.CLOSED


async def test_what_an_end_sent_before_it_left_arrives_whole() -> None:
    octets = bytes(range(256)) * (1 << 14)
    async with App() as app, serving(app.url) as front:
        client, upstream = await tunnel(app, front)
        upstream.send_beside(octets)
        received = 0
        while received < len(octets):
            piece = await take_piece(client)
            assert piece == octets[received : received + len(piece)]
            received += len(piece)
            if received >= len(octets) // 2 and not upstream.writer.is_closing():
                await upstream.sending[0]
                await upstream.close()
        assert await take_end(client) is End.CLOSED


# Nobody else notices


async def test_a_client_that_leaves_takes_nobody_with_it() -> None:
    async with App() as app, serving(app.url) as front:
        pairs = [await idle_stream(app, front) for _ in range(10)]
        leaving, staying = pairs[::2], pairs[1::2]
        for client, upstream in leaving:
            await client.close()
            await take_end(upstream)
        for client, upstream in staying:
            upstream.writer.write(chunk(b"data: 1\n\n"))
            assert await take_piece(client) == chunk(b"data: 1\n\n")
        assert front.edge.setting is not None
        assert front.edge.setting.ledger.streams == len(staying)


async def test_a_pipelined_request_of_a_client_that_left_is_never_sent() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/one") + get("/two"))
        upstream, seen = await app.asked()
        await take_body(upstream, seen)
        upstream.writer.write(CHUNKED + chunk(b"part"))
        await take(client, chunk(b"part"))
        await client.close()
        await take_end(upstream)
        other = await front.ask(get("/three"))
        fresh, seen = await app.asked()
        assert seen.target == "/three"
        fresh.writer.write(ok())
        await take_answer(other)
        assert app.connections == 2
