"""The access log: one line when an exchange ends, two for what lasts; for people at a terminal, JSON elsewhere.

It may lose lines, which it says, but never holds up a request; and it keeps no secret and no control character.
"""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from antechamber.edge.access_log import BACKLOG_BYTES, LineWriter
from antechamber.errors import ConfigError
from tests.edge.app import EVENT_STREAM, SWITCHED, App, chunk, ok
from tests.edge.front import WEBSOCKET, Front, get, post, serving
from tests.edge.log import LogTail, log_tail
from tests.edge.ports import free_port
from tests.edge.talk import take, take_answer, take_end, take_head, take_request
from tests.hostile.wire import Wire
from tests.integration import programs

TOKEN = "s3cr3t-t0k3n"


@asynccontextmanager
async def logged(directory: Path, **flags: str) -> AsyncIterator[tuple[App, Front, LogTail]]:
    async with (
        App() as app,
        log_tail(directory) as log,
        serving(app.url, access_log=log.path, **flags) as front,
    ):
        yield app, front, log


async def served(app: App, front: Front, request: bytes, answer: bytes = b"") -> Wire:
    """A client whose one request the app answered, on connections of their own."""
    client = await front.ask(request)
    upstream, _ = await app.asked_whole()
    upstream.writer.write(answer or ok(fields=b"Connection: close\r\n"))
    await take_answer(client)
    return client


# What a line says


async def test_an_exchange_is_one_line_when_it_has_ended(tmp_path: Path) -> None:
    async with logged(tmp_path) as (app, front, log):
        before = time.time()
        await served(app, front, post("/api/fs/upload?path=a", length=5) + b"hello")
        line = await log.line()
        assert before - 1 < line.pop("time") < time.time() + 1
        assert 0 <= line.pop("seconds") < 60
        assert isinstance(line.pop("id"), int)
        assert line == {
            "event": "exchange",
            "shape": "exchange",
            "client": "127.0.0.1",
            "method": "POST",
            "target": "/api/fs/upload?path=a",
            "route": "file upload",
            "status": 200,
            "bytes_up": 5,
            "bytes_down": 4,
            "ended_by": "upstream",
            "reason": "complete",
        }


async def test_lines_of_plain_exchanges_have_the_same_fields_as_others(tmp_path: Path) -> None:
    """They are written on a faster path, which must not show."""
    async with logged(tmp_path) as (app, front, log):
        await served(app, front, get("/plain"))
        await served(app, front, get("/plain?with=query"))
        plain, other = await log.line(), await log.line()
        assert {key: type(value) for key, value in plain.items()} == {key: type(value) for key, value in other.items()}


@pytest.mark.parametrize(("head", "shape"), [(EVENT_STREAM, "stream"), (SWITCHED, "tunnel")])
async def test_what_lasts_is_a_line_when_it_opens_and_one_when_it_closes(
    tmp_path: Path, head: bytes, shape: str
) -> None:
    async with logged(tmp_path) as (app, front, log):
        client = await front.ask(get("/live", WEBSOCKET if shape == "tunnel" else b""))
        upstream, _ = await app.asked()
        upstream.writer.write(head)
        await take_head(client)
        opened = await log.line()
        assert (opened["event"], opened["shape"], opened["status"]) == (
            "open",
            shape,
            200 if shape == "stream" else 101,
        )
        assert not opened.keys() & {"seconds", "reason", "bytes_down"}
        piece = chunk(b"data: 1\n\n")
        upstream.writer.write(piece)
        await take(client, piece)
        await client.close()
        await take_end(upstream)
        await upstream.close()
        closed = await log.line()
        assert (closed["event"], closed["id"], closed["target"]) == ("close", opened["id"], "/live")
        assert (closed["ended_by"], closed["reason"]) == ("client", "closed")
        assert (closed["bytes_down"], closed["pieces_down"]) == (len(piece), 1)
        assert closed["seconds"] >= 0


async def test_a_failure_is_named_as_the_client_was_told_it(tmp_path: Path) -> None:
    async with log_tail(tmp_path) as log, serving(f"http://127.0.0.1:{free_port()}", access_log=log.path) as front:
        answer = await take_answer(await front.ask(get("/x")))
        line = await log.line()
        assert (line["status"], line["failure"]) == (502, "connection_refused")
        assert line["detail"] in answer.all("proxy-status")[0]


