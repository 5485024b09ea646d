"""Back-pressure, fairness and time over HTTP/2: who does not read holds up nobody but itself, and costs a bound."""

from __future__ import annotations

import asyncio
import socket

from antechamber.edge.upstream import WRITE_HIGH
from antechamber.ledger import Reason
from antechamber.protocol.http2_server import STREAM_WINDOW_BYTES
from tests.edge.app import CHUNKED, EVENT_STREAM, App, chunk, ok
from tests.edge.front import Front
from tests.edge.talk import PATIENCE_S, take_body
from tests.edge.two import Certificate, Two, connect_to, fields_of, secure, talking
from tests.hostile.wire import Wire

MIB = 1024 * 1024
FRAME = 16 * 1024
NO_ERROR, REFUSED_STREAM = 0, 7


async def event_stream(app: App, two: Two) -> tuple[int, Wire]:
    number = two.ask(fields_of(b"GET", b"/events"))
    upstream, _ = await app.asked()
    upstream.writer.write(EVENT_STREAM)
    await two.head(number)
    return number, upstream


async def body_of(two: Two, number: int, least: int) -> None:
    await two.until(lambda: len(two.streams[number].body) >= least)


def waiting(front: Front) -> int:
    """Octets that wait in the edge for its clients."""
    assert front.edge.setting is not None
    return sum(transport.get_write_buffer_size() for transport in front.edge.setting.transports())


async def stalled_download(app: App, two: Two, size: int = 8 * MIB) -> tuple[int, Wire]:
    """A large answer that the client has no window for."""
    number = two.ask(fields_of(b"GET", b"/large"))
    upstream, _ = await app.asked()
    upstream.send_beside(ok(b"x" * size))
    return number, upstream


async def test_a_stream_without_a_window_waits_within_a_bound_and_holds_up_no_other(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate, window=1000) as two:
        downloads = [(await stalled_download(app, two))[0] for _ in range(5)]
        two.acknowledging = False
        for number in downloads:
            await body_of(two, number, 1000)
        events, upstream = await event_stream(app, two)
        for turn in range(5):
            upstream.writer.write(chunk(b"data: %d\n\n" % turn))
            await two.take(events, b"data: %d\n\n" % turn)
        assert 0 < waiting(front) < 5 * (WRITE_HIGH + 256 * 1024)
        two.acknowledging = True
        for number in downloads:
            two.acknowledge(number, 1000)
        for number in downloads:
            assert len((await two.whole(number)).body) == 8 * MIB


async def test_events_pass_beside_a_large_download(certificate: Certificate) -> None:
    """An event is behind a frame or two of the others, not behind their bodies."""
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        events, upstream = await event_stream(app, two)
        downloads = [(await stalled_download(app, two, 16 * MIB))[0] for _ in range(3)]
        for number in downloads:
            await body_of(two, number, 1)
        upstream.writer.write(chunk(b"data: now\n\n"))
        await two.take(events, b"data: now\n\n")
        assert all(not two.streams[number].ended for number in downloads)


async def test_an_event_is_not_behind_megabytes_in_the_kernel(certificate: Certificate) -> None:
    """A client whose line is slower than ours: what it has not got yet waits in the edge, where an event overtakes."""
    async with secure(certificate) as (app, front):
        line = socket.create_connection((front.edge.addresses[0].host, front.port))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * FRAME)
        reader, writer = await asyncio.open_connection(
            sock=line, ssl=certificate.two, server_hostname="edge.test", limit=FRAME
        )
        two = Two(reader, writer, window=64 * MIB)
        two.h2.increment_flow_control_window(64 * MIB)
        events, upstream = await event_stream(app, two)
        number, _ = await stalled_download(app, two, 64 * MIB)
        while len(two.streams[number].body) < 16 * MIB:  # the kernel takes more of what goes fast
            await two.read()
        await until_blocked(front)
        two.streams[number].body.clear()
        upstream.writer.write(chunk(b"data: now\n\n"))
        await two.take(events, b"data: now\n\n")
        assert len(two.streams[number].body) < 2 * MIB
        await two.close()


async def until_blocked(front: Front) -> None:
    """Until the client has taken what it can, and the app is not read for its sake."""
    assert front.edge.setting is not None
    async with asyncio.timeout(PATIENCE_S):
        while not any(end.blocked for end in front.edge.setting.connections):
            await asyncio.sleep(0.01)


