"""Every named timer fires, ends what it is meant to end and nothing else, and says so in the access log.

Limits are short here; nothing else in a test depends on time, so a slow machine only makes it later.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.edge.app import CHUNKED, EVENT_STREAM, SWITCHED, App, chunk, ok
from tests.edge.front import HOST, WEBSOCKET, Front, get, post, serving
from tests.edge.log import Line, LogTail, log_tail
from tests.edge.ports import stalled
from tests.edge.talk import take, take_answer, take_end, take_head, take_piece
from tests.hostile.wire import End, Wire

SHORT = "100ms"
PROMPT = "1s"
"""Short enough to wait for, long enough for a test to answer in time: the clock ticks four times a second."""
LONG = "1h"
FLOOD = bytes(1 << 20)


@asynccontextmanager
async def timed(directory: Path, **limits: str) -> AsyncIterator[tuple[App, Front, LogTail]]:
    """App, edge and log; of all time limits only those given are short."""
    patient = dict.fromkeys(
        (
            *("connect_timeout", "request_head_timeout", "body_idle_timeout", "response_timeout", "send_timeout"),
            *("stream_send_timeout", "stream_idle_timeout", "half_close_timeout", "keepalive_idle_timeout"),
        ),
        LONG,
    )
    async with (
        App() as app,
        log_tail(directory) as log,
        serving(app.url, access_log=log.path, profile="generic", **patient | limits) as front,
    ):
        yield app, front, log


async def ending(log: LogTail) -> Line:
    """The next line that is not the opening of a stream."""
    while (line := await log.line())["event"] == "open":
        pass
    return line


def why(line: Line) -> tuple[str, str]:
    return line["ended_by"], line["reason"]


async def open_stream(app: App, front: Front, head: bytes = EVENT_STREAM) -> tuple[Wire, Wire]:
    client = await front.ask(get("/", WEBSOCKET if head is SWITCHED else b""))
    upstream, _ = await app.asked()
    upstream.writer.write(head)
    await take_head(client)
    return client, upstream


async def test_connect_timeout(tmp_path: Path) -> None:
    with stalled() as port:
        async with (
            log_tail(tmp_path) as log,
            serving(f"http://127.0.0.1:{port}", access_log=log.path, connect_timeout=SHORT) as front,
        ):
            answer = await take_answer(await front.ask(get()))
            assert answer.status == 504
            line = await ending(log)
            assert why(line) == ("upstream", "connect timeout")
            assert line["failure"] == "connection_timeout"


# The client's request


async def test_request_head_timeout_of_a_head_that_stops(tmp_path: Path) -> None:
    async with timed(tmp_path, request_head_timeout=SHORT) as (_, front, log):
        client = await front.ask(b"GET / HTTP/1.1\r\nHos")
        answer = await take_answer(client)
        assert (answer.status, answer.all("connection")) == (408, ["close"])
        line = await ending(log)
        assert (line["status"], why(line)) == (408, ("edge", "refused"))
        assert line["detail"] == "the request head was not complete within 0.1 s"


async def test_request_head_timeout_is_not_put_off_by_one_byte_at_a_time(tmp_path: Path) -> None:
    """Slowloris: the limit is on the whole head, from its first byte."""
    async with timed(tmp_path, request_head_timeout=SHORT) as (_, front, log):
        client = await front.ask(b"GET / HTTP/1.1\r\nX-Drip: ")
        client.send_beside(b"a" * 2000, step=1, pause_s=0.03)
        assert (await take_answer(client)).status == 408
        assert (await ending(log))["status"] == 408


async def test_request_head_timeout_of_a_client_that_says_nothing(tmp_path: Path) -> None:
    async with timed(tmp_path, request_head_timeout=SHORT) as (_, front, _log):
        assert await take_end(await front.dial()) is End.CLOSED


async def test_keepalive_idle_timeout(tmp_path: Path) -> None:
    async with timed(tmp_path, keepalive_idle_timeout=SHORT) as (app, front, _):
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        await take_answer(client)
        assert await take_end(client) is End.CLOSED


async def test_body_idle_timeout(tmp_path: Path) -> None:
    async with timed(tmp_path, body_idle_timeout=SHORT) as (app, front, log):
        client = await front.ask(post(length=100) + b"a part")
        upstream, _ = await app.asked()
        answer = await take_answer(client)
        assert (answer.status, answer.all("connection")) == (408, ["close"])
        await take(upstream, b"a part")
        assert await take_end(upstream) is not End.OPEN
        line = await ending(log)
        assert (line["status"], why(line)) == (408, ("client", "body idle timeout"))


@pytest.mark.parametrize(
    ("interim", "status", "reason"),
    [
        (b"", 504, ("upstream", "response timeout")),
        (b"HTTP/1.1 100 Continue\r\n\r\n", 408, ("client", "body idle timeout")),
    ],
    ids=["never answered", "told to go on"],
)
async def test_body_idle_timeout_of_a_client_that_asked_first_is_the_fault_of_whose_turn_it_was(
    interim: bytes, status: int, reason: tuple[str, str], tmp_path: Path
) -> None:
    """RFC 9110 10.1.1: with ``Expect: 100-continue`` it is the app that has to speak next."""
    async with timed(tmp_path, body_idle_timeout=PROMPT) as (app, front, log):
        client = await front.ask(post("/", b"Expect: 100-continue\r\n", length=100))
        upstream, _ = await app.asked()
        upstream.writer.write(interim)
        answer = await take_answer(client)
        assert (answer.status, answer.all("connection")) == (status, ["close"])
        assert await take_end(upstream) is not End.OPEN
        assert why(await ending(log)) == reason


async def test_body_idle_timeout_is_put_off_by_each_piece(tmp_path: Path) -> None:
    async with timed(tmp_path, body_idle_timeout=PROMPT) as (app, front, _):
        client = await front.ask(post(length=6))
        upstream, _ = await app.asked()
        for _ in range(6):
            await asyncio.sleep(0.25)  # the pace of the client, far below the limit, and far above it in all
            client.writer.write(b"x")
            assert await take_piece(upstream) == b"x"
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200


# The app's response


async def test_response_timeout_before_the_head(tmp_path: Path) -> None:
    async with timed(tmp_path, response_timeout=SHORT) as (app, front, log):
        client = await front.ask(get())
        upstream, _ = await app.asked()
        answer = await take_answer(client)
        assert answer.status == 504
        assert "error=http_response_timeout" in answer.all("proxy-status")[0]
        assert await take_end(upstream) is not End.OPEN
        line = await ending(log)
        assert (line["failure"], why(line)) == ("http_response_timeout", ("upstream", "response timeout"))


async def test_response_timeout_counts_from_the_end_of_the_request(tmp_path: Path) -> None:
    """However long the upload took."""
    async with timed(tmp_path, response_timeout=PROMPT) as (app, front, log):
        client = await front.ask(post(length=2) + b"a")
        upstream, _ = await app.asked()
        other = await front.ask(get("/alarm"))
        assert (await take_answer(other)).status == 504
        client.writer.write(b"b")
        await take(upstream, b"ab")
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200
        assert [(await ending(log))["target"] for _ in range(2)] == ["/alarm", "/"]


async def test_response_timeout_inside_an_ordinary_body_is_a_visible_cut(tmp_path: Path) -> None:
    async with timed(tmp_path, response_timeout=PROMPT) as (app, front, log):
        chunked = await open_stream(app, front, CHUNKED)
        counted = await open_stream(app, front, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for client, upstream in (chunked, counted):
            assert await take_end(client) is End.CLOSED
            assert await take_end(upstream) is not End.OPEN
            line = await ending(log)
            assert (line["shape"], why(line)) == ("exchange", ("upstream", "response timeout"))
            assert line["detail"] == "nothing from the app for 1 s"


# Streams


async def test_response_timeout_does_not_hold_for_streams(tmp_path: Path) -> None:
    """The alarm is an ordinary body beside them, which is cut by that limit."""
    signs = [b"Content-Type: text/event-stream", b"Incremental: ?1", b"X-Accel-Buffering: no"]
    async with timed(tmp_path, response_timeout=PROMPT) as (app, front, _):
        heads = [CHUNKED.replace(b"\r\n\r\n", b"\r\n%b\r\n\r\n" % sign) for sign in signs]
        streams = [await open_stream(app, front, head) for head in heads]
        ordinary, _ = await open_stream(app, front, CHUNKED)
        assert await take_end(ordinary) is End.CLOSED
        for client, upstream in streams:
            upstream.writer.write(chunk(b"still here"))
            assert await take_piece(client) == chunk(b"still here")


async def test_stream_idle_timeout_of_an_event_stream(tmp_path: Path) -> None:
    async with timed(tmp_path, stream_idle_timeout=SHORT) as (app, front, log):
        ordinary_client, ordinary_upstream = await open_stream(app, front, CHUNKED)
        client, upstream = await open_stream(app, front)
        assert await take_end(client) is End.CLOSED
        assert await take_end(upstream) is not End.OPEN
        line = await ending(log)
        assert (line["shape"], line["reason"]) == ("stream", "idle timeout")
        ordinary_upstream.writer.write(chunk(b"still here"))
        assert await take_piece(ordinary_client) == chunk(b"still here")


async def test_stream_idle_timeout_of_a_tunnel(tmp_path: Path) -> None:
    async with timed(tmp_path, stream_idle_timeout=SHORT) as (app, front, log):
        client, upstream = await open_stream(app, front, SWITCHED)
        assert await take_end(client) is End.CLOSED
        assert await take_end(upstream) is End.CLOSED
        line = await ending(log)
        assert (line["shape"], why(line)) == ("tunnel", ("edge", "idle timeout"))


async def test_stream_idle_timeout_of_a_tunnel_is_put_off_by_either_side(tmp_path: Path) -> None:
    async with timed(tmp_path, stream_idle_timeout=PROMPT) as (app, front, _):
        upwards, downwards = [await open_stream(app, front, SWITCHED) for _ in range(2)]
        for _ in range(6):
            await asyncio.sleep(0.25)  # a heartbeat
            for here, there in (upwards, downwards[::-1]):
                here.writer.write(b"ping")
                assert await take_piece(there) == b"ping"


async def test_a_route_of_the_profile_may_have_time_limits_of_its_own(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[[route]]\npath = "/slow"\nkind = "api"\nresponse-timeout = "1h"\n')
    async with timed(tmp_path, response_timeout=SHORT, config=str(site)) as (app, front, _):
        slow = await front.ask(get("/slow"))
        upstream, _ = await app.asked()
        assert (await take_answer(await front.ask(get("/other")))).status == 504
        upstream.writer.write(ok())
        assert (await take_answer(slow)).status == 200


async def test_the_openchamber_profile_lets_the_apps_own_deadline_win(tmp_path: Path) -> None:
    """It answers under /api within 240 s, OAuth callbacks within 15 min: a gateway's 504 must not come first."""
    async with App() as app, serving(app.url, response_timeout=SHORT) as front:
        api = await front.ask(get("/api/session"))
        upstream, _ = await app.asked()
        assert (await take_answer(await front.ask(get("/page")))).status == 504
        upstream.writer.write(ok())
        assert (await take_answer(api)).status == 200


