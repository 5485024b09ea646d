"""Responses that go on: forwarded at once, headers first, piece by piece, with the two signs for proxies further out.

What counts is what the app does (its media type, its framing, the fields by which it asks), never the path.
"""

from __future__ import annotations

import gzip

import pytest

from antechamber.ledger import Party, Reason, Shape
from tests.edge.app import CHUNKED, EVENT_STREAM, App, chunk, ok
from tests.edge.front import Front, get, serving
from tests.edge.talk import Head, take, take_answer, take_end, take_head, take_piece
from tests.hostile.answer import Framing
from tests.hostile.wire import End, Wire

UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


async def open_stream(app: App, front: Front, head: bytes, target: str = "/any/path") -> tuple[Wire, Wire, Head]:
    """A stream whose head has passed: the app's end, the client's end, the head as the client got it."""
    client = await front.ask(get(target))
    upstream, _ = await app.asked()
    upstream.writer.write(head)
    return upstream, client, await take_head(client)


async def test_the_head_of_a_quiet_stream_passes_before_any_event() -> None:
    """EventSource fires ``open`` on the head (WHATWG HTML 9.2); a page that waits for it hangs otherwise."""
    async with App() as app, serving(app.url) as front:
        _, client, head = await open_stream(app, front, EVENT_STREAM)
        assert head.status == 200
        assert client.inbox == b""


@pytest.mark.parametrize(
    ("head", "framed"),
    [
        pytest.param(EVENT_STREAM, chunk, id="event stream, chunked"),
        pytest.param(UNTIL_CLOSE, bytes, id="event stream, until close"),
        pytest.param(CHUNKED, chunk, id="ordinary body of unknown length"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", bytes, id="ordinary body until close"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n", bytes, id="HTTP/1.0 app"),
    ],
)
async def test_each_write_of_the_app_is_one_chunk_at_the_client(head: bytes, framed: type[bytes]) -> None:
    async with App() as app, serving(app.url) as front:
        upstream, client, _ = await open_stream(app, front, head)
        for number in range(20):
            event = b"data: %d\n\n" % number
            upstream.writer.write(framed(event))
            assert await take_piece(client) == chunk(event)


async def test_a_chunk_of_a_length_that_passed_before_is_looked_at_all_the_same() -> None:
    """What is known of a length is how a chunk of it begins; where this one ends is asked each time."""
    async with App() as app, serving(app.url) as front:
        upstream, client, _ = await open_stream(app, front, EVENT_STREAM)
        for _ in range(3):
            upstream.writer.write(chunk(b"data: 1\n\n"))
            assert await take_piece(client) == chunk(b"data: 1\n\n")
        upstream.writer.write(b"9\r\ndata: 1\n\nXX")
        assert await take_end(client) is End.CLOSED
        assert (await front.book.next_ended()).reason is Reason.PROTOCOL


@pytest.mark.parametrize("framed", [chunk, bytes])
async def test_events_that_come_with_the_head_pass_with_it(framed: type[bytes]) -> None:
    async with App() as app, serving(app.url) as front:
        head = EVENT_STREAM if framed is chunk else UNTIL_CLOSE
        _, client, _ = await open_stream(app, front, head + framed(b"data: first\n\n"))
        assert await take_piece(client) == chunk(b"data: first\n\n")


async def test_pieces_of_an_answer_of_known_length_pass_at_once_too() -> None:
    async with App() as app, serving(app.url) as front:
        upstream, client, _ = await open_stream(app, front, b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for piece in (b"ab", b"cd", b"ef"):
            upstream.writer.write(piece)
            assert await take_piece(client) == piece


async def test_an_event_stream_for_an_http_1_0_client_is_delimited_by_its_end() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(b"GET / HTTP/1.0\r\n\r\n")
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM + chunk(b"data: 1\n\n"))
        head = await take_head(client)
        assert head.all("transfer-encoding") == []
        assert head.all("connection") == ["close"]
        assert await take_piece(client) == b"data: 1\n\n"
        upstream.writer.write(chunk(b"data: 2\n\n") + b"0\r\n\r\n")
        assert await take(client, b"data: 2\n\n")
        assert await take_end(client) is End.CLOSED


# The two signs for nginx and CDNs further out


