"""What the directives of the guide's nginx sample do, on a real nginx: the evidence of ``docs/how-to/nginx.md``."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.target import Target
from antechamber.surface.request import Do, ProbeRequest
from tests.engines.apps import CLAIMS, FORGED, echo
from tests.engines.deployed import free_port
from tests.how_to.app import App
from tests.how_to.looks import asking, opened, streamed
from tests.how_to.nginx_sample import SAMPLE
from tests.how_to.servers import nginx

pytestmark = pytest.mark.engine


@pytest.fixture
async def sample(app: App, tmp_path: Path) -> AsyncIterator[Target]:
    """The way in through nginx, logged in."""
    port = free_port()
    async with nginx(tmp_path, SAMPLE.format(port=port, app=app.url), port=port):
        yield Target.of(f"http://127.0.0.1:{port}").carrying(*app.direct.fields)


async def test_a_location_with_one_proxy_set_header_inherits_none_of_the_others(sample: Target) -> None:
    """https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header"""
    outside = (await echo(sample, "/health", *CLAIMS)).fields
    for live in ("/api/event", "/api/event/ws"):
        fields = (await echo(sample, live, *CLAIMS)).fields
        assert fields["host"] != sample.host
        assert fields["x-forwarded-host"] == "evil.example"
        assert fields["x-forwarded-proto"] == "gopher"
        assert fields["x-forwarded-for"] == FORGED
    assert outside["x-forwarded-host"] == "127.0.0.1"
    assert outside["x-forwarded-proto"] == "http"


async def test_sockets_are_refused_where_the_forwarded_fields_are_lost(sample: Target, app: App) -> None:
    assert await opened(app.direct, "/api/event/ws") == 101
    assert await opened(sample, "/api/event/ws") == 403


async def test_an_unlisted_socket_stays_shut_under_a_constant_empty_connection(sample: Target, app: App) -> None:
    observed = asking(ProbeRequest(do=Do.STREAM, count=1))
    assert await opened(app.direct, "/api/dictation/ws", observed) == 101
    assert await opened(sample, "/api/dictation/ws", observed) == 200


async def test_of_two_lines_for_a_field_both_are_sent_and_an_empty_one_is_not(app: App, tmp_path: Path) -> None:
    """What stands around a text that is pasted sets fields as well: Nginx Proxy Manager's switch, for one."""
    port = free_port()
    lines = (
        "proxy_set_header X-One a; proxy_set_header X-One b;"
        'proxy_set_header X-Two $http_x_two; proxy_set_header X-Two "";'
    )
    server = f"server {{ listen 127.0.0.1:{port}; {lines} location / {{ proxy_pass {app.url}; }} }}"
    async with nginx(tmp_path, server, port=port):
        target = Target.of(f"http://127.0.0.1:{port}").carrying(*app.direct.fields)
        fields = (await echo(target, "/health", (b"X-Two", b"kept"))).fields
    assert fields["x-one"] == "a, b"
    assert fields["x-two"] == "kept"


async def test_dollar_host_drops_the_port(sample: Target) -> None:
    fields = (await echo(sample, "/health")).fields
    assert ":" in sample.host
    assert fields["host"] == fields["x-forwarded-host"] == "127.0.0.1"


async def test_an_appended_chain_starts_with_what_the_client_wrote(sample: Target) -> None:
    fields = (await echo(sample, "/health", *CLAIMS)).fields
    assert fields["x-forwarded-for"] == f"{FORGED}, 127.0.0.1"


async def test_a_constant_connection_upgrade_is_sent_with_ordinary_requests_too(sample: Target) -> None:
    fields = (await echo(sample, "/api/event/ws")).fields
    assert fields["connection"] == "upgrade"
    assert "upgrade" not in fields


async def test_accept_and_cache_control_make_it_another_request_than_the_clients(sample: Target) -> None:
    fields = (await echo(sample, "/api/event", (b"Accept", b"*/*"), (b"Cache-Control", b"max-age=0"))).fields
    assert fields["accept"] == "text/event-stream"
    assert fields["cache-control"] == "no-cache"


async def test_an_added_x_accel_buffering_releases_nothing_and_the_apps_own_does(sample: Target) -> None:
    """https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering"""
    added, apps = await asyncio.gather(
        streamed(sample, "/buffered", accel_buffering_no=False),
        streamed(sample, "/buffered", accel_buffering_no=True),
    )
    assert added.field(b"x-accel-buffering") == b"no"
    assert added.head_s is not None
    assert apps.head_s is not None
    assert len(added.pieces) == 1, "all events in one piece, when the last was there"
    assert len(apps.pieces) == 4
    assert apps.head_s < added.head_s