# A side that does not read


async def test_send_timeout_of_a_client_that_does_not_read(tmp_path: Path) -> None:
    async with timed(tmp_path, send_timeout=SHORT) as (app, front, log):
        await front.ask(get())
        upstream, _ = await app.asked()
        upstream.send_beside(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 << 20) + FLOOD * 64)
        assert await take_end(upstream) is not End.OPEN
        assert why(await ending(log)) == ("client", "send timeout")


@pytest.mark.parametrize(
    ("head", "piece"), [(EVENT_STREAM, chunk(FLOOD)), (SWITCHED, FLOOD)], ids=["event stream", "tunnel"]
)
async def test_stream_send_timeout(tmp_path: Path, head: bytes, piece: bytes) -> None:
    async with timed(tmp_path, stream_send_timeout=SHORT) as (app, front, log):
        _, upstream = await open_stream(app, front, head)
        upstream.send_beside(piece * 64)
        assert await take_end(upstream) is not End.OPEN
        assert why(await ending(log)) == ("client", "send timeout")


async def test_stream_send_timeout_of_an_app_that_does_not_read_its_tunnel(tmp_path: Path) -> None:
    async with timed(tmp_path, stream_send_timeout=SHORT) as (app, front, log):
        client, _ = await open_stream(app, front, SWITCHED)
        client.send_beside(FLOOD * 64)
        assert await take_end(client) is not End.OPEN
        line = await ending(log)
        assert (why(line), line["detail"]) == (("upstream", "send timeout"), "the upstream took nothing for 0.1 s")