async def test_a_request_that_is_refused_unread_has_a_line_too(tmp_path: Path) -> None:
    async with logged(tmp_path) as (_, front, log):
        await take_answer(await front.ask(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))
        line = await log.line()
        assert (line["status"], line["method"], line["target"]) == (400, "", "")
        assert (line["ended_by"], line["reason"]) == ("edge", "refused")


async def test_the_client_is_the_one_behind_the_trusted_proxy(tmp_path: Path) -> None:
    async with logged(tmp_path, trust="127.0.0.1") as (app, front, log):
        await served(app, front, get("/", b"X-Forwarded-For: 203.0.113.7\r\n"))
        assert (await log.line())["client"] == "203.0.113.7"


# What it does not say


@pytest.mark.parametrize(
    "query",
    [
        f"oc_url_token={TOKEN}",
        f"a=1&oc_url_token={TOKEN}&b=2",
        f"access_token={TOKEN}&access_token={TOKEN}",
        f"oc%5Furl%5Ftoken={TOKEN}",
    ],
)
@pytest.mark.parametrize("form", ["json", "text"])
async def test_secrets_in_a_query_are_masked(tmp_path: Path, query: str, form: str) -> None:
    async with logged(tmp_path, access_log_format=form) as (app, front, log):
        await served(app, front, get(f"/api/x?{query}"))
        line = await log.raw()
        assert TOKEN not in line
        assert "/api/x?" in line


async def test_secrets_of_a_stream_are_masked_when_it_opens_and_when_it_closes(tmp_path: Path) -> None:
    async with logged(tmp_path) as (app, front, log):
        client = await served(app, front, get(f"/ws?oc_url_token={TOKEN}", WEBSOCKET), SWITCHED)
        opened = await log.raw()
        await client.reset()
        closed = await log.raw()
        assert TOKEN not in opened + closed
        assert opened.count("oc_url_token=") == closed.count("oc_url_token=") == 1


@pytest.mark.parametrize("octet", [b"\x1b", b"\x00", b"\x07", b"\x9b", b"\xff", b"\n", b"\r"])
@pytest.mark.parametrize("form", ["json", "text"])
async def test_control_characters_of_a_client_never_reach_the_log(tmp_path: Path, octet: bytes, form: str) -> None:
    """A terminal obeys them, and a line end would forge an entry (CWE-117). They make no valid request either."""
    async with logged(tmp_path, access_log_format=form) as (_, front, log):
        request = b"GET /%b[31mforged HTTP/1.1\r\nHost: edge.test\r\n\r\n" % octet
        assert (await take_answer(await front.ask(request))).status == 400
        line = await log.raw()
        assert line.removesuffix("\n").isprintable()
        assert "forged" not in line


@pytest.mark.parametrize("target", ['/"quoted"', "/back\\slash", '/a?q="}{"', "/%0d%0a%1b[31m", "/'\u0060<>|^{}"])
async def test_whatever_a_target_holds_its_line_is_json(tmp_path: Path, target: str) -> None:
    async with logged(tmp_path) as (app, front, log):
        await served(app, front, get(target))
        assert (await log.line())["target"] == target


# Where it goes