async def test_large_bodies_share_the_connection_in_turn(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        numbers = [(await stalled_download(app, two))[0] for _ in range(4)]
        await two.until(lambda: min(len(two.streams[number].body) for number in numbers) > MIB)
        assert not any(two.streams[number].ended for number in numbers)


async def test_they_take_turns_where_the_connection_has_the_narrowest_window_too(certificate: Certificate) -> None:
    """It begins with 64 KiB, and a client may leave it so (RFC 9113 6.9.2): nobody has it for himself."""
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        numbers = [(await stalled_download(app, two))[0] for _ in range(8)]
        await two.until(lambda: min(len(two.streams[number].body) for number in numbers) > 10 * FRAME)
        assert max(len(two.streams[number].body) for number in numbers) < MIB


async def test_an_app_that_does_not_read_holds_up_its_upload_and_no_other(certificate: Certificate) -> None:
    """Flow control from end to end: windows are given back as the app takes the content."""
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        stuck = two.ask(fields_of(b"POST", b"/stuck", (b"content-length", b"%d" % (64 * MIB))), ended=False)
        filling = asyncio.create_task(two.upload(stuck, bytes(64 * MIB)))
        stalled, _ = await app.asked()
        stalled.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a ReadTransport as well
        setting = front.edge.setting
        assert setting is not None
        async with asyncio.timeout(PATIENCE_S):
            while not any(end.paused for end in setting.connections):
                await asyncio.sleep(0.01)
        filling.cancel()
        other = two.ask(fields_of(b"POST", b"/other"), ended=False)
        sending = asyncio.create_task(two.upload(other, bytes(2 * MIB)))
        upstream, seen = await app.asked()
        assert await take_body(upstream, seen) == bytes(2 * MIB)
        await sending
        upstream.writer.write(ok())
        assert (await two.whole(other)).status == 200
        assert not two.streams[stuck].over


async def test_a_client_that_takes_nothing_is_given_up_stream_by_stream(certificate: Certificate) -> None:
    async with (
        secure(certificate, send_timeout="1s") as (app, front),
        talking(front, certificate, window=1000) as two,
    ):
        two.acknowledging = False
        number, _ = await stalled_download(app, two)
        answer = await two.whole(number)
        assert answer.reset is not None
        assert (await front.book.next_ended()).reason is Reason.SEND_TIMEOUT
        assert not two.closed


async def test_downloads_that_a_narrow_line_shares_are_each_slow_and_none_is_given_up(certificate: Certificate) -> None:
    """Twenty, each a frame in a quarter of a second: what the edge holds of one takes longer than it may to send it."""
    size = 16 * FRAME
    async with secure(certificate, send_timeout="1s") as (app, front), talking(front, certificate, window=FRAME) as two:
        two.acknowledging = False
        two.h2.increment_flow_control_window(16 * MIB)
        numbers = [(await stalled_download(app, two, size))[0] for _ in range(20)]
        for got in range(FRAME, size + FRAME, FRAME):
            for number in numbers:
                await two.until(lambda number=number, got=got: len(two.streams[number].body) >= got)  # type: ignore[misc]
                await asyncio.sleep(0.012)  # the line is narrow
                two.acknowledge(number, FRAME)
        for number in numbers:
            assert (await two.whole(number)).ended


async def test_a_connection_without_streams_is_closed_after_a_while(certificate: Certificate) -> None:
    async with (
        secure(certificate, keepalive_idle_timeout="1s", request_head_timeout="1s") as (app, front),
        talking(front, certificate) as two,
        talking(front, certificate) as silent,
    ):
        number = two.ask(fields_of())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        await two.whole(number)
        await two.until_closed()
        assert two.goaways == [(NO_ERROR, number)]
        await silent.until_closed()
        assert silent.goaways == [(NO_ERROR, 0)]


async def test_a_head_that_never_ends_is_not_waited_for(certificate: Certificate) -> None:
    async with (
        secure(certificate, request_head_timeout="1s") as (_, front),
        talking(front, certificate) as two,
    ):
        two.writer.write(b"\x00\x00\x01\x01\x01\x00\x00\x00\x01\x82")  # HEADERS without END_HEADERS
        await two.until_closed()


async def test_a_head_that_never_ends_is_not_waited_for_beside_a_stream_either(certificate: Certificate) -> None:
    async with secure(certificate, request_head_timeout="1s") as (app, front), talking(front, certificate) as two:
        events, _ = await event_stream(app, two)
        two.writer.write(b"\x00\x00\x01\x01\x01" + (events + 2).to_bytes(4) + b"\x82")
        await two.until_closed()
        assert "not complete within 1 s" in (await front.book.next_ended()).detail


async def test_a_quiet_stream_keeps_its_connection(certificate: Certificate) -> None:
    async with (
        secure(certificate, keepalive_idle_timeout="500ms", request_head_timeout="500ms") as (app, front),
        talking(front, certificate) as two,
    ):
        events, upstream = await event_stream(app, two)
        short = two.ask(fields_of(b"GET", b"/short"))
        other, _ = await app.asked()
        other.writer.write(ok())
        await two.whole(short)
        await asyncio.sleep(2)
        upstream.writer.write(chunk(b"data: still\n\n"))
        await two.take(events, b"data: still\n\n")


async def test_streams_over_the_limit_are_refused_one_by_one(certificate: Certificate) -> None:
    async with (
        secure(certificate, max_streams_per_connection="2") as (app, front),
        talking(front, certificate) as two,
    ):
        await event_stream(app, two)
        await event_stream(app, two)
        two.h2.remote_settings.update({3: 100})
        two.h2.remote_settings.acknowledge()
        number = two.ask(fields_of())
        assert (await two.whole(number)).reset == REFUSED_STREAM


async def test_a_connection_over_the_limit_is_told_so(certificate: Certificate) -> None:
    async with (
        secure(certificate, max_connections_per_client="1") as (app, front),
        talking(front, certificate) as one,
    ):
        await event_stream(app, one)
        async with talking(front, certificate) as two:
            answer = await two.whole(two.ask(fields_of()))
            assert (answer.status, bool(answer.value(b"retry-after"))) == (503, True)
            assert b"max-connections-per-client" in bytes(answer.body)
            await two.until_closed()


async def test_exchanges_are_bounded_over_all_connections(certificate: Certificate) -> None:
    """Each needs a descriptor towards the app, however few connections they come on."""
    async with secure(certificate, max_connections="4") as (app, front), talking(front, certificate) as two:
        for _ in range(4):
            await event_stream(app, two)
        answer = await two.whole(two.ask(fields_of()))
        assert (answer.status, app.connections) == (503, 4)


# Stopping


async def test_a_drain_says_goodbye_in_two_steps_and_lets_requests_finish(certificate: Certificate) -> None:
    async with secure(certificate, drain_timeout="10s") as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of())
        upstream, _ = await app.asked()
        upstream.writer.write(CHUNKED + chunk(b"a "))
        await two.take(number, b"a ")
        draining = asyncio.create_task(front.edge.drain(asyncio.Event()))
        await two.until(lambda: len(two.goaways) == 2)
        assert two.goaways == [(NO_ERROR, 2**31 - 1), (NO_ERROR, number)]
        upstream.writer.write(chunk(b"whole") + b"0\r\n\r\n")
        answer = two.streams[number]
        while not answer.ended and not two.closed:
            await two.read()
        assert bytes(answer.body) == b"whole"
        assert (await draining).cut == 0


async def test_what_still_holds_at_the_end_of_the_grace_is_ended(certificate: Certificate) -> None:
    async with secure(certificate, drain_timeout="500ms") as (app, front), talking(front, certificate) as two:
        events, _ = await event_stream(app, two)
        socket = two.ask(connect_to(b"/ws"), ended=False)
        drained = asyncio.create_task(front.edge.drain(asyncio.Event()))
        while not two.closed and not (two.streams[events].over and two.streams[socket].over):
            await two.read()
        assert two.streams[events].reset is not None, "a stream that is cut is not whole"
        assert two.streams[socket].status == 503
        assert (await drained).cut == 2


async def test_idle_connections_are_closed_at_once_when_draining(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        await two.whole(number)
        drained = await front.edge.drain(asyncio.Event())
        await two.until_closed()
        assert (two.goaways, drained.cut) == ([(NO_ERROR, number)], 0)


def test_the_window_of_a_stream_is_no_more_than_a_connection_over_http11_may_hold() -> None:
    assert STREAM_WINDOW_BYTES <= 2 * WRITE_HIGH