async def test_an_added_cache_control_stands_beside_the_apps(sample: Target) -> None:
    answer = await streamed(sample, "/api/event", accel_buffering_no=True)
    told = [value for name, value in answer.fields if name.lower() == b"cache-control"]
    assert sorted(told) == [b"no-cache", b"no-cache, no-transform"]


async def test_an_add_header_in_a_location_takes_away_the_servers(sample: Target) -> None:
    live = await streamed(sample, "/api/event", accel_buffering_no=True)
    other = await fetch(sample, Request(target="/health"), patience_s=10.0)
    assert other.field(b"strict-transport-security") == b"max-age=1"
    assert live.field(b"strict-transport-security") is None


async def test_the_guides_body_limit_refuses_what_the_app_takes(sample: Target) -> None:
    """Judged by the head alone, so that nothing has to be sent."""
    stream = await sample.open(within_s=10.0)
    head = b"POST /api/fs/upload HTTP/1.1\r\nHost: chamber.example.com\r\nContent-Length: %d\r\n\r\n"
    await stream.write(head % (60 * 1024 * 1024), within_s=10.0)
    arrival = await stream.read(within_s=10.0)
    await stream.close()
    assert arrival.data.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("upstream", "passed_to", "connections"),
    [
        ("", "http://127.0.0.1:{app}", 3),
        ("upstream app {{ server 127.0.0.1:{app}; keepalive 32; keepalive_timeout 4s; }}", "http://app", 1),
    ],
    ids=["guide", "ours"],
)
async def test_an_empty_connection_field_keeps_no_connection_open_without_an_upstream_block(
    upstream: str, passed_to: str, connections: int, tmp_path: Path
) -> None:
    """https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive"""
    seen: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        app_port, port = server.sockets[0].getsockname()[1], free_port()
        http = (
            f"{upstream.format(app=app_port)}\nserver {{ listen 127.0.0.1:{port}; proxy_http_version 1.1;"
            f' proxy_set_header Connection ""; location / {{ proxy_pass {passed_to.format(app=app_port)}; }} }}'
        )
        async with nginx(tmp_path, http, port=port):
            target = Target.of(f"http://127.0.0.1:{port}")
            for _ in range(3):
                assert (await fetch(target, Request(target="/"), patience_s=10.0)).body == b"ok"
        for writer in seen:
            await writer.wait_closed()
    assert len(seen) == connections


@pytest.mark.matrix
async def test_a_body_buffer_is_memory_that_a_slow_app_leaves_filled(tmp_path: Path) -> None:
    """Two uploads of 24 MiB to an app that reads nothing: held in the worker, or left with the client."""
    size, uploads = 24 * 1024 * 1024, 2
    stalled: list[asyncio.StreamWriter] = []

    async def read_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        stalled.append(writer)

    async def upload(port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        stalled.append(writer)
        writer.write(b"POST / HTTP/1.1\r\nHost: app\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        await writer.drain()
        await asyncio.Event().wait()

    async def grown_by(directory: Path, line: str, *, enough: int) -> int:
        """What the worker grows by, watched until it is ``enough`` or 3 s are over."""
        port = free_port()
        http = (
            f"server {{ listen 127.0.0.1:{port}; client_max_body_size 50M; proxy_request_buffering off; {line}"
            f" proxy_http_version 1.1; location / {{ proxy_pass http://127.0.0.1:{app_port}; }} }}"
        )
        directory.mkdir()
        async with nginx(directory, http, port=port):
            worker = _worker(directory)
            before = _resident_bytes(worker)
            sending = [asyncio.create_task(upload(port)) for _ in range(uploads)]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3.0):
                    while _resident_bytes(worker) - before < enough:
                        await asyncio.sleep(0.05)
            grown = _resident_bytes(worker) - before
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)
            for writer in stalled:
                writer.transport.abort()
            stalled.clear()
        return grown

    async with await asyncio.start_server(read_nothing, "127.0.0.1", 0) as server:
        app_port = server.sockets[0].getsockname()[1]
        guide = await grown_by(tmp_path / "guide", "client_body_buffer_size 50M;", enough=size * uploads // 2)
        ours = await grown_by(tmp_path / "ours", "", enough=size * uploads // 2)
    assert guide > size * uploads // 2
    assert ours < size * uploads // 8


def _worker(directory: Path) -> int:
    master = (directory / "nginx.pid").read_text().strip()
    return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])


def _resident_bytes(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096