async def test_send_timeout_does_not_hold_for_streams(tmp_path: Path) -> None:
    """A laptop that sleeps keeps its terminal. The alarm is an ordinary download to a client that does not read."""
    async with timed(tmp_path, send_timeout=SHORT) as (app, front, _):
        client, upstream = await open_stream(app, front)
        upstream.send_beside(chunk(FLOOD) * 16)
        _, other = await open_stream(app, front, CHUNKED)
        other.send_beside(chunk(FLOOD) * 64)
        assert await take_end(other) is not End.OPEN
        received = 0
        while received < 16 * len(FLOOD):
            received += (await take_piece(client)).count(0)


async def test_send_timeout_of_an_app_that_does_not_read(tmp_path: Path) -> None:
    async with timed(tmp_path, send_timeout=SHORT, body_limit="1GiB") as (app, front, log):
        client = await front.ask(post(length=64 << 20))
        await app.asked()
        client.send_beside(FLOOD * 64)
        answer = await take_answer(client)
        assert answer.status == 504
        assert "error=connection_write_timeout" in answer.all("proxy-status")[0]
        assert why(await ending(log)) == ("upstream", "send timeout")


async def test_a_stream_that_has_begun_is_not_timed_by_the_upload_that_still_runs(tmp_path: Path) -> None:
    """The app answers early, stops reading for a while, and reads on: only the limits of its stream count now."""
    async with timed(tmp_path, body_idle_timeout=SHORT, send_timeout=SHORT, body_limit="1GiB") as (app, front, _):
        client = await front.ask(post(length=32 << 20))
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM)
        await take_head(client)
        client.send_beside(FLOOD * 32)
        _, alarm = await open_stream(app, front, CHUNKED)
        alarm.send_beside(chunk(FLOOD) * 64)  # to a client that does not read
        assert await take_end(alarm) is not End.OPEN
        received = 0
        while received < 32 << 20:
            received += len(await take_piece(upstream))
        for _ in range(2):
            _, alarm = await open_stream(app, front, CHUNKED)
            alarm.send_beside(chunk(FLOOD) * 64)
            assert await take_end(alarm) is not End.OPEN
        upstream.writer.write(chunk(b"data: done\n\n"))
        assert await take_piece(client) == chunk(b"data: done\n\n")


