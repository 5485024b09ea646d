"""Connections to the app: kept, given up in time, and never trusted with what cannot be sent twice (RFC 9112 9.3)."""

from __future__ import annotations

import pytest

from antechamber.edge.pool import FRESH_S, KEEP_ALIVE_MARGIN_S, MAX_IDLE, Pool
from antechamber.ledger import Reason
from tests.edge.app import CHUNKED, App, chunk, ok
from tests.edge.front import HOST, Front, get, post, serving
from tests.edge.talk import take, take_answer, take_body, take_end, take_head, take_request
from tests.hostile.strict import Seen
from tests.hostile.wire import End, Wire


async def warmed(app: App, front: Front, fields: bytes = b"") -> tuple[Wire, Wire]:
    """A client connection and the app's connection, which has served one request and is idle."""
    client = await front.ask(get("/first"))
    upstream, _ = await app.asked()
    upstream.writer.write(ok(fields=fields))
    assert (await take_answer(client)).status == 200
    return client, upstream


async def test_one_connection_serves_many_requests_of_many_clients() -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await warmed(app, front)
        for number in range(5):
            client.writer.write(get(f"/{number}"))
            assert (await take_request(upstream)).target == f"/{number}"
            upstream.writer.write(ok())
            await take_answer(client)
        other = await front.ask(get("/other"))
        assert (await take_request(upstream)).target == "/other"
        upstream.writer.write(ok())
        await take_answer(other)
        assert app.connections == 1


async def test_requests_at_the_same_time_get_connections_of_their_own() -> None:
    async with App() as app, serving(app.url) as front:
        await front.ask(get("/1"))
        await app.asked()
        await front.ask(get("/2"))
        _, second = await app.asked()
        assert second.target == "/2"


@pytest.mark.parametrize("stray", [b"a body", b"a body" + ok(b"another's")], ids=["alone", "before an answer"])
async def test_a_body_behind_the_answer_to_a_head_spoils_no_later_request(stray: bytes) -> None:
    """RFC 9110 9.3.2: there is none. One that comes when the connection serves the next already is not its answer."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n")
        upstream, _ = await app.asked()
        upstream.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        await take_head(client)
        client.writer.write(get("/next"))
        await take_request(upstream)
        upstream.writer.write(stray)
        fresh, seen = await app.asked()
        assert seen.target == "/next"
        fresh.writer.write(ok(b"mine"))
        assert (await take_answer(client)).body == b"mine"
        assert await take_end(upstream) is not End.OPEN


async def test_noise_on_a_new_connection_as_well_is_a_bad_gateway() -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await warmed(app, front)
        client.writer.write(get("/next"))
        await take_request(upstream)
        upstream.writer.write(b"noise")
        fresh, _ = await app.asked()
        fresh.writer.write(b"noise")
        assert (await take_answer(client)).status == 502
        assert app.connections == 2


async def test_the_apps_keep_alive_timeout_is_obeyed_with_a_margin() -> None:
    """Node announces ``timeout=5`` and closes at 5 s: a pool that keeps longer races that close."""
    async with App() as app, serving(app.url, upstream_idle_timeout="1h") as front:
        _, upstream = await warmed(app, front, b"Keep-Alive: timeout=%d\r\n" % (KEEP_ALIVE_MARGIN_S + 1))
        assert await take_end(upstream) is not End.OPEN


async def test_a_connection_whose_announced_time_leaves_no_margin_is_closed_at_once() -> None:
    async with App() as app, serving(app.url, upstream_idle_timeout="1h") as front:
        _, upstream = await warmed(app, front, b"Keep-Alive: timeout=1, max=100\r\n")
        assert await take_end(upstream) is End.CLOSED


async def test_an_idle_connection_is_closed_after_upstream_idle_timeout() -> None:
    async with App() as app, serving(app.url, upstream_idle_timeout="250ms") as front:
        client, upstream = await warmed(app, front)
        assert await take_end(upstream) is not End.OPEN
        client.writer.write(get("/again"))
        _, seen = await app.asked()
        assert seen.target == "/again"


async def test_a_connection_that_the_app_closes_while_idle_is_not_used() -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await warmed(app, front)
        await upstream.close()  # the edge has seen it: closing waits for the edge's end
        client.writer.write(post(length=2) + b"hi")
        fresh, seen = await app.asked_whole()
        assert (seen.method, seen.body) == ("POST", b"hi")
        fresh.writer.write(ok())
        assert (await take_answer(client)).status == 200


async def test_an_answer_that_nobody_asked_for_is_thrown_away_with_its_connection() -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await warmed(app, front)
        upstream.writer.write(ok(b"poison"))
        assert await take_end(upstream) is not End.OPEN
        client.writer.write(get("/next"))
        fresh, _ = await app.asked()
        fresh.writer.write(ok(b"own"))
        assert (await take_answer(client)).body == b"own"


@pytest.mark.parametrize(
    "framed", [b"Content-Length: 3\r\n\r\nabcTRAILING", b"Connection: close\r\nContent-Length: 0\r\n\r\n"]
)
async def test_a_connection_that_is_out_of_step_or_closing_is_not_kept(framed: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(b"HTTP/1.1 200 OK\r\n" + framed)
        await take_answer(client)
        assert await take_end(upstream) is not End.OPEN


# A reused connection that turns out to be closed


async def lost_in_reuse(app: App, front: Front, request: bytes) -> tuple[Wire, Seen]:
    """Send ``request`` on a reused connection, which the app then drops without a word."""
    client, upstream = await warmed(app, front)
    client.writer.write(request)
    seen = await take_request(upstream)
    await take_body(upstream, seen)
    await upstream.close()
    return client, seen


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"])
async def test_a_repeatable_request_lost_on_a_reused_connection_is_sent_again(method: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        request = method + b" /x HTTP/1.1\r\n" + HOST + b"\r\n"
        client, first = await lost_in_reuse(app, front, request)
        fresh, second = await app.asked()
        assert second.head == first.head
        fresh.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert (await take_answer(client)).status == 204


async def test_it_is_sent_again_once_only() -> None:
    async with App() as app, serving(app.url) as front:
        client, _ = await lost_in_reuse(app, front, get())
        fresh, _ = await app.asked()
        await fresh.close()
        answer = await take_answer(client)
        assert answer.status == 502
        assert "error=connection_terminated" in answer.all("proxy-status")[0]
        assert app.connections == 2


@pytest.mark.parametrize(
    "request_octets",
    [
        pytest.param(post(length=0), id="POST without a body"),
        pytest.param(post(length=2) + b"hi", id="POST"),
        pytest.param(b"PATCH / HTTP/1.1\r\n" + HOST + b"\r\n", id="PATCH"),
        pytest.param(post(length=2).replace(b"POST", b"PUT") + b"hi", id="PUT with a body"),
    ],
)
async def test_what_may_not_be_repeated_is_a_told_502_instead(request_octets: bytes) -> None:
    """RFC 9110 9.2.2: a proxy MUST NOT automatically retry non-idempotent requests."""
    async with App() as app, serving(app.url) as front:
        client, _ = await lost_in_reuse(app, front, request_octets)
        answer = await take_answer(client)
        assert answer.status == 502
        assert "error=connection_terminated" in answer.all("proxy-status")[0]
        assert app.connections == 1


async def test_a_request_of_whose_answer_something_came_is_not_repeated() -> None:
    async with App() as app, serving(app.url) as front:
        client, upstream = await warmed(app, front)
        client.writer.write(get())
        await take_request(upstream)
        upstream.writer.write(b"HTTP/1.1 200 O")
        await upstream.close()
        answer = await take_answer(client)
        assert answer.status == 502
        assert "error=http_response_incomplete" in answer.all("proxy-status")[0]
        assert app.connections == 1


async def test_a_first_request_on_a_new_connection_is_not_repeated() -> None:
    """That connection was not closed for being idle: the app itself is in trouble."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        await upstream.close()
        assert (await take_answer(client)).status == 502
        assert app.connections == 1
        assert (await front.book.next_ended()).reason is Reason.LOST


