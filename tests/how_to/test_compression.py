"""What a second layer of compression does, on a real nginx and Caddy: the evidence of ``docs/how-to/cdn.md``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.target import Target
from tests.engines.deployed import free_port
from tests.how_to.app import App
from tests.how_to.looks import EVENTS, streamed
from tests.how_to.servers import caddy, nginx

pytestmark = pytest.mark.engine

GZIP = (b"Accept-Encoding", b"gzip")
NGINX = """
server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1;
    gzip on;
    gzip_types *;
    gzip_proxied any;
    location / {{ proxy_pass {app}; }}
}}
"""
CADDY = """
http://:{port} {{
    bind 127.0.0.1
    encode gzip
    reverse_proxy {app}
}}
"""


@pytest.mark.parametrize("engine", ["nginx", "caddy"])
async def test_a_compressed_answer_passes_untouched_through_a_layer_that_compresses(
    engine: str, app: App, tmp_path: Path
) -> None:
    port = free_port()
    if engine == "nginx":
        running = nginx(tmp_path, NGINX.format(port=port, app=app.url), port=port)
    else:
        running = caddy(tmp_path, CADDY.format(port=port, app=urlsplit(app.url).netloc), port=port)
    async with running:
        wanted = Request(target="/", fields=(GZIP,))
        direct = await fetch(app.direct, wanted, patience_s=10.0)
        through = await fetch(Target.of(f"http://127.0.0.1:{port}"), wanted, patience_s=10.0)
    assert direct.field(b"content-encoding") == b"gzip"
    assert [value for name, value in through.fields if name.lower() == b"content-encoding"] == [b"gzip"]
    assert through.body == direct.body


async def test_a_layer_that_compresses_and_buffers_holds_an_event_stream_to_its_end(app: App, tmp_path: Path) -> None:
    """The same layer without ``gzip`` lets each event through, although it buffers."""
    port = free_port()
    async with nginx(tmp_path, NGINX.format(port=port, app=app.url), port=port):
        target = Target.of(f"http://127.0.0.1:{port}").carrying(*app.direct.fields)
        packed = await streamed(target, "/api/event", GZIP, accel_buffering_no=False)
        plain = await streamed(target, "/api/event", accel_buffering_no=False)
    assert packed.field(b"content-encoding") == b"gzip"
    assert packed.ending.at_s - packed.pieces[0].at_s < packed.pieces[0].at_s, "nothing before the last event was there"
    assert len(plain.pieces) == EVENTS
