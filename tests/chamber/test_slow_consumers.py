"""Consumers that do not read: each is cut at its bound, with its code, and hurts nobody. And very many that do read."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from antechamber.chamber.settings import Limits
from tests.chamber.raw import DEADLINE_S, Client, chamber
from tests.chamber.test_events import data_of, frame, socket_to

LIMITS = Limits(feed_bytes=1024 * 1024, feed_warning_bytes=512 * 1024)
PAD = "x" * 100_000
BROWSERS = 200


async def flood(client: Client, *, events: int = 300) -> None:
    """More than any consumer may keep waiting, in pieces that a reader can keep up with."""
    for number in range(events):
        client.running.chamber.bus.publish("flood", {"n": number, "pad": PAD})
        await asyncio.sleep(0.001)


async def drained(socket: ClientConnection) -> int | None:
    """Read to the end; the close code."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                await socket.recv()
            except ConnectionClosed:
                return socket.close_code


async def test_a_socket_that_does_not_read_is_cut_with_1013_and_one_that_does_misses_nothing(tmp_path: Path) -> None:
    async with (
        chamber(tmp_path, limits=LIMITS) as client,
        socket_to(client, "/api/global/event/ws") as slow,
        socket_to(client, "/api/global/event/ws") as quick,
    ):
        await frame(slow)
        await frame(quick)
        slow.transport.pause_reading()
        numbers: list[int] = []

        async def read() -> None:
            while not numbers or numbers[-1] < 299:
                event = (await frame(quick)).get("payload", {})
                if event.get("type") == "flood":
                    numbers.append(event["properties"]["n"])

        reading = asyncio.create_task(read())
        await flood(client)
        await reading
        slow.transport.resume_reading()
        assert await drained(slow) == 1013
        assert numbers == list(range(300))


async def test_an_event_stream_that_does_not_read_is_cut_without_a_last_chunk(tmp_path: Path) -> None:
    async with (
        chamber(tmp_path, limits=LIMITS) as client,
        client.stream("/api/global/event") as (_, slow),
        client.stream("/api/global/event") as (_, quick),
    ):
        await data_of(slow)
        await data_of(quick)
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]  # the stub knows no reading side

        async def read() -> None:
            while (await data_of(quick))["payload"].get("properties", {}).get("n") != 299:
                pass

        reading = asyncio.create_task(read())
        await flood(client)
        await reading
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]  # likewise
        assert not (await slow.rest()).endswith(b"0\r\n\r\n")
        assert client.running.chamber.bus.consumers == 1


async def test_a_terminal_socket_that_does_not_read_is_cut_with_1013_and_its_shell_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    limits = Limits(feed_bytes=256 * 1024, terminal_history_bytes=64 * 1024)

    async def send(socket: ClientConnection, **members: Any) -> None:
        await socket.send(b"\x01" + json.dumps({"s": session, **members}).encode())

    async with chamber(tmp_path, limits=limits) as client:
        session = (await client.post("/api/terminal/create", {"cwd": "."})).json()["sessionId"]
        async with socket_to(client, "/api/terminal/ws") as slow:
            await send(slow, t="attach")
            await send(slow, t="write", d="yes 0123456789012345678901234567890123456789 | head -n 400000; echo en''d\n")
            slow.transport.pause_reading()
            terminal = client.running.chamber.terminals.get(session)
            assert terminal is not None
            async with asyncio.timeout(DEADLINE_S):
                while not terminal.history.text().rstrip("$# \r\n").endswith("end"):
                    await asyncio.sleep(0.02)
            slow.transport.resume_reading()
            assert await drained(slow) == 1013
        async with socket_to(client, "/api/terminal/ws") as again:
            await send(again, t="attach")
            async with asyncio.timeout(DEADLINE_S):
                while b'"snapshot"' not in (message := await again.recv()):
                    pass
            assert b"end" in message


async def test_two_hundred_browsers_with_four_streams_each_all_hear_everything(tmp_path: Path) -> None:
    routes = ("/api/global/event", "/api/event", "/api/notifications/stream", "/api/openchamber/events")
    async with chamber(tmp_path) as client, AsyncExitStack() as open_streams:
        wires = [
            (await open_streams.enter_async_context(client.stream(path)))[1] for _ in range(BROWSERS) for path in routes
        ]
        await asyncio.gather(*(data_of(wire) for wire in wires))
        await client.post("/.well-known/antechamber/chamber/pulse")
        heard = await asyncio.gather(*(data_of(wire) for wire in wires))
        kinds = {event.get("payload", event)["type"] for event in heard}
        assert kinds == {"antechamber.pulse"}
        assert len(heard) == 800