@pytest.mark.parametrize(
    ("said", "passed"),
    [
        (b"", "no-cache, no-transform"),
        (b"Cache-Control: no-cache\r\n", "no-cache, no-transform"),
        (b"Cache-Control: no-cache\r\ncache-control: private\r\n", "no-cache, private, no-transform"),
        (b"Cache-Control: no-cache, no-transform\r\n", "no-cache, no-transform"),
        (b"Cache-Control: No-Transform\r\nCache-Control: no-store\r\n", "No-Transform, no-store"),
    ],
)
async def test_no_transform_is_merged_into_the_one_cache_control_of_an_event_stream(said: bytes, passed: str) -> None:
    """Two Cache-Control fields are read by some caches as the first only; ``no-transform`` is RFC 9111 5.2.2.6."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n%bTransfer-Encoding: chunked\r\n\r\n"
    async with App() as app, serving(app.url) as front:
        _, _, seen = await open_stream(app, front, head % said)
        assert seen.all("cache-control") == [passed]
        assert seen.all("x-accel-buffering") == ["no"]


@pytest.mark.parametrize("value", [b"no", b"yes"])
async def test_what_the_app_says_on_buffering_stands(value: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        head = EVENT_STREAM.replace(b"\r\n\r\n", b"\r\nX-Accel-Buffering: %b\r\n\r\n" % value)
        _, _, seen = await open_stream(app, front, head)
        assert seen.all("x-accel-buffering") == [value.decode()]


async def test_answers_that_are_no_event_stream_get_neither_sign() -> None:
    async with App() as app, serving(app.url) as front:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: max-age=9\r\nCache-Control: public\r\n"
        _, _, seen = await open_stream(app, front, head + b"Transfer-Encoding: chunked\r\n\r\n")
        assert seen.all("cache-control") == ["max-age=9", "public"]
        assert seen.all("x-accel-buffering") == []


# What counts as a stream, which decides its time limits and its place in the ledger


@pytest.mark.parametrize(
    "field",
    [b"Content-Type: text/event-stream", b"Incremental: ?1", b"X-Accel-Buffering: no", b"X-Accel-Buffering: No"],
)
async def test_a_response_is_a_stream_by_what_the_app_says_of_it(field: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        head = b"HTTP/1.1 200 OK\r\n%b\r\nTransfer-Encoding: chunked\r\n\r\n" % field
        upstream, client, _ = await open_stream(app, front, head)
        opened = await front.book.next_opened()
        assert opened.shape is Shape.STREAM
        upstream.writer.write(chunk(b"hello") + b"0\r\n\r\n")
        await take(client, b"0\r\n\r\n")
        ended = await front.book.next_ended()
        assert ended is opened
        assert (ended.ended_by, ended.reason, ended.bytes_down) == (Party.UPSTREAM, Reason.COMPLETE, 15)


@pytest.mark.parametrize("field", [b"Incremental: ?0", b"Incremental: 1", b"X-Accel-Buffering: yes", b"X-Other: 1"])
async def test_an_ordinary_chunked_body_is_an_exchange(field: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        head = b"HTTP/1.1 200 OK\r\n%b\r\nTransfer-Encoding: chunked\r\n\r\n" % field
        upstream, client, _ = await open_stream(app, front, head)
        upstream.writer.write(b"0\r\n\r\n")
        await take(client, b"0\r\n\r\n")
        assert (await front.book.next_ended()).shape is Shape.EXCHANGE


async def test_a_live_route_of_the_profile_is_a_stream_whatever_its_media_type() -> None:
    async with App() as app, serving(app.url) as front:
        await open_stream(app, front, CHUNKED, "/api/global/event")
        assert (await front.book.next_opened()).route == "global events"


# What passes untouched


@pytest.mark.parametrize(
    "fields",
    [
        b"Last-Event-ID: 41\r\nAccept: text/event-stream\r\n",
        b'Range: bytes=0-99\r\nIf-Range: "v1"\r\n',
        b'If-None-Match: W/"v1", "v2"\r\nIf-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT\r\n',
        b"Accept-Encoding: gzip, br;q=0.5\r\nCookie: a=b; c=d\r\nAuthorization: Bearer xyz\r\nOrigin: http://a.test\r\n",
    ],
)
async def test_end_to_end_request_fields_reach_the_app_as_they_were_sent(fields: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        await front.ask(get("/", fields))
        _, seen = await app.asked()
        for line in fields.decode().splitlines():
            name, _, value = line.partition(": ")
            assert seen.all(name) == [value]


async def test_a_compressed_body_passes_octet_by_octet() -> None:
    body = gzip.compress(b"hello " * 1000)
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/", b"Accept-Encoding: gzip\r\n"))
        upstream, _ = await app.asked()
        upstream.writer.write(ok(body, b"Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"))
        answer = await take_answer(client)
        assert (answer.body, answer.all("content-encoding"), answer.all("vary")) == (
            body,
            ["gzip"],
            ["Accept-Encoding"],
        )


async def test_a_compressed_event_stream_is_not_touched_either() -> None:
    async with App() as app, serving(app.url) as front:
        head = EVENT_STREAM.replace(b"\r\n\r\n", b"\r\nContent-Encoding: br\r\n\r\n")
        upstream, client, seen = await open_stream(app, front, head)
        assert seen.all("content-encoding") == ["br"]
        upstream.writer.write(chunk(b"\x8b\x00\x80\x00"))
        assert await take_piece(client) == chunk(b"\x8b\x00\x80\x00")


@pytest.mark.parametrize(
    ("answer", "status", "names"),
    [
        (
            b'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/100\r\nETag: "v1"\r\nAccept-Ranges: bytes\r\n'
            b"Content-Length: 4\r\n\r\nabcd",
            206,
            ["content-range", "etag", "accept-ranges", "content-length"],
        ),
        (
            b'HTTP/1.1 304 Not Modified\r\nETag: W/"v1"\r\nLast-Modified: Sat, 29 Oct 1994 19:43:31 GMT\r\n'
            b"Vary: Origin\r\n\r\n",
            304,
            ["etag", "last-modified", "vary"],
        ),
        (
            b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */4\r\nContent-Length: 0\r\n\r\n",
            416,
            ["content-range", "content-length"],
        ),
    ],
    ids=["206", "304", "416"],
)
async def test_ranges_and_validators_pass_untouched(answer: bytes, status: int, names: list[str]) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(answer)
        seen = await take_answer(client)
        assert (seen.status, seen.whole, seen.framing is Framing.CHUNKED) == (status, True, False)
        head, _, body = answer.partition(b"\r\n\r\n")
        sent = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
        assert {name: seen.all(name)[0].lower() for name in names} == sent
        assert seen.body == body
