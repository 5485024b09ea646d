"""Terminals: real shells on real PTYs, over the socket and over the stream, and nothing of them left behind."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from antechamber.chamber.pty_process import processes_of_session
from antechamber.chamber.settings import AsOf, Heartbeats, Limits
from antechamber.chamber.terminal_protocol import Attach, FrameRefused, decode, encode
from antechamber.chamber.terminals import History
from tests.chamber.raw import DEADLINE_S, Client, chamber


@pytest.fixture(autouse=True)
def plain_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """One shell for all machines, with a prompt that says nothing."""
    monkeypatch.setenv("SHELL", "/bin/sh")
    monkeypatch.setenv("PS1", "$ ")
    monkeypatch.delenv("ENV", raising=False)


class Socket:
    """A client of the terminal protocol."""

    def __init__(self, wire: ClientConnection) -> None:
        self.wire = wire

    async def send(self, **members: object) -> None:
        await self.wire.send(b"\x01" + json.dumps(members).encode())

    async def next(self) -> Any:
        async with asyncio.timeout(DEADLINE_S):
            message = await self.wire.recv()
        assert isinstance(message, bytes)
        assert message[:1] == b"\x01"
        return json.loads(message[1:])

    async def of_type(self, kind: str) -> Any:
        while (message := await self.next())["t"] != kind:
            pass
        return message

    async def output_until(self, mark: str) -> str:
        """What is printed up to ``mark``."""
        printed = ""
        while mark not in printed:
            printed += (await self.of_type("output"))["d"]
        return printed


@asynccontextmanager
async def terminal_socket(client: Client) -> AsyncIterator[Socket]:
    url = f"ws://127.0.0.1:{client.port}/api/terminal/ws"
    async with connect(url, max_size=None, close_timeout=1, proxy=None) as wire:
        socket = Socket(wire)
        assert await socket.next() == {"t": "hello", "v": 3}
        yield socket


async def opened(client: Client, **members: object) -> str:
    answer = await client.post("/api/terminal/create", {"cwd": ".", **members})
    assert answer.status == 200, answer.body
    return str(answer.json()["sessionId"])


async def test_what_is_typed_runs_and_its_output_comes_back(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        session = await opened(client)
        await socket.send(t="attach", s=session)
        assert (await socket.next())["t"] == "snapshot"
        await socket.send(t="write", s=session, d="ls; test -t 0 && echo on-a-t'ty'\n")
        printed = await socket.output_until("on-a-tty\r\n")
        assert "here\r\n" in printed


async def test_resizing_reaches_the_program(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        session = await opened(client, cols=100, rows=30)
        await socket.send(t="attach", s=session)
        await socket.send(t="write", d="stty size\n")
        await socket.output_until("30 100\r\n")
        answer = await client.post(f"/api/terminal/{session}/resize", {"cols": 120, "rows": 50})
        assert (answer.status, answer.json()["cols"]) == (200, 120)
        await socket.send(t="write", d="stty size\n")
        await socket.output_until("50 120\r\n")


async def test_a_session_outlives_its_socket_and_comes_back_as_a_snapshot(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        session = await opened(client)
        async with terminal_socket(client) as socket:
            await socket.send(t="attach", s=session)
            await socket.send(t="write", d="x=kept; echo first-$x\n")
            await socket.output_until("first-kept\r\n")
        async with terminal_socket(client) as socket:
            await socket.send(t="attach", s=session)
            assert "first-kept" in (await socket.of_type("snapshot"))["d"]
            await socket.send(t="write", d="echo second-$x\n")
            await socket.output_until("second-kept\r\n")


async def test_detached_means_no_more_output_and_no_more_writing(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        session = await opened(client)
        await socket.send(t="attach", s=session)
        await socket.of_type("snapshot")
        await socket.send(t="detach", s=session)
        await socket.send(t="write", s=session, d="echo lost\n")
        assert (await socket.of_type("error"))["code"] == "NOT_ATTACHED"


async def test_the_end_of_the_shell_is_told_with_its_code(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        session = await opened(client)
        await socket.send(t="attach", s=session)
        await socket.send(t="write", d="exit 7\n")
        assert await socket.of_type("exit") == {"t": "exit", "s": session, "exitCode": 7, "signal": None}
        await socket.send(t="write", d="echo too late\n")
        assert (await socket.of_type("error"))["code"] == "WRITE_REFUSED"
        async with terminal_socket(client) as second:
            await second.send(t="attach", s=session)
            assert (await second.of_type("exit"))["exitCode"] == 7
        assert (await client.post(f"/api/terminal/{session}/restart")).json()["status"] == "running"
        assert (await socket.of_type("restarted"))["s"] == session
        await socket.send(t="write", d="echo al'ive'\n")
        await socket.output_until("alive\r\n")


async def test_deleting_tells_the_attached_fatally_and_leaves_the_socket_open(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        session = await opened(client)
        await socket.send(t="attach", s=session)
        await socket.of_type("snapshot")
        assert (await client.ask("DELETE", f"/api/terminal/{session}")).status == 200
        error = await socket.of_type("error")
        assert (error["code"], error["fatal"], error["s"]) == ("CLOSED", True, session)
        await socket.send(t="ping")
        assert (await socket.next())["t"] == "pong"
        assert (await client.ask("DELETE", f"/api/terminal/{session}")).status == 404


@pytest.mark.parametrize(
    "hostile",
    [
        "a text frame",
        b"",
        b"\x02{}",
        b"\x01",
        b"\x01\xff\xfe",
        b"\x01[]",
        b"\x01" + b"[" * 50_000,
        b'\x01{"t":"fly"}',
        b'\x01{"t":"attach"}',
        b'\x01{"t":"attach","s":5}',
        b'\x01{"t":"attach","s":"nobody"}',
        b'\x01{"t":"write","d":"nowhere"}',
        b'\x01{"t":"write","s":"x","d":{}}',
        b'\x01{"t":NaN}',
    ],
)
async def test_a_hostile_message_is_told_and_the_socket_stays(tmp_path: Path, hostile: str | bytes) -> None:
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        await socket.wire.send(hostile)
        error = await socket.next()
        assert error["t"] == "error"
        assert error["fatal"] is False
        await socket.send(t="ping")
        assert await socket.next() == {"t": "pong"}


@pytest.mark.parametrize("message", [b"\x01" + b"x" * 65536, "x" * 65537, b"x" * 2_000_000])
async def test_a_message_over_64_kib_closes_with_1009(tmp_path: Path, message: str | bytes) -> None:
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        await socket.wire.send(message)
        with pytest.raises(ConnectionClosed):
            await socket.next()
        assert socket.wire.close_code == 1009


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    code = ""
    try:
        decode(b"\x01" + data)
    except FrameRefused as refused:
        code = refused.code
    assert code in ("", "BAD_FRAME")
    assert decode(encode("attach", s="x")) == Attach("x")


async def test_twenty_sessions_and_no_more(tmp_path: Path) -> None:
    async with chamber(tmp_path, limits=Limits(terminals=3)) as client:
        for number in range(3):
            await opened(client, sessionId=f"s{number}")
        assert (await client.post("/api/terminal/create", {"cwd": "."})).status == 429
        assert await opened(client, sessionId="s1") == "s1"
        killed = await client.post("/api/terminal/force-kill", {"sessionId": "s1"})
        assert killed.json() == {"success": True, "killedCount": 1}
        await opened(client)
        assert (await client.post("/api/terminal/force-kill", {})).json()["killedCount"] == 3
    assert Limits().terminals == 20


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"cwd": ""},
        {"cwd": "/nowhere/at/all"},
        {"cwd": "a\0b"},
        {"cwd": 5},
        {"cwd": ".", "cols": 0},
        {"cwd": ".", "cols": 1001},
        {"cwd": ".", "rows": 501},
        {"cwd": ".", "rows": True},
        {"cwd": ".", "sessionId": "../x"},
    ],
)
async def test_a_terminal_that_makes_no_sense_is_400(tmp_path: Path, body: object) -> None:
    async with chamber(tmp_path) as client:
        assert (await client.post("/api/terminal/create", body)).status == 400
        assert len(client.running.chamber.terminals) == 0


async def test_another_sites_plain_form_opens_no_terminal(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        answer = await client.ask("POST", "/api/terminal/create", '{"cwd":"."}', {"Content-Type": "text/plain"})
        assert answer.status == 400
        assert len(client.running.chamber.terminals) == 0


async def test_unknown_sessions_are_404(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        assert (await client.post("/api/terminal/x/resize", {"cols": 1, "rows": 1})).status == 404
        assert (await client.post("/api/terminal/x/restart")).status == 404
        assert (await client.ask("GET", "/api/terminal/x/stream")).status == 404
        assert (await client.post("/api/terminal/x/input")).status == 404


def test_history_keeps_the_end_within_its_bound() -> None:
    history = History(10)
    for text in ("aaaa", "bbbb", "ćć", "d"):
        history.add(text)
    assert history.text() == "bbbbććd"
    history.clear()
    assert history.text() == ""


async def test_a_snapshot_of_a_talkative_program_stays_within_512_kib(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        session = await opened(client)
        async with terminal_socket(client) as socket:
            await socket.send(t="attach", s=session)
            await socket.send(t="write", d="seq 1 200000; echo do'ne'\n")
            await socket.output_until("done\r\n")
        async with terminal_socket(client) as socket:
            await socket.send(t="attach", s=session)
            snapshot = (await socket.of_type("snapshot"))["d"]
            assert 400 * 1024 < len(snapshot) <= 512 * 1024
            assert "done\r\n" in snapshot


async def test_the_old_stream_connects_prints_and_says_the_end(tmp_path: Path) -> None:
    async with chamber(tmp_path, heartbeats=Heartbeats.all_every(0.2)) as client:
        session = await opened(client)
        async with client.stream(f"/api/terminal/{session}/stream") as (head, wire):
            assert head.get("content-type") == "text/event-stream"
            assert head.get("cache-control") == "no-cache"
            assert head.get("x-accel-buffering") == "no"
            assert await wire.chunk() == b'data: {"type":"connected","runtime":"python","ptyBackend":"pty"}\n\n'
            while await wire.chunk() != b": heartbeat\n\n":
                pass
            typed = await client.ask("POST", f"/api/terminal/{session}/input", "echo he'llo'; exit 3\n")
            assert typed.status == 200
            printed = ""
            while '"type":"exit"' not in printed:
                printed += (await wire.chunk()).decode()
            assert "hello\\r\\n" in printed
            assert '{"type":"exit","exitCode":3,"signal":null}' in printed
        async with client.stream(f"/api/terminal/{session}/stream") as (_, wire):
            await wire.chunk()
            assert b"hello" in await wire.chunk()


async def test_today_the_old_stream_is_a_page(tmp_path: Path) -> None:
    async with chamber(tmp_path, as_of=AsOf.TODAY) as client:
        session = await opened(client)
        answer = await client.ask("GET", f"/api/terminal/{session}/stream")
        assert (answer.status, answer.head.get("content-type")) == (200, "text/html; charset=utf-8")


async def _gone(sessions: list[int]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while any(processes_of_session(session) for session in sessions):
            await asyncio.sleep(0.02)


async def test_deleting_ends_background_jobs_and_those_that_ignore_the_hangup(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        session = await opened(client)
        terminal = client.running.chamber.terminals.get(session)
        assert terminal is not None
        await socket.send(t="attach", s=session)
        await socket.send(t="write", d="set -m; trap '' HUP; sleep 1000 & sleep 1000 | sleep 1000 & echo st'arted'\n")
        await socket.output_until("started\r\n")
        assert len(processes_of_session(terminal.pid)) >= 4
        await client.ask("DELETE", f"/api/terminal/{session}")
        await _gone([terminal.pid])


async def test_stopping_the_chamber_leaves_no_process_behind(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        for number in range(3):
            await opened(client, sessionId=f"s{number}")
            await socket.send(t="attach", s=f"s{number}")
            await socket.send(t="write", s=f"s{number}", d="set -m; nohup sleep 1000 & echo st'arted'\n")
            await socket.output_until("started\r\n")
        pids = [terminal.pid for terminal in client.running.chamber.terminals]
        assert all(processes_of_session(pid) for pid in pids)
    assert not any(processes_of_session(pid) for pid in pids)


async def test_a_session_that_nobody_looks_at_is_closed(tmp_path: Path) -> None:
    async with chamber(tmp_path, limits=Limits(terminal_idle_s=0.2)) as client:
        await opened(client)
        async with asyncio.timeout(DEADLINE_S):
            while len(client.running.chamber.terminals):
                await asyncio.sleep(0.02)
        assert Limits().terminal_idle_s == 1800


async def test_a_session_that_somebody_looks_at_is_not_closed(tmp_path: Path) -> None:
    async with chamber(tmp_path, limits=Limits(terminal_idle_s=0.2)) as client, terminal_socket(client) as socket:
        session = await opened(client)
        await socket.send(t="attach", s=session)
        await socket.send(t="write", d="sleep 0.6; echo sti'll' here\n")
        await socket.output_until("still here\r\n")


async def test_the_shell_does_not_inherit_the_chambers_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTECHAMBER_CHAMBER_PASSWORD", "very secret")
    async with chamber(tmp_path) as client, terminal_socket(client) as socket:
        session = await opened(client)
        await socket.send(t="attach", s=session)
        await socket.send(t="write", d='echo "[$ANTECHAMBER_CHAMBER_PASSWORD]" $TERM\n')
        await socket.output_until("[] xterm-256color\r\n")


async def test_descriptors_are_given_back(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        await client.ask("DELETE", f"/api/terminal/{await opened(client)}")
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            await client.ask("DELETE", f"/api/terminal/{await opened(client)}")
        assert len(os.listdir("/proc/self/fd")) <= before + 1
