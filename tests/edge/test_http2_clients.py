"""Other people's HTTP/2 clients: curl (nghttp2) and httpx, each with what people use them for."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.edge.app import EVENT_STREAM, chunk, ok
from tests.edge.talk import PATIENCE_S, take_body
from tests.edge.two import Certificate, secure

MIB = 1024 * 1024


def curl() -> str:
    """A curl that speaks HTTP/2."""
    program = shutil.which("curl")
    if program is None or "HTTP2" not in subprocess.run([program, "--version"], capture_output=True, text=True).stdout:
        pytest.skip("CURL WITH HTTP/2 IS MISSING: the edge was not tried with it. On Debian: apt-get install curl")
    return program


async def run(port: int, *arguments: str) -> bytes:
    """What curl prints for a request to the edge on ``port``."""
    asked = await asyncio.create_subprocess_exec(
        *(curl(), "-sS", "--http2", "--insecure", "--max-time", "60", *arguments),
        f"https://127.0.0.1:{port}/",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, wrong = await asked.communicate()
    assert asked.returncode == 0, wrong
    return said


async def test_curl_gets_a_page_and_names_the_version(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front):
        asking = asyncio.create_task(run(front.port, "-w", " %{http_version} %{http_code}"))
        upstream, seen = await app.asked()
        assert seen.all("user-agent")[0].startswith("curl/")
        upstream.writer.write(ok(b"page"))
        assert await asking == b"page 2 200"


async def test_curl_sends_and_takes_a_large_body(certificate: Certificate, tmp_path: Path) -> None:
    octets = os.urandom(20 * MIB)
    (tmp_path / "large").write_bytes(octets)
    async with secure(certificate) as (app, front):
        asking = asyncio.create_task(run(front.port, "--data-binary", f"@{tmp_path / 'large'}"))
        upstream, seen = await app.asked()
        assert seen.all("content-length") == [str(len(octets))]
        assert await take_body(upstream, seen) == octets
        upstream.send_beside(ok(octets))
        assert hashlib.sha256(await asking).digest() == hashlib.sha256(octets).digest()


async def test_curl_reads_why_its_upload_was_refused(certificate: Certificate, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(5 * MIB))
    async with secure(certificate, profile="generic", body_limit="1MiB") as (_, front):
        said = await run(front.port, "--data-binary", f"@{tmp_path / 'large'}", "-w", "%{http_version} %{http_code}")
        assert b"body-limit" in said
        assert said.endswith(b"2 413")


async def test_curl_sees_events_as_they_come(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front):
        asked = await asyncio.create_subprocess_exec(
            *(curl(), "-sSN", "--http2", "--insecure", f"https://127.0.0.1:{front.port}/"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert asked.stdout is not None
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM)
        for number in range(5):
            upstream.writer.write(chunk(b"data: %d\n\n" % number))
            async with asyncio.timeout(PATIENCE_S):
                assert await asked.stdout.readuntil(b"\n\n") == b"data: %d\n\n" % number
        upstream.writer.write(b"0\r\n\r\n")
        assert await asked.wait() == 0


async def test_httpx_asks_many_things_at_once(certificate: Certificate) -> None:
    async with (
        secure(certificate) as (app, front),
        httpx.AsyncClient(http2=True, verify=certificate.two, timeout=PATIENCE_S) as client,
    ):
        url = f"https://127.0.0.1:{front.port}"
        asking = [asyncio.create_task(client.post(f"{url}/{place}", content=b"%d" % place)) for place in range(20)]
        asked = [await app.asked() for _ in asking]
        for upstream, seen in asked:
            upstream.writer.write(ok(b"to " + await take_body(upstream, seen)))
        for place, answer in enumerate(await asyncio.gather(*asking)):
            assert (answer.http_version, answer.text) == ("HTTP/2", f"to {place}")
