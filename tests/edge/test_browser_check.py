"""The edge's own page below ``/.well-known/antechamber/edge/``: off until asked for, and nobody's way past the app."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets

from antechamber.surface.check_page import BELOW
from tests.edge.app import SWITCHED, App, ok
from tests.edge.front import WEBSOCKET, Front, get, serving
from tests.edge.talk import PATIENCE_S, take_answer, take_head

OWN = [
    BELOW + name for name in ("", "check.js", "check.css", "theme.css", "wiring/view.js", "vendor/uplot/uPlot.esm.js")
]


def client_of(front: Front) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{front.port}", timeout=PATIENCE_S, trust_env=False)


@pytest.fixture
async def checked() -> AsyncIterator[tuple[App, Front, httpx.AsyncClient]]:
    """An app, an edge with the check on, and a client."""
    async with App() as app, serving(app.url, browser_check="on") as front, client_of(front) as client:
        yield app, front, client


async def test_without_the_option_the_path_is_the_apps() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get(BELOW))
        upstream, seen = await app.asked()
        assert seen.target == BELOW
        upstream.writer.write(ok(b"the app's"))
        assert (await take_answer(client)).body == b"the app's"


async def test_the_page_and_its_files_come_from_the_edge_and_the_app_is_not_asked(
    checked: tuple[App, Front, httpx.AsyncClient],
) -> None:
    app, front, client = checked
    for path in OWN:
        answer = await client.get(path)
        assert answer.status_code == 200, path
        assert "script-src 'self';" in answer.headers["content-security-policy"]
    routes = (await client.get(f"{BELOW}routes.json")).json()["routes"]
    assert {route["path"] for route in routes} >= {f"{BELOW}socket", "/api/global/event/ws", "/api/event"}
    assert all(":" not in route["path"] for route in routes)
    assert any("browser check" in line or "edge/" in line for line in front.edge.greeting())
    front_asks = await front.ask(get("/api/version"))
    upstream, seen = await app.asked()
    assert seen.target == "/api/version", "the first request that the app has seen"
    upstream.writer.write(ok())
    assert (await take_answer(front_asks)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing.js", 404),
        ("GET", "../../../etc/passwd", 200),  # httpx resolves it: it is not below any more, and the app's
        ("GET", "%2e%2e/web/__init__.py", 404),
        ("GET", "__init__.py", 404),
        ("PUT", "sink", 405),
        ("GET", "socket", 400),
        ("POST", "stream", 404),
    ],
)
async def test_nothing_else_is_there(
    checked: tuple[App, Front, httpx.AsyncClient], method: str, path: str, status: int
) -> None:
    app, _, client = checked
    asking = asyncio.create_task(client.request(method, BELOW + path))
    if status == 200:
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
    assert (await asking).status_code == status


async def test_without_its_slash_the_page_is_found_by_a_redirect(checked: tuple[App, Front, httpx.AsyncClient]) -> None:
    answer = await checked[2].get(BELOW.rstrip("/"))
    assert (answer.status_code, answer.headers["location"]) == (308, BELOW)


async def test_the_sink_counts_bodies_of_known_and_of_unknown_length(
    checked: tuple[App, Front, httpx.AsyncClient],
) -> None:
    client = checked[2]

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 100_000

    assert (await client.post(f"{BELOW}sink", content=b"x" * 3_000_000)).json()["size"] == 3_000_000
    assert (await client.post(f"{BELOW}sink", content=pieces())).json()["size"] == 3_000_000
    assert (await client.post(f"{BELOW}sink")).json()["size"] == 0


async def test_the_stream_tells_the_time_at_once_and_again(checked: tuple[App, Front, httpx.AsyncClient]) -> None:
    _, front, client = checked
    async with client.stream("GET", f"{BELOW}stream") as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        kinds = []
        async for line in answer.aiter_lines():
            if line:
                kinds.append(json.loads(line.removeprefix("data: "))["type"])
            if len(kinds) == 2:
                break
    assert kinds == ["antechamber.hello", "antechamber.pulse"]
    entry = await front.book.next_opened()
    assert entry.route == "the edge's browser check"
    assert isinstance((await client.post(f"{BELOW}pulse")).json()["at"], float)


async def test_the_socket_tells_the_time_and_closes_when_asked(checked: tuple[App, Front, httpx.AsyncClient]) -> None:
    async with websockets.connect(f"ws://127.0.0.1:{checked[1].port}{BELOW}socket?wiring=x", proxy=None) as socket:
        assert json.loads(await socket.recv())["type"] == "antechamber.hello"
        await socket.send("whatever")
        await (await socket.ping())
        assert json.loads(await socket.recv())["type"] == "antechamber.pulse"
    assert socket.close_code == 1000


@pytest.mark.parametrize(
    ("fields", "answer", "fate", "status"),
    [
        (WEBSOCKET, ok(), "refused", 200),
        (WEBSOCKET, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "refused", 403),
        (WEBSOCKET, b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "not-logged-in", 401),
        (WEBSOCKET, SWITCHED, "accepted", 101),
        (b"", ok(), "upgrade-lost", 200),
    ],
)
async def test_a_browser_can_ask_what_became_of_its_socket(
    tmp_path: Path, fields: bytes, answer: bytes, fate: str, status: int
) -> None:
    asked = f"{BELOW}attempts?id=0123456789abcdef"
    log = tmp_path / "access.log"
    async with (
        App() as app,
        serving(app.url, browser_check="on", access_log=str(log)) as front,
        client_of(front) as client,
    ):
        assert (await client.get(asked)).json() == {"fate": "nothing"}
        wire = await front.ask(get("/any/socket?wiring=0123456789abcdef", fields))
        upstream, _ = await app.asked()
        upstream.writer.write(answer)
        await take_head(wire)
        assert (await client.get(asked)).json() == {"fate": fate, "status": status}
    assert "/any/socket" in log.read_text(), "and the log is told as ever"
