"""The surface on a running chamber: any path, before login and origin, on requests and sockets."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from websockets.asyncio.client import connect

from tests.chamber.raw import DEADLINE_S, chamber, upgrade

TOKEN = "the-operators-token"
PASSWORD = "a long password of tests"
PATHS = [
    "/",
    "/api/event",
    "/api/notifications/stream",
    "/api/fs/upload",
    "/api/session",
    "/api/event/ws",
    "/any/path.js",
]
SOCKETS = ["/api/event/ws", "/api/global/event/ws", "/api/terminal/ws", "/any/path"]


@pytest.mark.parametrize("path", PATHS)
async def test_any_path_echoes_before_login(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path, probe_token=TOKEN, password=PASSWORD) as client:
        fields = {"Antechamber-Probe": f"{TOKEN}; do=echo", "X-Forwarded-Proto": "https"}
        told = (await client.ask("POST", f"{path}?a=%2F", b"body", fields)).json()
        assert told["target"] == f"{path}?a=%2F"
        assert ["x-forwarded-proto", "https"] in told["headers"]
        assert told["body"]["size"] == 4


@pytest.mark.parametrize("path", SOCKETS)
async def test_any_path_is_a_socket_whose_first_message_lists_what_arrived(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path, probe_token=TOKEN, password=PASSWORD) as client:
        query = quote(f"{TOKEN};do=echo", safe="")
        url = f"ws://127.0.0.1:{client.port}{path}?antechamber-probe={query}"
        async with connect(url, additional_headers={"X-Real-IP": "192.0.2.1"}, proxy=None) as socket:
            told = json.loads(await socket.recv())
            assert ["x-real-ip", "192.0.2.1"] in told["headers"]
            assert TOKEN not in json.dumps(told)
            await socket.send("and back")
            assert await socket.recv() == "and back"


async def test_with_a_wrong_token_the_app_is_as_it_was(tmp_path: Path) -> None:
    async with chamber(tmp_path, probe_token=TOKEN, password=PASSWORD) as client:
        fields = {"Antechamber-Probe": "not-the-token; do=echo"}
        assert (await client.ask("GET", "/api/session", headers=fields)).status == 401
        async with client.connection() as wire:
            await wire.send(upgrade("/any/path", {"Host": "x", **fields}))
            assert await wire.silent_for(0.3)


async def test_a_stream_comes_piece_by_piece_in_its_time(tmp_path: Path) -> None:
    fields = {"Antechamber-Probe": f"{TOKEN}; do=stream; count=3; quiet=0.3; pace=0.2; accel=absent"}
    async with chamber(tmp_path, probe_token=TOKEN) as client, client.stream("/api/event", fields) as (head, wire):
        assert head.get("antechamber-answer") == "do=stream"
        assert not head.all("x-accel-buffering")
        sent = []
        for _ in range(3):
            value = json.loads((await wire.chunk()).decode().split("data: ")[1])
            sent.append(value["sent"])
            assert abs(time.time() - value["sent"]) < DEADLINE_S
        assert sent[1] - sent[0] >= 0.19
        assert sent[2] - sent[1] >= 0.19
        assert await wire.chunk() == b""


async def test_a_known_length_is_kept_to_the_octet(tmp_path: Path) -> None:
    fields = {"Antechamber-Probe": f"{TOKEN}; do=stream; count=20; pace=0; size=1000; length=known; as=bytes"}
    async with chamber(tmp_path, probe_token=TOKEN) as client:
        answer = await client.ask("GET", "/any", headers=fields)
        assert not answer.head.all("transfer-encoding")
        assert len(answer.body.splitlines()) == 20


async def test_a_socket_streams_and_closes(tmp_path: Path) -> None:
    async with chamber(tmp_path, probe_token=TOKEN) as client:
        fields = {"Antechamber-Probe": f"{TOKEN}; do=stream; count=5; pace=0.01; as=bytes; size=10"}
        url = f"ws://127.0.0.1:{client.port}/api/terminal/ws"
        async with asyncio.timeout(DEADLINE_S), connect(url, additional_headers=fields, proxy=None) as socket:
            await socket.recv()
            messages = [message async for message in socket]
            assert [json.loads(message)["n"] for message in messages] == [1, 2, 3, 4, 5]
            assert isinstance(messages[0], bytes)
            assert socket.close_code == 1000


async def test_a_sink_holds_the_sender_back(tmp_path: Path) -> None:
    """1 MiB at 1 MiB a second takes its second, and the chamber holds only what uvicorn's window lets it."""
    size = 1024 * 1024
    fields = {"Antechamber-Probe": f"{TOKEN}; do=sink; rate={size}", "Content-Length": str(size)}
    async with chamber(tmp_path, probe_token=TOKEN) as client:
        told = (await client.ask("POST", "/api/fs/upload", b"x" * size, fields)).json()["body"]
        assert told["size"] == size
        assert told["seconds"] >= 0.99
        assert told["pieces"] >= 4


async def test_a_stream_planned_for_hours_does_not_hold_up_the_end(tmp_path: Path) -> None:
    fields = {"Antechamber-Probe": f"{TOKEN}; do=stream; quiet=7000"}
    async with asyncio.timeout(DEADLINE_S):
        async with chamber(tmp_path, probe_token=TOKEN) as client:
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
            lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            writer.write(f"GET / HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
        await reader.read()
        writer.transport.abort()
