"""The event bus on the wire: heads, first events, heartbeats, and one bus behind four routes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from antechamber.chamber.settings import Heartbeats, Limits
from tests.chamber.raw import DEADLINE_S, Client, Connection, chamber

BUS = {"content-type": "text/event-stream", "cache-control": "no-cache"}
NOTICES = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform"}
STREAMS = {
    "/api/event": BUS,
    "/api/global/event": BUS,
    "/api/notifications/stream": NOTICES,
    "/api/openchamber/events": NOTICES,
}
FIRST = {
    "/api/event": '{"type":"server.connected","properties":{}}',
    "/api/global/event": '{"payload":{"type":"server.connected","properties":{}}}',
    "/api/openchamber/events": '{"type":"openchamber:event-stream-ready","properties":{}}',
}


async def data_of(wire: Connection) -> Any:
    """The JSON of the next event with data; comments are skipped."""
    while True:
        for line in (await wire.chunk()).decode().split("\n"):
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))


async def of_type(wire: Connection, kind: str) -> Any:
    """The payload of the next event of a type, whichever route it comes by."""
    while True:
        data = await data_of(wire)
        payload = data.get("payload", data)
        if payload["type"] == kind:
            return payload


async def frame(socket: ClientConnection, *, kind: str = "") -> Any:
    """The next frame; with ``kind``, the next whose payload is of that type."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            value = json.loads(await socket.recv())
            if not kind or value.get("payload", {}).get("type") == kind:
                return value


