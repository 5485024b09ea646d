"""The live surface: four event streams and three sockets, from the handshake to the close code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import websockets
from websockets.exceptions import InvalidStatus

from tests.contract.conftest import DEADLINE_S, Server

STREAMS = {
    "/api/event": ("text/event-stream", "no-cache", "server.connected"),
    "/api/global/event": ("text/event-stream", "no-cache", "server.connected"),
    "/api/notifications/stream": (
        "text/event-stream; charset=utf-8",
        "no-cache, no-transform",
        "openchamber:notification-stream-ready",
    ),
    "/api/openchamber/events": (
        "text/event-stream; charset=utf-8",
        "no-cache, no-transform",
        "openchamber:event-stream-ready",
    ),
}
SOCKETS = ("/api/event/ws", "/api/global/event/ws", "/api/terminal/ws")
SILENT_S = 1.0
"""How long nothing must come where nothing may: silence cannot be waited for otherwise."""


def cookie(member: httpx.AsyncClient) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in member.cookies.items())} if member.cookies else {}


def socket_to(server: Server, path: str, fields: Mapping[str, str], *, origin: str | None = None) -> Any:
    own = server.url if origin is None else origin
    return websockets.connect(
        server.sockets + path,
        additional_headers=dict(fields),
        origin=websockets.Origin(own) if own else None,
        open_timeout=DEADLINE_S,
        close_timeout=1,
        proxy=None,
    )


async def received(socket: Any) -> Any:
    async with asyncio.timeout(DEADLINE_S):
        message = await socket.recv()
    return json.loads(message[1:] if isinstance(message, bytes) else message)


async def of_type(socket: Any, kind: str) -> Any:
    while (message := await received(socket)).get("t") != kind:
        pass
    return message


@pytest.mark.parametrize("path", STREAMS)
async def test_a_stream_has_its_head_and_says_at_once_that_it_is_live(member: httpx.AsyncClient, path: str) -> None:
    content_type, cache, first = STREAMS[path]
    async with member.stream("GET", path, headers={"Accept-Encoding": "gzip, br"}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == content_type
        assert answer.headers["cache-control"] == cache
        assert answer.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in answer.headers
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                event = json.loads(line.removeprefix("data:"))
                assert event.get("payload", event)["type"] == first
                break


@pytest.mark.parametrize("path", STREAMS)
async def test_head_of_a_stream_is_answered_at_once(member: httpx.AsyncClient, path: str) -> None:
    assert (await member.head(path)).status_code == 200


@pytest.mark.parametrize("path", SOCKETS)
async def test_a_socket_opens_and_speaks_first(member: httpx.AsyncClient, server: Server, path: str) -> None:
    async with socket_to(server, path, cookie(member)) as socket:
        assert socket.response.headers.get("sec-websocket-extensions") is None
        first = await received(socket)
        assert first.get("type") == "ready" or first == {"t": "hello", "v": 3}


@pytest.mark.parametrize("path", SOCKETS)
async def test_with_a_password_a_socket_asks_for_login_then_for_origin(
    member: httpx.AsyncClient, server: Server, path: str
) -> None:
    if not server.password:
        pytest.skip("that server has no password")
    for fields, origin, status in (
        ({}, None, 401),
        (cookie(member), "https://elsewhere.example", 403),
        (cookie(member), "", 403),
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with socket_to(server, path, fields, origin=origin):
                pass
        assert refused.value.response.status_code == status
    behind = {**cookie(member), "X-Forwarded-Proto": "https", "X-Forwarded-Host": "chamber.example.com"}
    async with socket_to(server, path, behind, origin="https://chamber.example.com") as socket:
        assert await received(socket)


async def test_a_url_token_opens_a_socket_without_a_cookie(member: httpx.AsyncClient, server: Server) -> None:
    token = (await member.post("/auth/url-token")).json()["token"]
    async with socket_to(server, f"/api/global/event/ws?oc_url_token={token}", {}) as socket:
        assert (await received(socket))["type"] == "ready"


async def test_an_upgrade_for_an_unknown_path_gets_no_bytes(server: Server) -> None:
    target = httpx.URL(server.url)
    reader, writer = await asyncio.open_connection(target.host, target.port or 80)
    writer.write(
        f"GET /api/event/ws/ HTTP/1.1\r\nHost: {target.netloc.decode()}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SILENT_S):
            await reader.read(1)
    writer.transport.abort()


async def test_a_terminal_answers_survives_its_socket_and_ends(member: httpx.AsyncClient, server: Server) -> None:
    made = await member.post("/api/terminal/create", json={"cwd": server.directory, "cols": 80, "rows": 24})
    assert made.status_code == 200, made.text
    session = made.json()["sessionId"]

    async def say(socket: Any, **message: object) -> None:
        await socket.send(b"\x01" + json.dumps({"s": session, **message}).encode())

    async with socket_to(server, "/api/terminal/ws", cookie(member)) as socket:
        await of_type(socket, "hello")
        await say(socket, t="attach")
        await of_type(socket, "snapshot")
        await say(socket, t="write", d="echo forty-$((40 + 2))\r")
        printed = ""
        while "forty-42" not in printed:
            printed += (await of_type(socket, "output"))["d"]
    async with socket_to(server, "/api/terminal/ws", cookie(member)) as socket:
        await say(socket, t="attach")
        assert "forty-42" in (await of_type(socket, "snapshot"))["d"]
        resized = await member.post(f"/api/terminal/{session}/resize", json={"cols": 100, "rows": 30})
        assert resized.status_code == 200
        assert (await member.delete(f"/api/terminal/{session}")).status_code == 200
        assert (await of_type(socket, "error"))["code"] == "CLOSED"
    assert (await member.post(f"/api/terminal/{session}/resize", json={"cols": 9, "rows": 9})).status_code == 404


async def test_a_text_frame_on_a_terminal_socket_is_an_error_that_is_told_and_the_socket_stays(
    member: httpx.AsyncClient, server: Server
) -> None:
    async with socket_to(server, "/api/terminal/ws", cookie(member)) as socket:
        await socket.send("text")
        assert (await of_type(socket, "error"))["code"] == "BAD_FRAME"
        await socket.send(b'\x01{"t":"ping"}')
        await of_type(socket, "pong")


async def test_a_message_over_64_kib_closes_a_terminal_socket_with_1009(
    member: httpx.AsyncClient, server: Server
) -> None:
    async with socket_to(server, "/api/terminal/ws", cookie(member)) as socket:
        await socket.send(b"\x01" + b"x" * (64 * 1024))
        async with asyncio.timeout(DEADLINE_S):
            await socket.wait_closed()
        assert socket.close_code == 1009
