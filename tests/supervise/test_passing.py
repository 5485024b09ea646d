"""What of an engine's output is passed on: all of it, but for queries, where apps put short-lived tokens."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket

import pytest

from antechamber.supervise.passing import passed_on_without_queries, without_queries
from tests.supervise.engine import PATIENCE_S, Site, started

NGINX = (
    b'2026/11/22 23:40:07 [error] 7#7: *1 connect() failed (111: Connection refused), client: 127.0.0.1, request: "GET '
    b'/api/event?%s HTTP/1.1", upstream: "http://127.0.0.1:3000/api/event?%s", referrer: "https://a.example/?%s"\n'
)


@pytest.mark.parametrize("query", [b"token=hush", b"a=1&token=hush", b"a?token=hush", b"token=hush?"])
def test_what_follows_a_question_mark_is_taken_out_of_each_target(query: bytes) -> None:
    assert without_queries(NGINX.replace(b"%s", query)) == NGINX.replace(b"%s", b"***")


@pytest.mark.parametrize(
    "line",
    [
        b'nginx: [emerg] invalid regex "^/api(?:/|$)" in /tmp/a/nginx.conf:7\n',
        b"is it there? yes\n",
        b'"GET /api/event HTTP/1.1"\n',
    ],
)
def test_question_marks_of_other_kinds_stay(line: bytes) -> None:
    assert without_queries(line) == line


def test_a_line_that_comes_in_pieces_is_passed_on_whole_and_the_last_one_without_its_end() -> None:
    reading, writing = os.pipe()
    with passed_on_without_queries(writing) as errors:
        for piece in (b"GET /a", b"?token=hu", b"sh HTTP", b"\nGET /b?token=hush"):
            os.write(errors, piece)
    os.close(writing)
    with open(reading, "rb") as passed:
        assert passed.read() == b"GET /a?*** HTTP\nGET /b?***"


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["nginx", "caddy", "haproxy"])
async def test_no_token_in_a_query_is_in_the_output_when_a_stream_is_left_or_the_app_is_gone(
    engine: str, site: Site
) -> None:
    with started(site, engine) as run, socket.socket() as nobody:
        port = run.serving()
        assert await asked(port, "/api/event?oc_url_token=hush") == 200
        nobody.bind(("127.0.0.1", 0))
        site.app = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        site.write()
        await asyncio.to_thread(run.program.wait_for, r"antechamber: .* reloaded", deadline_s=PATIENCE_S)
        async with asyncio.timeout(PATIENCE_S):
            while await asked(port, "/api/event?oc_url_token=hush") not in (502, 503):
                await asyncio.sleep(0.05)
        run.program.send(signal.SIGTERM)
        run.program.wait()
    assert "hush" not in run.program.output
    seen = {"nginx": r'refused.* "GET /api/event\?\*\*\* HTTP/1.1"', "caddy": r'refused.*"uri":"/api/event"'}
    assert re.search(seen.get(engine, ""), run.program.output), "what tells of the request is there"


async def asked(port: int, target: str) -> int:
    """The status that ``target`` is answered with; then the client is gone."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE_S):
        line = await reader.readline()
    writer.transport.abort()
    return int(line.split()[1])