async def test_a_terminal_gets_text_for_people(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    try:
        async with App() as app, serving(app.url, access_log=os.ttyname(terminal)) as front:
            await served(app, front, get("/page"))
            client = await served(app, front, get("/ws", WEBSOCKET), SWITCHED)
            await client.reset()
            lines = await asyncio.to_thread(_read_lines, controller, 3)
        clock, who = r"\d\d:\d\d:\d\d", r"127\.0\.0\.1 +"
        page, opened, closed = lines
        assert re.fullmatch(rf"{clock} {who}200 GET /page  \[complete, \d\.\d{{3}} s, up 0 B, down 4 B\]", page)
        assert re.fullmatch(rf"{clock} {who}101 GET /ws  \[tunnel #\d+ open\]", opened)
        assert re.fullmatch(
            rf"{clock} {who}101 GET /ws  \[tunnel #\d+ closed, lost by client, \d\.\d{{3}} s, up 0 B, down 0 B\]",
            closed,
        )
    finally:
        os.close(controller)
        os.close(terminal)


def _read_lines(descriptor: int, count: int) -> list[str]:
    text = ""
    while text.count("\n") < count:
        text += os.read(descriptor, 4096).decode()
    return text.split("\r\n")[:count]


async def test_standard_output_that_is_no_terminal_gets_json_lines(tmp_path: Path) -> None:
    async with App() as app:
        with programs.edge("--to", app.url, cwd=tmp_path) as (url, program):
            wire = await Wire.dial("127.0.0.1", int(url.rpartition(":")[2]))
            wire.writer.write(get("/to/stdout"))
            upstream, _ = await app.asked()
            upstream.writer.write(ok())
            await take_answer(wire)
            found = await asyncio.to_thread(program.wait_for, r"\{.*/to/stdout.*\}")
            assert json.loads(found[0])["status"] == 200
            await wire.close()


async def test_the_last_lines_are_written_before_the_edge_ends(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    async with App() as app, serving(app.url, access_log=str(path)) as front:
        for number in range(20):
            await served(app, front, get(f"/{number}"))
    assert [json.loads(line)["target"] for line in path.read_text().splitlines()] == [f"/{n}" for n in range(20)]


async def test_a_log_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text("from before\n")
    async with App() as app, serving(app.url, access_log=str(path)) as front:
        await served(app, front, get())
    assert path.read_text().startswith("from before\n{")


async def test_off_writes_nothing(tmp_path: Path) -> None:
    async with App() as app:
        with programs.edge("--to", app.url, "--access-log", "off", cwd=tmp_path) as (url, program):
            wire = await Wire.dial("127.0.0.1", int(url.rpartition(":")[2]))
            wire.writer.write(get("/quiet"))
            upstream, _ = await app.asked()
            upstream.writer.write(ok())
            await take_answer(wire)
            await wire.close()
    assert "/quiet" not in program.output


# A sink that is in trouble


async def many(app: App, front: Front, count: int) -> None:
    """Requests one after another on one connection, all answered."""
    client = await front.ask(get("/0"))
    upstream, _ = await app.asked()
    for number in range(count):
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200
        client.writer.write(get(f"/{number + 1}"))
        await take_request(upstream)


async def test_a_sink_that_blocks_delays_no_request_and_loses_no_line(tmp_path: Path) -> None:
    """A pipe holds 64 KiB; nobody reads it until all requests are answered."""
    path = tmp_path / "blocked"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDWR)
    async with App() as app, serving(app.url, access_log=str(path)) as front:
        await many(app, front, 1000)
        os.set_blocking(reader, True)
        lines = await asyncio.to_thread(_read_log, reader, 1000)
        assert [json.loads(line)["target"] for line in lines] == [f"/{number}" for number in range(1000)]
    os.close(reader)


def _read_log(descriptor: int, count: int) -> list[bytes]:
    octets = b""
    while octets.count(b"\n") < count:
        octets += os.read(descriptor, 1 << 16)
    return octets.splitlines()


async def test_a_sink_whose_reader_is_gone_stops_no_request(tmp_path: Path) -> None:
    path = tmp_path / "dead"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDWR)
    async with App() as app, serving(app.url, access_log=str(path)) as front:
        os.close(reader)
        await many(app, front, 100)


async def test_a_full_disk_stops_no_request() -> None:
    async with App() as app, serving(app.url, access_log="/dev/full") as front:
        await many(app, front, 100)


def test_lines_that_do_not_fit_are_counted_and_told() -> None:
    reader, writer = os.pipe()
    log = LineWriter(os.fdopen(writer, "wb", buffering=0))
    log.put(["a" * (BACKLOG_BYTES - 1) + "\n"])
    log.put(["lost\n", "lost too\n"])
    assert log.dropped == 2
    received = b""
    while len(received) < BACKLOG_BYTES:
        received += os.read(reader, 1 << 20)
    while log.waiting:  # the sink has taken all, and its thread is about to say so
        time.sleep(0)
    log.put(["kept\n"])
    log.close()
    assert os.read(reader, 4096) == b'{"event": "dropped", "lines": 2}\nkept\n'
    os.close(reader)


def test_a_log_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        argv = [sys.executable, "-m", "antechamber", "serve", "--to", ":3000", "--listen", "127.0.0.1:0"]
        done = subprocess.run([*argv, "--access-log", path], capture_output=True, text=True, timeout=60, cwd=os.sep)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert str(path) in done.stderr
    assert "cannot be written" in done.stderr


async def test_an_edge_that_is_refused_for_its_log_leaves_nothing_open(tmp_path: Path) -> None:
    path, port = tmp_path / "socket", free_port()
    with socket.socket(socket.AF_UNIX) as unwritable:
        unwritable.bind(str(path))
        with pytest.raises(ConfigError, match="cannot be written"):
            async with serving(":3000", listen=f"127.0.0.1:{port}", access_log=str(path)):
                pass
    socket.create_server(("127.0.0.1", port), reuse_port=False).close()
