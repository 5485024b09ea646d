"""What the lines of the guide's Caddy sample do, on a real Caddy: the evidence of ``docs/how-to/caddy.md``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from antechamber.probe.target import Target
from antechamber.probe.transcript import End
from tests.engines.apps import echo
from tests.engines.deployed import free_port
from tests.how_to.app import App
from tests.how_to.looks import EVENTS, streamed
from tests.how_to.servers import adapted, caddy

pytestmark = pytest.mark.engine

SITES = """
(sample) {{
    header_up Host {{host}}
    header_up X-Forwarded-For {{remote_host}}
    header_up X-Forwarded-Proto {{scheme}}
    transport http {{
        read_timeout 500ms
    }}
}}
http://:{sample} {{
    bind 127.0.0.1
    reverse_proxy {app} {{
        import sample
        {trusted}
    }}
}}
http://:{bare} {{
    bind 127.0.0.1
    reverse_proxy {app} {{
        {trusted}
    }}
}}
"""
OUTER = (
    (b"X-Forwarded-For", b"203.0.113.9"),
    (b"X-Forwarded-Proto", b"https"),
)
"""What a trusted proxy that ends TLS says of the browser."""


@pytest.fixture
async def sites(app: App, tmp_path: Path) -> AsyncIterator[tuple[Target, Target]]:
    """The ways in through the sample's lines, and through ``reverse_proxy`` alone; logged in."""
    sample, bare = free_port(), free_port()
    text = SITES.format(sample=sample, bare=bare, app=urlsplit(app.url).netloc, trusted="trusted_proxies 127.0.0.1/32")
    async with caddy(tmp_path, text, port=bare):
        first, second = (Target.of(f"http://127.0.0.1:{port}").carrying(*app.direct.fields) for port in (sample, bare))
        yield first, second


def test_a_reverse_proxy_line_on_top_is_no_site(tmp_path: Path) -> None:
    verdict = adapted(tmp_path, "reverse_proxy 127.0.0.1:3000 {\n\tflush_interval -1\n}\n")
    assert verdict.returncode != 0
    assert "site address" in verdict.stderr


async def test_remote_host_hides_the_browser_behind_a_trusted_proxy(sites: tuple[Target, Target]) -> None:
    sample, bare = [(await echo(target, "/health", *OUTER)).fields for target in sites]
    assert sample["x-forwarded-for"] == "127.0.0.1"
    assert bare["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"


async def test_scheme_forgets_that_tls_ended_further_out(sites: tuple[Target, Target]) -> None:
    sample, bare = [(await echo(target, "/health", *OUTER)).fields for target in sites]
    assert sample["x-forwarded-proto"] == "http"
    assert bare["x-forwarded-proto"] == "https"


async def test_host_takes_the_port_away(sites: tuple[Target, Target]) -> None:
    sample, bare = [(await echo(target, "/health")).fields for target in sites]
    assert sample["host"] == "127.0.0.1"
    assert bare["host"] == sites[1].host


async def test_event_streams_are_flushed_without_a_flush_interval(sites: tuple[Target, Target]) -> None:
    answer = await streamed(sites[1], "/api/event", accel_buffering_no=False)
    assert answer.status == 200
    assert len(answer.pieces) == EVENTS


async def test_a_read_timeout_cuts_a_quiet_stream_that_lives_without_one(sites: tuple[Target, Target]) -> None:
    sample, bare = await asyncio.gather(*(streamed(target, "/api/event", pace_s=1.0) for target in sites))
    assert (bare.ending.end, len(bare.pieces)) == (End.COMPLETE, EVENTS)
    assert len(sample.pieces) == 1
    assert sample.ending.end is not End.COMPLETE