async def test_what_may_not_be_repeated_avoids_a_connection_that_was_idle_for_long() -> None:
    """It may be closing at the other end just now. The alarm is another timer of the same clock."""
    async with App() as app, serving(app.url, keepalive_idle_timeout=f"{FRESH_S + 0.6}s") as front:
        client, idle = await warmed(app, front)
        assert await take_end(client) is End.CLOSED
        poster = await front.ask(post(length=0))
        fresh, seen = await app.asked()
        assert seen.method == "POST"
        fresh.writer.write(ok())
        await take_answer(poster)
        await fresh.close()
        await front.ask(get("/repeatable"))
        assert (await take_request(idle)).target == "/repeatable"


async def test_a_stream_that_ends_in_order_gives_its_connection_back() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(CHUNKED + chunk(b"x") + b"0\r\n\r\n")
        await take_head(client)
        await take(client, b"0\r\n\r\n")
        client.writer.write(get("/next"))
        assert (await take_request(upstream)).target == "/next"


# The rules of the pool, by a clock of the test's own


class Idle:
    """As much of a connection as the pool looks at."""

    idle_since = 0.0
    idle_limit_s = 0.0


def test_the_most_recently_used_connection_goes_first() -> None:
    pool, old, new = Pool(4.0), Idle(), Idle()
    assert pool.give(old, 0.0, None)
    assert pool.give(new, 0.5, None)
    assert pool.take(0.6, repeatable=True) is new
    assert pool.take(0.6, repeatable=True) is old
    assert pool.take(0.6, repeatable=True) is None


@pytest.mark.parametrize(
    ("age_s", "announced_s", "repeatable", "taken"),
    [
        (0.0, None, True, True),
        (4.0, None, True, True),
        (4.1, None, True, False),
        (FRESH_S, None, False, True),
        (FRESH_S + 0.1, None, False, False),
        (2.0, 3, True, True),
        (2.1, 3, True, False),
        (4.1, 3600, True, False),
    ],
)
def test_a_connection_is_taken_while_it_is_young_enough(
    age_s: float, announced_s: int | None, repeatable: bool, taken: bool
) -> None:
    pool = Pool(4.0)
    assert pool.give(Idle(), 100.0, announced_s)
    assert (pool.take(100.0 + age_s, repeatable=repeatable) is not None) is taken


@pytest.mark.parametrize("announced_s", [0, 1])
def test_a_connection_without_a_margin_is_not_wanted(announced_s: int) -> None:
    assert not Pool(4.0).give(Idle(), 0.0, announced_s)


def test_the_pool_is_bounded() -> None:
    pool = Pool(4.0)
    assert all(pool.give(Idle(), 0.0, None) for _ in range(MAX_IDLE))
    assert not pool.give(Idle(), 0.0, None)
    assert len(pool) == MAX_IDLE
