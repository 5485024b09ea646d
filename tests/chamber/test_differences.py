"""What ``docs/chamber-differences.md`` says of uvicorn and h11, so that it is noticed when it stops being true."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.chamber.raw import chamber, upgrade

ANY = {"Host": "x"}


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (upgrade("/unknown", ANY).replace("Version: 13", "Version: 12"), 400),
        (upgrade("/unknown", ANY).replace("GET", "POST"), 405),
        (upgrade("/api/version", ANY).replace("Upgrade: websocket", "Upgrade: h2c"), 200),
        ("POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200),
        ("GET /api/version HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: " + "x" * 200_000 + "\r\n\r\n", 400),
    ],
)
async def test_the_status_is_the_one_that_the_page_names(tmp_path: Path, request_text: str, status: int) -> None:
    async with chamber(tmp_path) as client, client.connection() as wire:
        await wire.send(request_text)
        assert (await wire.head()).status == status


async def test_an_idle_connection_is_closed_after_five_seconds_and_not_before(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.connection() as wire:
        await wire.send("GET /api/version HTTP/1.1\r\nHost: x\r\n\r\n")
        await wire.answer()
        clock = asyncio.get_running_loop().time
        answered = clock()
        assert await wire.rest() == b""
        assert clock() - answered > 4.5
