"""WebSockets over HTTP/2: extended CONNECT to the client, an ordinary upgrade to the app (RFC 8441)."""

from __future__ import annotations

import asyncio
import base64
import os

from antechamber.ledger import Party, Reason, Shape
from antechamber.protocol.handshake import accept_of
from tests.edge.app import chunk, ok
from tests.edge.talk import take, take_end
from tests.edge.two import Certificate, Fields, Two, connect_to, fields_of, secure, talking
from tests.hostile.strict import Seen
from tests.hostile.wire import End, Wire

NO_ERROR, PROTOCOL_ERROR, CANCEL = 0, 1, 8


def switched(seen: Seen, fields: bytes = b"") -> bytes:
    accept = accept_of(seen.all("sec-websocket-key")[0].encode())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n%b\r\n" % (accept, fields)
    )


async def opened(two: Two, number: int, upstream: Wire, seen: Seen) -> None:
    upstream.writer.write(switched(seen))
    assert (await two.head(number)).status == 200


async def test_a_websocket_is_asked_for_as_an_app_expects_it(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        more: Fields = [(b"origin", b"https://edge.test"), (b"sec-websocket-protocol", b"a, b")]
        number = two.ask(connect_to(b"/ws?t=1", *more), ended=False)
        upstream, seen = await app.asked()
        assert (seen.method, seen.target) == ("GET", "/ws?t=1")
        assert (seen.all("upgrade"), seen.all("connection")) == (["websocket"], ["Upgrade"])
        assert seen.all("sec-websocket-version") == ["13"]
        assert len(base64.b64decode(seen.all("sec-websocket-key")[0], validate=True)) == 16
        assert (seen.all("origin"), seen.all("x-forwarded-proto")) == (["https://edge.test"], ["https"])
        assert (seen.all("transfer-encoding"), seen.all("content-length")) == ([], [])
        upstream.writer.write(switched(seen, b"Sec-WebSocket-Protocol: b\r\n"))
        answer = await two.head(number)
        assert answer.status == 200
        assert answer.value(b"sec-websocket-protocol") == b"b"
        names = {name for name, _ in answer.fields}
        assert not names & {b"sec-websocket-accept", b"upgrade", b"connection", b"transfer-encoding"}
        entry = await front.book.next_opened()
        assert (entry.shape, entry.status, entry.protocol) == (Shape.TUNNEL, 101, "HTTP/2.0")


async def test_octets_pass_both_ways_as_they_come(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(connect_to(b"/ws"), ended=False)
        upstream, seen = await app.asked()
        await opened(two, number, upstream, seen)
        for turn in range(10):
            two.say(number, b"ping %d" % turn)
            assert await take(upstream, b"ping %d" % turn) == b"ping %d" % turn
            upstream.writer.write(b"pong %d" % turn)
            await two.take(number, b"pong %d" % turn)
        large = os.urandom(1 << 20)
        sending = asyncio.create_task(two.upload(number, large))
        assert await take(upstream, large[-300:]) == large
        await sending
        assert await take_end(upstream) is End.CLOSED, "the end of the stream is a half-close"
        upstream.writer.write(large)
        await upstream.close()
        answer = await two.whole(number)
        assert (bytes(answer.body), answer.ended) == (large, True)
        assert (await front.book.next_ended()).reason is Reason.CLOSED


async def test_what_is_said_before_the_app_has_agreed_waits(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(connect_to(b"/ws"), ended=False)
        two.say(number, b"early")
        upstream, seen = await app.asked()
        assert upstream.inbox == b""
        upstream.writer.write(switched(seen) + b"and the app's")
        await two.take(number, b"and the app's")
        assert await take(upstream, b"early") == b"early"


async def test_a_refusal_is_passed_on_and_what_was_said_is_no_request(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(connect_to(b"/ws"), ended=False)
        two.say(number, b"GET /smuggled HTTP/1.1\r\nHost: edge.test\r\n\r\n")
        upstream, _ = await app.asked()
        upstream.writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno! ")
        answer = await two.whole(number)
        assert (answer.status, bytes(answer.body)) == (403, b"no! ")
        another = two.ask(fields_of(b"GET", b"/after"))
        after = await take(upstream, b"\r\n\r\n")
        assert after.startswith(b"GET /after ")
        upstream.writer.write(ok())
        assert (await two.whole(another)).status == 200
        assert app.connections == 1


async def test_an_app_that_switches_without_reading_the_key_is_not_believed(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(connect_to(b"/ws"), ended=False)
        upstream, _ = await app.asked()
        upstream.writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        answer = await two.whole(number)
        assert (answer.status, b"another WebSocket" in answer.body) == (502, True)
        assert await take_end(upstream) is not End.OPEN
        ended = await front.book.next_ended()
        assert (ended.status, ended.failure, ended.ended_by) == (502, "http_upgrade_failed", Party.UPSTREAM)
        assert ended.shape is Shape.EXCHANGE, "there was no tunnel"


async def test_a_protocol_that_the_policy_does_not_list_never_reaches_the_app(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        fields = [one if one[0] != b":protocol" else (b":protocol", b"connect-udp") for one in connect_to(b"/")]
        assert (await two.whole(two.ask(fields, ended=False))).status == 501
        assert (await two.whole(two.ask([(b":method", b"CONNECT"), (b":authority", b"db.test:5432")]))).status == 405
        assert app.connections == 0


async def test_a_reset_by_the_client_frees_the_app(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(connect_to(b"/ws"), ended=False)
        upstream, seen = await app.asked()
        await opened(two, number, upstream, seen)
        two.h2.reset_stream(number, CANCEL)
        two.send()
        assert await take_end(upstream) is not End.OPEN
        assert (await front.book.next_ended()).ended_by is Party.CLIENT


async def test_an_app_that_is_lost_ends_the_stream(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(connect_to(b"/ws"), ended=False)
        upstream, seen = await app.asked()
        await opened(two, number, upstream, seen)
        await upstream.reset()
        assert (await two.whole(number)).over
        assert (await front.book.next_ended()).ended_by is Party.UPSTREAM


async def test_sockets_events_and_pages_share_a_connection(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        sockets = []
        for place in range(5):
            number = two.ask(connect_to(b"/ws/%d" % place), ended=False)
            upstream, seen = await app.asked()
            await opened(two, number, upstream, seen)
            sockets.append((number, upstream))
        page = two.ask(fields_of())
        upstream, _ = await app.asked()
        upstream.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"page"))
        await two.take(page, b"page")
        for number, upstream in sockets:
            two.say(number, b"to %d" % number)
            assert await take(upstream, b"to %d" % number)
            upstream.writer.write(b"from %d" % number)
            await two.take(number, b"from %d" % number)


async def test_sockets_count_among_the_streams(certificate: Certificate) -> None:
    async with secure(certificate, max_streams="1") as (app, front), talking(front, certificate) as two:
        number = two.ask(connect_to(b"/ws"), ended=False)
        upstream, seen = await app.asked()
        await opened(two, number, upstream, seen)
        refused = await two.whole(two.ask(connect_to(b"/ws"), ended=False))
        assert refused.status == 503
        assert refused.value(b"retry-after")
