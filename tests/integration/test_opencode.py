"""The real OpenCode works through the edge: sessions, event streams and terminals.

What is claimed here is what ``docs/how-to/opencode.md`` tells people. The clients are httpx and websockets: other
people's code, so nothing of ours agrees with itself.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlencode

import httpx
import pytest
import websockets

from tests.integration.opencode import OpenCode
from tests.integration.programs import Program, edge

pytestmark = [pytest.mark.slow, pytest.mark.timeout(480)]

DEADLINE_S = 30.0


class Through:
    """OpenCode as seen through the edge."""

    def __init__(self, app: OpenCode, url: str, log: Program) -> None:
        self.app = app
        self.url = url
        self.log = log

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, auth=self.app.auth, timeout=DEADLINE_S)

    def socket(self, path: str, *, login: bool = True) -> websockets.connect:
        token = b64encode(":".join(self.app.auth).encode()).decode()
        return websockets.connect(
            self.url.replace("http", "ws", 1) + path,
            additional_headers={"Authorization": f"Basic {token}"} if login else {},
            open_timeout=DEADLINE_S,
        )


@pytest.fixture(scope="module")
def through(real_opencode: OpenCode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Through]:
    flags = ("--to", real_opencode.url, "--profile", "opencode")
    with edge(*flags, cwd=tmp_path_factory.mktemp("edge")) as (url, program):
        yield Through(real_opencode, url, program)


class Events:
    """The events of one stream, as text, noted as they arrive."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._seen: list[str] = []
        self._news = asyncio.Condition()

    async def read(self) -> None:
        async for line in self.response.aiter_lines():
            if line.startswith("data:"):
                async with self._news:
                    self._seen.append(line)
                    self._news.notify_all()

    async def tell(self, *words: str, deadline_s: float = DEADLINE_S) -> None:
        """Wait for an event that holds all ``words``."""
        async with asyncio.timeout(deadline_s), self._news:
            await self._news.wait_for(lambda: any(all(word in event for word in words) for event in self._seen))


@asynccontextmanager
async def events(client: httpx.AsyncClient, path: str) -> AsyncIterator[Events]:
    """An open event stream, read in the background."""
    async with client.stream("GET", path, timeout=None) as response:
        assert response.status_code == 200
        stream = Events(response)
        reading = asyncio.create_task(stream.read())
        try:
            yield stream
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


@pytest.mark.parametrize("path", ["/event", "/global/event"])
async def test_a_session_made_over_http_is_told_on_the_event_stream(through: Through, path: str) -> None:
    async with through.client() as client, events(client, path) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["cache-control"] == "no-cache, no-transform"
        assert stream.response.headers["x-accel-buffering"] == "no"
        await stream.tell("server.connected")
        await _some_session_is_told(client, stream)


async def _some_session_is_told(client: httpx.AsyncClient, stream: Events) -> None:
    """OpenCode itself drops what happens just after ``server.connected`` (seen without any proxy, on the first global
    stream of a server): the next session must be told. Whoever holds events back stays one behind, and fails."""
    for _ in range(3):
        made = await client.post("/session", json={"title": "through the edge"})
        assert made.status_code == 200
        with suppress(TimeoutError):
            await stream.tell("session.created", made.json()["id"], deadline_s=5)
            return
    pytest.fail("three sessions were made, and none was told")


async def test_heartbeats_arrive_one_by_one_on_a_quiet_stream(through: Through) -> None:
    """OpenCode sends one each 10 s; a proxy that collects would keep the first of them."""
    async with through.client() as client, events(client, "/global/event") as stream:
        await stream.tell("server.connected")
        await stream.tell("server.heartbeat")


async def test_a_stream_that_starts_with_its_first_event_is_waited_for(through: Through) -> None:
    """``/api/session/:id/event`` sends not even a head before there is something to tell."""
    async with through.client() as client:
        session = (await client.post("/session", json={})).json()["id"]
        told = asyncio.create_task(_told_about_the_agent(client, session))
        switched = await client.post(f"/api/session/{session}/agent", json={"agent": "plan"})
        assert switched.status_code < 300, switched.text
        await told


async def _told_about_the_agent(client: httpx.AsyncClient, session: str) -> None:
    async with events(client, f"/api/session/{session}/event") as stream:
        await stream.tell("session.next.agent.switched", session)


@pytest.mark.parametrize("api", ["", "/api"])
async def test_a_terminal_is_used_over_its_socket(through: Through, api: str) -> None:
    async with through.client() as client:
        made = (await client.post(f"{api}/pty", json={"command": "/bin/sh", "args": []})).json()
        terminal = made.get("data", made)["id"]
        async with through.socket(f"{api}/pty/{terminal}/connect") as socket:
            await socket.send("echo answer=$((6*7))\n")
            assert "answer=42" in await _screen(socket, until="answer=42")
        assert (await client.delete(f"{api}/pty/{terminal}")).status_code < 300


async def test_a_ticket_opens_a_terminal_and_is_masked_in_the_log(through: Through) -> None:
    """Browsers cannot set Authorization on a WebSocket: the page asks for a ticket and puts it into the query."""
    async with through.client() as client:
        terminal = (await client.post("/pty", json={"command": "/bin/sh", "args": []})).json()["id"]
        granted = await client.post(f"/pty/{terminal}/connect-token", headers={"x-opencode-ticket": "1"})
        ticket = granted.json()["ticket"]
        query = urlencode({"ticket": ticket})
        async with through.socket(f"/pty/{terminal}/connect?{query}", login=False) as socket:
            await socket.send("echo answer=$((6*7))\n")
            await _screen(socket, until="answer=42")
        await client.delete(f"/pty/{terminal}")
    await asyncio.to_thread(through.log.wait_for, rf'"event": "close".*/pty/{terminal}/connect')
    assert ticket not in through.log.output


async def test_a_refused_terminal_is_refused_in_the_apps_own_words(through: Through) -> None:
    """A new server never answers if this is the first thing that it is asked for, with or without a proxy."""
    async with through.client() as client:
        await client.get("/pty")
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with through.socket("/pty/pty_nothing/connect"):
            pass
    assert refused.value.response.status_code == 404


async def test_a_login_is_asked_for_by_the_app(through: Through) -> None:
    async with httpx.AsyncClient(base_url=through.url) as stranger:
        answer = await stranger.get("/event")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def _screen(socket: websockets.ClientConnection, *, until: str) -> str:
    """What the terminal has shown up to ``until``. Binary frames carry the cursor, not the screen."""
    shown = ""
    async with asyncio.timeout(DEADLINE_S):
        while until not in shown:
            frame = await socket.recv()
            shown += frame if isinstance(frame, str) else ""
    return shown
