"""What a bad hop does to requests and their bodies, seen by the app."""

from __future__ import annotations

import pytest

from tests.edge.talk import PATIENCE_S, take, take_answer, take_body
from tests.hop.between import HOST, Between, Since, between, get, post
from tests.hop.shown import shows
from tests.hostile.strict import Seen
from tests.hostile.wire import after

CLAIMS = ("X-Forwarded-For: 203.0.113.66", "X-Forwarded-Host: evil.example", "CF-Connecting-IP: 203.0.113.66")


async def arrived(hop: Between, *fields: str, target: str = "/") -> Seen:
    """What the app gets of a request."""
    await hop.ask(get(target, *fields))
    _, seen = await hop.app.asked()
    return seen


async def test_a_hop_without_faults_tells_the_app_what_it_sees() -> None:
    async with between() as hop:
        seen = await arrived(hop, *CLAIMS, "Last-Event-ID: 7", target="/a?b=c")
    assert seen.target == "/a?b=c"
    assert seen.all("host") == seen.all("x-forwarded-host") == [HOST]
    assert seen.all("x-forwarded-for") == seen.all("x-real-ip") == ["127.0.0.1"]
    assert seen.all("x-forwarded-proto") == ["http"]
    assert seen.all("last-event-id") == ["7"]
    assert seen.all("cf-connecting-ip") == []


@shows("host")
async def test_the_host_is_the_apps_own_address_or_a_name() -> None:
    async with between(host="inner") as hop:
        seen = await arrived(hop)
        assert seen.all("host") == [f"127.0.0.1:{hop.app.port}"]
        assert seen.all("x-forwarded-host") == [HOST]
    async with between(host="other.example") as hop:
        assert (await arrived(hop)).all("host") == ["other.example"]


@shows("drop-port")
async def test_the_port_is_lost_from_both_names() -> None:
    async with between(drop_port=True) as hop:
        seen = await arrived(hop)
    assert seen.all("host") == seen.all("x-forwarded-host") == ["hop.test"]


@shows("forwarded-proto", "forwarded-host")
async def test_scheme_and_name_are_what_the_hop_makes_of_them() -> None:
    async with between(forwarded_proto="wss", forwarded_host="inner") as hop:
        seen = await arrived(hop)
        assert seen.all("x-forwarded-proto") == ["wss"]
        assert seen.all("x-forwarded-host") == [f"127.0.0.1:{hop.app.port}"]


@shows("strip-header")
async def test_stripped_fields_do_not_arrive_and_others_do() -> None:
    async with between(strip_header=["X-Forwarded-For", "Cookie", "last-event-id"]) as hop:
        seen = await arrived(hop, "Cookie: a=b", "Last-Event-ID: 7", "X-Other: 1")
    assert [seen.all(name) for name in ("x-forwarded-for", "cookie", "last-event-id")] == [[], [], []]
    assert seen.all("x-other") == ["1"]


@shows("append-client")
async def test_the_clients_own_chain_stays_in_front_and_nothing_else_of_its_words() -> None:
    async with between(append_client=True) as hop:
        seen = await arrived(hop, *CLAIMS)
    assert seen.all("x-forwarded-for") == ["203.0.113.66, 127.0.0.1"]
    assert seen.all("x-real-ip") == ["127.0.0.1"]
    assert seen.all("x-forwarded-host") == [HOST]
    assert seen.all("forwarded") == []


@shows("believe-anyone")
async def test_whatever_a_client_says_of_itself_reaches_the_app() -> None:
    async with between(believe_anyone=True) as hop:
        seen = await arrived(hop, *CLAIMS)
    assert seen.all("x-forwarded-for") == ["203.0.113.66, 127.0.0.1"]
    assert seen.all("x-real-ip") == seen.all("cf-connecting-ip") == ["203.0.113.66"]
    assert seen.all("x-forwarded-host") == ["evil.example"]


@shows("drop-query")
async def test_the_query_is_gone() -> None:
    async with between(drop_query=True) as hop:
        assert (await arrived(hop, target="/a?token=1")).target == "/a"


@shows("max-header")
async def test_a_header_block_over_the_size_is_431() -> None:
    async with between(max_header="1k") as hop:
        assert (await take_answer(await hop.ask(get("/", f"X-Long: {'x' * 1024}")))).status == 431
        assert (await arrived(hop, f"X-Long: {'x' * 512}")).all("x-long")


@shows("max-body")
async def test_a_body_over_the_size_is_413_and_one_within_it_passes() -> None:
    async with between(max_body="1k") as hop:
        assert (await take_answer(await hop.ask(post(1025)))).status == 413
        await hop.ask(post(1024) + bytes(1024))
        _, seen = await hop.app.asked_whole()
    assert seen.body == bytes(1024)


@shows("collect-requests")
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_collected_request_arrives_only_when_it_is_whole(chunked: bool) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" if chunked else post(6)
    pieces = (b"3\r\nabc\r\n", b"3\r\ndef\r\n0\r\n\r\n") if chunked else (b"abc", b"def")
    async with between(collect_requests=True) as hop:
        client = await hop.ask(head + pieces[0])
        app = await hop.app.accepted()
        page = await hop.ask(get("/page"))
        other, _ = await hop.app.asked()
        other.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert (await take_answer(page)).status == 204
        assert app.reader._buffer == b""  # type: ignore[attr-defined]  # nothing has come, read or not
        client.writer.write(pieces[1])
        assert (await take(app, b"\r\n\r\n")).startswith(b"POST ")
        assert b"def" in await take(app, b"def")


async def test_a_body_that_is_not_collected_streams() -> None:
    async with between() as hop:
        client = await hop.ask(post(6) + b"abc")
        app, seen = await hop.app.asked()
        assert await take(app, b"abc") == b"abc"
        client.writer.write(b"def")
        assert await take(app, b"def") == b"def"
        assert seen.all("content-length") == ["6"]


@shows("cut-upload")
async def test_an_upload_that_takes_too_long_is_a_504_although_it_is_not_stalled() -> None:
    async with between(cut_upload="300ms") as hop:
        since = Since()
        client = await hop.ask(post(1_000_000))
        client.send_beside(bytes(100_000), step=1000, pause_s=0.02)
        assert (await take_answer(client)).status == 504
        assert since.seconds >= 0.27
        quick = await hop.ask(post(3) + b"abc")
        _, app = await hop.app.accepted(), await hop.app.accepted()
        assert await take(app, b"abc")
        app.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert (await take_answer(quick)).status == 204


@shows("hide-departures")
async def test_the_app_is_not_told_that_a_client_left() -> None:
    async with between(hide_departures=True) as hop:
        client, app = await hop.streaming()
        socket, socket_app = await hop.socket()
        await client.abort()
        await socket.abort()
        page = await hop.ask(get("/page"))
        other, _ = await hop.app.asked()
        other.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert (await take_answer(page)).status == 204
        for wire in (app, socket_app):
            assert not wire.reader.at_eof()
            wire.writer.write(b"x" * 1000)
            await wire.writer.drain()
            assert not wire.writer.is_closing()


async def test_without_that_fault_the_app_is_told() -> None:
    async with between() as hop:
        client, app = await hop.streaming()
        await client.abort()
        assert await app.until_end(after(PATIENCE_S))


async def test_a_body_in_pieces_reaches_the_app_whole() -> None:
    body = bytes(range(256)) * 4096
    async with between() as hop:
        client = await hop.ask(post(len(body)))
        client.send_beside(body, step=65_537)
        app, seen = await hop.app.asked()
        assert await take_body(app, seen) == body
