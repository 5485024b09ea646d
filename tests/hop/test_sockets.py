"""What a bad hop does to WebSockets, seen on the wire."""

from __future__ import annotations

import pytest

from antechamber.protocol.handshake import accept_of
from tests.edge.talk import PATIENCE_S, take, take_answer, take_end, take_head
from tests.hop.between import KEY, UPGRADE, Since, between, frame, get
from tests.hop.shown import shows
from tests.hostile.wire import End, after

HANDSHAKE = get("/socket")[:-2] + UPGRADE + b"\r\n"
CLOSE_1009 = b"\x88\x11\x03\xf1message too big"


async def test_a_hop_without_faults_passes_octets_both_ways() -> None:
    async with between() as hop:
        client, app = await hop.socket()
        client.writer.write(frame(b"up", masked=True))
        assert await take(app, frame(b"up", masked=True))
        app.writer.write(frame(b"down"))
        assert await take(client, frame(b"down"))
        await app.close()
        assert await take_end(client) is End.CLOSED


@shows("strip-upgrade")
async def test_without_its_upgrade_the_handshake_is_an_ordinary_get() -> None:
    async with between(strip_upgrade=True) as hop:
        client = await hop.ask(HANDSHAKE)
        app, seen = await hop.app.asked()
        assert seen.all("upgrade") == []
        assert seen.all("connection") == []
        assert seen.all("sec-websocket-key") == [KEY.decode()]
        app.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\npage")
        assert (await take_answer(client)).body == b"page"


@shows("refuse-upgrade")
@pytest.mark.parametrize("status", [400, 426])
async def test_a_refused_handshake_gets_the_status_and_the_app_hears_nothing(status: int) -> None:
    async with between(refuse_upgrade=str(status)) as hop:
        client = await hop.ask(HANDSHAKE)
        assert (await take_answer(client)).status == status
        app = await hop.app.accepted()
        assert app.inbox == b""


@shows("ignore-upgrade")
async def test_an_ignored_handshake_gets_nothing_while_pages_are_answered() -> None:
    async with between(ignore_upgrade=True) as hop:
        client = await hop.ask(HANDSHAKE)
        silent = await hop.app.accepted()
        page = await hop.ask(get("/"))
        app, _ = await hop.app.asked()
        app.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert (await take_answer(page)).status == 204
        assert client.reader._buffer == b""  # type: ignore[attr-defined]  # nothing has come, read or not
        assert silent.reader._buffer == b""  # type: ignore[attr-defined]


@shows("early-switch")
async def test_an_early_switch_is_a_right_handshake_and_then_nothing_either_way() -> None:
    async with between(early_switch=True) as hop:
        client = await hop.ask(HANDSHAKE)
        head = await take_head(client)
        assert head.status == 101
        assert head.all("sec-websocket-accept") == [accept_of(KEY).decode()]
        client.writer.write(frame(b"anybody there?", masked=True))
        app = await hop.app.accepted()
        page = await hop.ask(get("/"))
        other, _ = await hop.app.asked()
        other.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert (await take_answer(page)).status == 204
        assert app.reader._buffer == b""  # type: ignore[attr-defined]


@shows("hold-frames")
async def test_held_frames_come_together_after_the_time() -> None:
    async with between(hold_frames="400ms") as hop:
        client, app = await hop.socket()
        since = Since()
        app.writer.write(frame(b"one"))
        await app.writer.drain()
        app.writer.write(frame(b"two"))
        assert await take(client, frame(b"two")) == frame(b"one") + frame(b"two")
        assert since.seconds >= 0.36


@shows("max-message")
@pytest.mark.parametrize("step", [1, 7, 10_000])
async def test_a_message_over_the_size_closes_the_socket_with_1009_whichever_way_it_goes(step: int) -> None:
    async with between(max_message="100") as hop:
        for upwards in (True, False):
            client, app = await hop.socket()
            talker, listener = (client, app) if upwards else (app, client)
            small, large = frame(b"x" * 100, masked=upwards), frame(b"x" * 101, masked=upwards)
            for start in range(0, len(small), step):
                talker.writer.write(small[start : start + step])
            assert await take(listener, small) == small
            talker.writer.write(large)
            assert await take(client, CLOSE_1009)
            assert await take_end(client) is End.CLOSED
            assert await app.until_end(after(PATIENCE_S))


async def test_a_socket_is_cut_at_its_age() -> None:
    async with between(cut_after="300ms") as hop:
        client, app = await hop.socket()
        app.writer.write(frame(b"one"))
        assert await take(client, frame(b"one"))
        assert await take_end(client) is End.CLOSED
        assert await app.until_end(after(PATIENCE_S))


async def test_what_is_held_is_delivered_when_the_app_closes() -> None:
    async with between(hold_frames="1h") as hop:
        client, app = await hop.socket()
        app.writer.write(frame(b"last words"))
        await app.writer.drain()
        await app.close()
        assert await take(client, frame(b"last words"))
        assert await take_end(client) is End.CLOSED


async def test_a_client_that_finishes_on_an_early_switch_is_let_go_although_the_app_has_closed_its_side() -> None:
    async with between(early_switch=True) as hop:
        client = await hop.ask(HANDSHAKE)
        assert (await take_head(client)).status == 101
        app = await hop.app.accepted()
        await app.abort()
        client.send_eof()
        assert await take_end(client) is End.CLOSED