async def _all(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    """What comes until the other side closes."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                yield await socket.recv()
            except ConnectionClosed:
                return


def socket_to(client: Client, path: str) -> connect:
    return connect(f"ws://127.0.0.1:{client.port}{path}", open_timeout=DEADLINE_S, close_timeout=1, proxy=None)


@pytest.mark.parametrize("path", STREAMS)
async def test_each_stream_has_the_head_of_its_route(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path) as client, client.stream(path) as (head, _):
        assert head.status == 200
        for name, value in STREAMS[path].items():
            assert head.all(name) == [value]
        assert head.all("x-accel-buffering") == ["no"]
        assert head.all("connection") == ["keep-alive"]
        assert head.all("transfer-encoding") == ["chunked"]
        assert head.all("x-robots-tag") == ["noindex, nofollow"]


@pytest.mark.parametrize("path", STREAMS)
async def test_head_is_answered_at_once(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path) as client:
        assert (await client.ask("HEAD", path)).status == 200


@pytest.mark.parametrize("path", FIRST)
async def test_each_stream_says_at_once_that_it_is_there(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path) as client, client.stream(path) as (_, wire):
        assert await wire.chunk() == f"data: {FIRST[path]}\n\n".encode()


async def test_the_notification_streams_first_event_holds_the_session_of_its_cookie(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.stream("/api/notifications/stream") as (head, wire):
        data = await data_of(wire)
        assert data["type"] == "openchamber:notification-stream-ready"
        assert head.get("set-cookie").startswith(f"oc_ui_session={data['properties']['uiToken']}; Path=/; HttpOnly")


@pytest.mark.parametrize("path", ["/API/Event", "/api/event/", "/api/global/EVENT/"])
async def test_streams_are_found_by_odd_spellings_and_never_compressed(tmp_path: Path, path: str) -> None:
    fields = {"Accept": "*/*", "Accept-Encoding": "gzip, br"}
    async with chamber(tmp_path) as client, client.stream(path, fields) as (head, wire):
        assert head.get("content-type") == "text/event-stream"
        assert not head.all("content-encoding")
        assert (await wire.chunk()).startswith(b"data: ")


async def test_an_http_1_0_client_gets_the_stream_unchunked(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.connection() as wire:
        await wire.send("GET /api/event HTTP/1.0\r\n\r\n")
        head = await wire.head()
        assert not head.all("transfer-encoding")
        assert await wire.until(b"\n\n") == f"data: {FIRST['/api/event']}\n\n".encode()


async def test_heartbeats_come_in_the_form_of_each_route(tmp_path: Path) -> None:
    async with chamber(tmp_path, heartbeats=Heartbeats.all_every(0.1)) as client:
        for path, wanted in (
            ("/api/event", {b":heartbeat\n\n", b'data: {"type":"server.heartbeat","properties":{}}\n\n'}),
            ("/api/global/event", {b":heartbeat\n\n"}),
            ("/api/notifications/stream", {b":heartbeat\n\n"}),
            ("/api/openchamber/events", {b'data: {"type":"openchamber:heartbeat","properties":{}}\n\n'}),
        ):
            async with client.stream(path) as (_, wire):
                while wanted:
                    wanted.discard(await wire.chunk())


def test_the_heartbeats_are_those_of_the_app() -> None:
    assert Heartbeats() == Heartbeats(
        server_event_s=10, socket_s=15, terminal_stream_s=15, comment_s=20, app_event_s=25
    )


async def test_both_sockets_say_ready_and_the_directory_one_that_it_is_connected(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        async with socket_to(client, "/api/global/event/ws") as socket:
            assert await frame(socket) == {"type": "ready", "scope": "global"}
        async with socket_to(client, "/api/event/ws") as socket:
            assert await frame(socket) == {"type": "ready", "scope": "directory"}
            assert (await frame(socket))["payload"]["type"] == "server.connected"


async def test_a_socket_gets_pings_and_heartbeat_events(tmp_path: Path) -> None:
    async with chamber(tmp_path, heartbeats=Heartbeats.all_every(0.1)) as client:
        async with socket_to(client, "/api/global/event/ws") as socket:
            assert await frame(socket, kind="openchamber:heartbeat")
            assert await frame(socket, kind="server.heartbeat")
        async with client.connection() as wire:
            await wire.send(
                "GET /api/event/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            await wire.head()
            assert (await wire.until(b"\x89\x04"))[-2:] == b"\x89\x04"


async def test_a_posted_message_reaches_all_four_routes_of_the_bus_with_one_id(tmp_path: Path) -> None:
    async with (
        chamber(tmp_path) as client,
        client.stream("/api/event") as (_, one),
        client.stream("/api/global/event") as (_, two),
        socket_to(client, "/api/event/ws") as three,
        socket_to(client, "/api/global/event/ws") as four,
    ):
        await frame(three, kind="server.connected")
        await frame(four)
        await data_of(one)
        await data_of(two)
        session = (await client.post("/api/session", {"title": "Hello"})).json()
        text = "Grüße ☕"
        said = await client.post(f"/api/session/{session['id']}/message", {"parts": [{"type": "text", "text": text}]})
        assert said.json()["parts"][0]["text"] == text
        kind = "message.part.updated"
        payloads = [await of_type(one, kind), await of_type(two, kind)]
        payloads += [(await frame(three, kind=kind))["payload"], (await frame(four, kind=kind))["payload"]]
        assert payloads[0]["properties"]["part"]["text"] == text
        assert all(payload == payloads[0] for payload in payloads)


async def test_the_directory_routes_carry_their_own_directory_only(tmp_path: Path) -> None:
    async with (
        chamber(tmp_path) as client,
        client.stream("/api/event?directory=%2Fa") as (_, ours),
        client.stream("/api/event?directory=%2Fb") as (_, others),
    ):
        await data_of(ours)
        await data_of(others)
        await client.post("/api/session", {"directory": "/a", "title": "for a"})
        await client.post("/api/session", {"directory": "/b", "title": "for b"})
        assert (await data_of(ours))["properties"]["info"]["title"] == "for a"
        assert (await data_of(others))["properties"]["info"]["title"] == "for b"


async def test_a_message_notifies_and_opening_a_terminal_is_an_event_of_the_app(tmp_path: Path) -> None:
    async with (
        chamber(tmp_path) as client,
        client.stream("/api/notifications/stream") as (_, notices),
        client.stream("/api/openchamber/events") as (_, events),
    ):
        await data_of(notices)
        await data_of(events)
        session = (await client.post("/api/session")).json()
        body = {"parts": [{"type": "text", "text": "hi"}]}
        assert (await client.post(f"/api/session/{session['id']}/prompt_async", body)).status == 204
        assert (await data_of(notices))["type"] == "openchamber:notification"
        terminal = (await client.post("/api/terminal/create", {"cwd": "."})).json()
        assert (await data_of(events))["properties"] == {"sessionId": terminal["sessionId"]}


async def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        async with client.stream("/api/global/event") as (_, wire):
            await data_of(wire)
            await client.post("/api/session", {"title": "seen"})
            seen = (await data_of(wire))["payload"]["id"]
        await client.post("/api/session", {"title": "missed 1"})
        await client.post("/api/session", {"title": "missed 2"})
        for target, headers in (
            ("/api/global/event", {"Last-Event-ID": seen}),
            (f"/api/global/event?lastEventId={seen}", {}),
        ):
            async with client.stream(target, headers) as (_, wire):
                assert (await data_of(wire))["payload"]["type"] == "server.connected"
                again = await wire.chunk()
                assert again.startswith(b"id: evt_")
                assert b"missed 1" in again
                assert (await data_of(wire))["payload"]["properties"]["info"]["title"] == "missed 2"
        async with socket_to(client, f"/api/global/event/ws?lastEventId={seen}") as socket:
            assert (await frame(socket))["type"] == "ready"
            assert (await frame(socket))["payload"]["properties"]["info"]["title"] == "missed 1"
            assert (await frame(socket))["eventId"].startswith("evt_")


async def test_an_event_that_is_no_longer_remembered_replays_nothing(tmp_path: Path) -> None:
    async with chamber(tmp_path, limits=Limits(replay_events=2)) as client:
        ids = [client.running.chamber.bus.publish("test", {"n": number}).id for number in range(4)]
        async with client.stream("/api/global/event", {"Last-Event-ID": ids[0]}) as (_, wire):
            await data_of(wire)
            client.running.chamber.bus.publish("test", {"n": 99})
            assert (await data_of(wire))["payload"]["properties"] == {"n": 99}


async def test_a_socket_that_does_not_read_is_closed_with_1013_and_holds_no_memory(tmp_path: Path) -> None:
    limits = Limits(feed_bytes=1024 * 1024, feed_warning_bytes=512 * 1024)
    async with chamber(tmp_path, limits=limits) as client, socket_to(client, "/api/global/event/ws") as socket:
        await frame(socket)
        socket.transport.pause_reading()
        bus = client.running.chamber.bus
        pad = "x" * 100_000
        for number in range(1000):
            bus.publish("flood", {"n": number, "pad": pad})
            await asyncio.sleep(0)
        socket.transport.resume_reading()
        assert [message async for message in _all(socket)]
        assert socket.close_code == 1013
        assert bus.consumers == 0


async def test_a_socket_that_falls_behind_is_warned_before_it_is_closed(tmp_path: Path) -> None:
    limits = Limits(feed_bytes=1024 * 1024, feed_warning_bytes=512 * 1024)
    async with chamber(tmp_path, limits=limits) as client, socket_to(client, "/api/global/event/ws") as socket:
        await frame(socket)
        socket.transport.pause_reading()
        bus = client.running.chamber.bus
        async with asyncio.timeout(DEADLINE_S):
            while bus.most_waiting_bytes < 600 * 1024:
                bus.publish("flood", {"pad": "x" * 50_000})
                await asyncio.sleep(0)
        socket.transport.resume_reading()
        while (await frame(socket))["type"] != "backpressure":
            pass
        bus.publish("test", {})
        assert await frame(socket, kind="test")


async def test_what_a_client_sends_to_an_event_socket_is_ignored(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, socket_to(client, "/api/global/event/ws") as socket:
        await frame(socket)
        await socket.send("anything")
        await socket.send(b"\x00\xff")
        client.running.chamber.bus.publish("test", {})
        assert (await frame(socket))["payload"]["type"] == "test"


async def test_a_stream_whose_client_has_gone_is_let_go(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        async with client.stream("/api/event") as (_, wire):
            await wire.chunk()
            assert client.running.chamber.bus.consumers == 1
        async with asyncio.timeout(DEADLINE_S):
            while client.running.chamber.bus.consumers:
                await asyncio.sleep(0.01)
        assert len(client.running.chamber.open_streams) == 0


async def test_stopping_cuts_streams_without_a_last_chunk_and_drops_sockets(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writer.write(b"GET /api/event HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        socket = await socket_to(client, "/api/global/event/ws")
    async with asyncio.timeout(DEADLINE_S):
        left = await reader.read()
        await socket.wait_closed()
    assert not left.endswith(b"0\r\n\r\n")
    assert socket.close_code == 1006
    writer.transport.abort()
