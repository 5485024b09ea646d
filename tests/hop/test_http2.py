"""A hop misbehaves over HTTP/2 as it does over HTTP/1.1: what is spoilt is one request with its answer."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest

from antechamber.hop.server import made
from antechamber.protocol.handshake import accept_of
from tests.edge.app import App, ok
from tests.edge.talk import PATIENCE_S, take, take_body
from tests.edge.two import Certificate, Two, connect_to, fields_of, issue
from tests.hop.between import LAST, STREAM, Since, event, frame
from tests.hostile.wire import Wire

HOLD_S = 0.4
CLOSE_1009 = b"\x88\x11\x03\xf1message too big"
INTERNAL_ERROR = 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return issue(tmp_path_factory.mktemp("tls"))


@dataclass(eq=False)
class Between:
    """A hop's app, and one HTTP/2 connection with the hop."""

    app: App
    two: Two

    async def streaming(self, *fields: tuple[bytes, bytes]) -> tuple[int, Wire]:
        number = self.two.ask(fields_of(b"GET", b"/events", *fields))
        app, _ = await self.app.asked()
        app.writer.write(STREAM)
        return number, app

    async def socket(self) -> tuple[int, Wire]:
        number = self.two.ask(connect_to(b"/socket"), ended=False)
        app, seen = await self.app.asked()
        accept = accept_of(seen.all("sec-websocket-key")[0].encode())
        app.writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept
        )
        assert (await self.two.head(number)).status == 200
        return number, app


@asynccontextmanager
async def between(certificate: Certificate, *, preset: str = "", **faults: object) -> AsyncIterator[Between]:
    async with App() as app:
        given = {name.replace("_", "-"): value for name, value in faults.items()}
        hop = made(app.url, given, like=preset, **certificate.flags)
        hop.notices.say = print
        await hop.start()
        async with asyncio.timeout(PATIENCE_S):
            wire = Wire(
                *await asyncio.open_connection(
                    "127.0.0.1", hop.addresses[0].port, ssl=certificate.two, server_hostname="edge.test"
                )
            )
        two = Two(wire.reader, wire.writer, window=1 << 20)
        two.send()
        try:
            yield Between(app, two)
        finally:
            await two.close()
            await hop.close()


async def test_a_hop_without_faults_passes_everything_on(certificate: Certificate) -> None:
    async with between(certificate) as hop:
        number, app = await hop.streaming()
        answer = await hop.two.head(number)
        assert (answer.status, answer.value(b"x-accel-buffering")) == (200, None)
        for turn in range(3):
            app.writer.write(event(turn))
            await hop.two.take(number, b"data: %d\n\n" % turn)
        socket, other = await hop.socket()
        hop.two.say(socket, frame(b"up", masked=True))
        assert await take(other, frame(b"up", masked=True))
        other.writer.write(frame(b"down"))
        await hop.two.take(socket, frame(b"down"))
        app.writer.write(LAST)
        assert (await hop.two.whole(number)).ended


async def test_held_events_come_together_after_the_time_and_hold_up_no_other_stream(certificate: Certificate) -> None:
    async with between(certificate, hold_events=f"{HOLD_S}s") as hop:
        number, app = await hop.streaming()
        await hop.two.head(number)
        since = Since()
        app.writer.write(event(1))
        page = hop.two.ask(fields_of(b"GET", b"/page"))
        other, _ = await hop.app.asked()
        other.writer.write(ok(b"page"))
        assert bytes((await hop.two.whole(page)).body) == b"page"
        app.writer.write(event(2))
        await hop.two.take(number, b"data: 1\n\ndata: 2\n\n")
        assert since.seconds >= HOLD_S


async def test_a_held_head_comes_with_the_first_event(certificate: Certificate) -> None:
    async with between(certificate, hold_headers=True) as hop:
        number, app = await hop.streaming()
        page = hop.two.ask(fields_of(b"GET", b"/page"))
        other, _ = await hop.app.asked()
        other.writer.write(ok(b"page"))
        await hop.two.whole(page)
        assert hop.two.streams[number].status == 0
        app.writer.write(event(1))
        await hop.two.take(number, b"data: 1\n\n")


async def test_a_collected_answer_is_delivered_whole_although_its_app_is_done(certificate: Certificate) -> None:
    async with between(certificate, collect_responses=True) as hop:
        number, app = await hop.streaming()
        for turn in range(3):
            app.writer.write(event(turn))
        app.writer.write(LAST)
        answer = await hop.two.whole(number)
        assert (bytes(answer.body), answer.ended) == (b"data: 0\n\ndata: 1\n\ndata: 2\n\n", True)