async def test_half_close_timeout(tmp_path: Path) -> None:
    """One side has finished, the other says nothing more: that is no conversation."""
    async with timed(tmp_path, half_close_timeout=SHORT) as (app, front, log):
        client, upstream = await open_stream(app, front, SWITCHED)
        client.send_eof()
        assert await take_end(upstream) is End.CLOSED
        assert await take_end(client) is End.CLOSED
        line = await ending(log)
        assert (line["shape"], line["detail"]) == ("tunnel", "nothing passed for 0.1 s after one side had finished")


async def test_a_pipelined_request_is_given_the_time_of_its_own_route(tmp_path: Path) -> None:
    async with timed(tmp_path, keepalive_idle_timeout=SHORT) as (app, front, _):
        client = await front.ask(get("/1") + b"GET /2 HTTP/1.1\r\n" + HOST)
        upstream, _ = await app.asked()
        upstream.writer.write(ok(fields=b"Connection: close\r\n"))
        await take_answer(client)
        assert await take_end(await _idle(app, front)) is End.CLOSED
        client.writer.write(b"\r\n")
        _, seen = await app.asked()
        assert seen.target == "/2"


async def _idle(app: App, front: Front) -> Wire:
    """A client connection whose request has been answered."""
    client = await front.ask(get("/idle"))
    upstream, _ = await app.asked()
    upstream.writer.write(ok(fields=b"Connection: close\r\n"))
    await take_answer(client)
    return client
