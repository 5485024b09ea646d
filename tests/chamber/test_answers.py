"""Ordinary answers: status routes, compression, what unknown paths return, and what every answer carries."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

import pytest

from antechamber.chamber.compression import choose_coding
from antechamber.chamber.settings import AsOf, Limits
from tests.chamber.raw import chamber


async def test_health_is_over_one_kib_and_compressed_for_those_who_accept_it(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        plain = await client.ask("GET", "/health")
        assert len(plain.body) >= 1024
        assert not plain.head.all("content-encoding")
        packed = await client.ask("GET", "/health", headers={"Accept-Encoding": "gzip"})
        assert packed.head.get("content-encoding") == "gzip"
        assert not packed.head.all("content-length")
        assert packed.head.get("vary") == "Accept-Encoding"
        assert json.loads(gzip.decompress(packed.body))["status"] == "ok"


async def test_below_the_threshold_nothing_is_compressed(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        answer = await client.ask("GET", "/api/version", headers={"Accept-Encoding": "gzip, br"})
        assert not answer.head.all("content-encoding")
        assert answer.head.get("vary") == "Accept-Encoding"
        assert answer.json()["version"] == "1.19.0"


async def test_brotli_is_preferred_where_it_is_installed(tmp_path: Path) -> None:
    brotli = pytest.importorskip("brotli")
    async with chamber(tmp_path) as client:
        answer = await client.ask("GET", "/health", headers={"Accept-Encoding": "gzip, deflate, br"})
        assert answer.head.get("content-encoding") == "br"
        assert json.loads(brotli.decompress(answer.body))["status"] == "ok"


async def test_deflate_is_the_last_choice(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        answer = await client.ask("GET", "/health", headers={"Accept-Encoding": "deflate"})
        assert json.loads(zlib.decompress(answer.body))["status"] == "ok"


@pytest.mark.parametrize(
    ("field", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0, deflate", "deflate"),
        ("GZIP;q=0.5", "gzip"),
        ("zstd", ""),
        ("gzip;q=0, deflate;q=0, br;q=0, *", ""),
    ],
)
def test_the_coding_follows_accept_encoding(field: str, coding: str) -> None:
    assert choose_coding(field) == coding


async def test_the_upstreams_health_is_sixteen_bytes(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        assert (await client.ask("GET", "/api/opencode/health")).body == b'{"healthy":true}'


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/api/nothing", "/api/event/ws", "/api/event/x"])
async def test_unknown_paths_under_api_are_200_html(tmp_path: Path, method: str, path: str) -> None:
    async with chamber(tmp_path) as client:
        answer = await client.ask(method, path)
        assert (answer.status, answer.head.get("content-type")) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 200), ("GET", "/some/page", 200), ("GET", "/missing.js", 404), ("POST", "/", 404)],
)
async def test_pages_are_html_and_missing_files_are_404(tmp_path: Path, method: str, path: str, status: int) -> None:
    async with chamber(tmp_path) as client:
        answer = await client.ask(method, path)
        assert (answer.status, answer.head.get("content-type")) == (status, "text/html; charset=utf-8")


async def test_the_page_names_every_live_route_of_its_age(tmp_path: Path) -> None:
    stream = "/api/terminal/:id/stream"
    for as_of, has_stream in ((AsOf.BOTH, True), (AsOf.SEED, True), (AsOf.TODAY, False)):
        async with chamber(tmp_path, as_of=as_of) as client:
            page = (await client.ask("GET", "/")).body.decode()
            for path in ("/api/event/ws", "/api/global/event/ws", "/api/terminal/ws", "/api/notifications/stream"):
                assert path in page
            assert (stream in page) is has_stream


async def test_every_answer_says_that_robots_should_stay_out_and_how_long_it_stays_open(tmp_path: Path) -> None:
    async with chamber(tmp_path, password="x" * 12) as client:
        for path in ("/", "/api/version", "/api/session", "/missing.css"):
            head = (await client.ask("GET", path)).head
            assert head.all("x-robots-tag") == ["noindex, nofollow"]
            assert head.all("date")
            assert head.all("connection") == ["keep-alive"]
            assert head.all("keep-alive") == ["timeout=5"]


async def test_a_client_that_closes_is_not_promised_to_be_kept(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.connection() as wire:
        await wire.send("GET /api/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await wire.answer()
        assert answer.head.all("connection") == ["close"]
        assert not answer.head.all("keep-alive")
        assert await wire.rest() == b""


async def test_two_requests_on_one_connection_are_answered_in_order(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.connection() as wire:
        request = "GET {} HTTP/1.1\r\nHost: x\r\n\r\n"
        await wire.send(request.format("/api/version") + request.format("/api/opencode/health"))
        assert "version" in (await wire.answer()).json()
        assert (await wire.answer()).json() == {"healthy": True}


async def test_a_message_with_an_attachment_keeps_its_size_and_checksum(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        session = (await client.post("/api/session")).json()["id"]
        file = {"type": "file", "mime": "text/plain", "filename": "a.txt", "url": "data:text/plain;base64,aGVsbG8="}
        said = (await client.post(f"/api/session/{session}/message", {"parts": [file]})).json()
        assert said["parts"][0]["encodedSize"] == 8
        assert (await client.ask("GET", f"/api/session/{session}/message")).json() == [said]
        assert (await client.ask("GET", "/api/session")).json()[0]["id"] == session
        assert (await client.ask("DELETE", f"/api/session/{session}")).status == 200
        assert (await client.ask("GET", f"/api/session/{session}/message")).status == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"parts": []}, {"parts": "x"}, {"parts": [{"type": "odd"}]}, {"parts": [5]}, {"parts": [{"type": "file"}]}],
)
async def test_a_message_that_makes_no_sense_is_400(tmp_path: Path, body: object) -> None:
    async with chamber(tmp_path) as client:
        session = (await client.post("/api/session")).json()["id"]
        assert (await client.post(f"/api/session/{session}/message", body)).status == 400


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_its_limit_is_413_announced_or_not(tmp_path: Path, chunked: bool) -> None:
    async with chamber(tmp_path, limits=Limits(prompt_bytes=1000)) as client, client.connection() as wire:
        framing = "Transfer-Encoding: chunked" if chunked else "Content-Length: 2000"
        body = "7d0\r\n" + "x" * 2000 + "\r\n0\r\n\r\n" if chunked else "x" * 2000
        await wire.send(f"POST /api/session HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n{body}")
        assert (await wire.answer()).status == 413


@pytest.mark.parametrize(
    "garbage", ["\x00\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\n" + "a: b\r\n" * 9000 + "\r\n"]
)
async def test_garbage_is_refused_and_the_next_client_is_served(tmp_path: Path, garbage: str) -> None:
    async with chamber(tmp_path) as client:
        async with client.connection() as wire:
            await wire.send(garbage)
            assert b" 400 " in await wire.until(b"\r\n")
        assert (await client.ask("GET", "/api/version")).status == 200