async def test_a_stream_that_is_cut_is_not_whole_and_the_connection_stays(certificate: Certificate) -> None:
    async with between(certificate, cut_after="300ms") as hop:
        number, app = await hop.streaming()
        app.writer.write(event(1))
        answer = await hop.two.whole(number)
        assert (answer.ended, answer.reset) == (False, INTERNAL_ERROR)
        page = hop.two.ask(fields_of(b"GET", b"/page"))
        other, _ = await hop.app.asked()
        other.writer.write(ok(b"page"))
        assert (await hop.two.whole(page)).status == 200


async def test_compressed_streams_and_pages(certificate: Certificate) -> None:
    async with between(certificate, gzip_streams=True, compress=True) as hop:
        number, app = await hop.streaming((b"accept-encoding", b"gzip, br"))
        app.writer.write(event(1) + LAST)
        answer = await hop.two.whole(number)
        assert answer.value(b"content-encoding") == b"gzip"
        assert zlib.decompress(bytes(answer.body), 16 + zlib.MAX_WBITS) == b"data: 1\n\n"


async def test_a_body_over_the_limit_is_refused(certificate: Certificate) -> None:
    async with between(certificate, max_body="1k") as hop:
        number = hop.two.ask(fields_of(b"POST", b"/", (b"content-length", b"2000")), ended=False)
        assert (await hop.two.whole(number)).status == 413


async def test_a_collected_request_comes_in_one(certificate: Certificate) -> None:
    async with between(certificate, collect_requests=True) as hop:
        number = hop.two.ask(fields_of(b"POST", b"/"), ended=False)
        hop.two.say(number, b"first ")
        app = await hop.app.accepted()
        assert app.inbox == b""
        hop.two.say(number, b"last", ended=True)
        head = await take(app, b"\r\n\r\n")
        assert head.startswith(b"POST / ")
        assert await take(app, b"0\r\n\r\n") == b"6\r\nfirst \r\n4\r\nlast\r\n0\r\n\r\n"


async def test_a_login_page_stands_in_for_the_app(certificate: Certificate) -> None:
    async with between(certificate, login_page=True) as hop:
        answer = await hop.two.whole(hop.two.ask(fields_of(b"GET", b"/api/event")))
        assert answer.status in (200, 302)
        assert not answer.reset


async def test_without_its_upgrade_a_websocket_is_an_ordinary_get(certificate: Certificate) -> None:
    async with between(certificate, strip_upgrade=True) as hop:
        number = hop.two.ask(connect_to(b"/socket"), ended=False)
        app, seen = await hop.app.asked()
        assert (seen.method, seen.all("upgrade"), seen.all("connection")) == ("GET", [], [])
        app.writer.write(ok(b"page"))
        answer = await hop.two.whole(number)
        assert (answer.status, bytes(answer.body)) == (200, b"page")


async def test_frames_are_held_and_messages_are_measured(certificate: Certificate) -> None:
    async with between(certificate, hold_frames=f"{HOLD_S}s", max_message="100") as hop:
        number, app = await hop.socket()
        since = Since()
        app.writer.write(frame(b"1") + frame(b"2"))
        await hop.two.take(number, frame(b"1") + frame(b"2"))
        assert since.seconds >= HOLD_S
        hop.two.say(number, frame(b"x" * 101, masked=True))
        answer = await hop.two.whole(number)
        assert (bytes(answer.body), answer.ended) == (CLOSE_1009, True)


async def test_cloudflare_speaks_http2_and_brotli(certificate: Certificate) -> None:
    async with between(certificate, preset="cloudflare-free") as hop:
        number = hop.two.ask(fields_of(b"GET", b"/", (b"accept-encoding", b"gzip, deflate, br, zstd")))
        wire, seen = await hop.app.asked()
        assert seen.all("cf-connecting-ip") == ["127.0.0.1"]
        assert await take_body(wire, seen) == b""
        wire.writer.write(ok(b"<p>page</p>" * 99, b"Content-Type: text/html\r\nServer: app\r\n"))
        answer = await hop.two.whole(number)
        assert (answer.value(b"server"), answer.value(b"content-encoding")) == (b"cloudflare", b"br")
        assert brotli.decompress(bytes(answer.body)) == b"<p>page</p>" * 99


@pytest.mark.parametrize("preset", ["nginx-default", "npm-default"])
async def test_proxies_that_are_not_told_to_speak_http2_do_not(certificate: Certificate, preset: str) -> None:
    hop = made("http://127.0.0.1:9", {}, like=preset, **certificate.flags)
    await hop.start()
    _, writer = await asyncio.open_connection(
        "127.0.0.1", hop.addresses[0].port, ssl=certificate.two, server_hostname="edge.test"
    )
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
    writer.transport.abort()
    await hop.close()
