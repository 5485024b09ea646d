"""The configurations on the how-to pages, run from the pages: the guide's routes and uploads work as they do directly.

Addresses are replaced, and TLS is left out, which ``tests/integration/test_outer_proxy.py`` has; a block that no longer
holds what is replaced fails (``docs/decisions/pages-that-run.md``).
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from antechamber.policy.model import Kind
from antechamber.probe.target import Target
from tests.engines.apps import CLAIMS, FORGED, echo
from tests.engines.binaries import BUILDS, Build
from tests.engines.deployed import free_port, policy_of
from tests.engines.npm_rig import Switches, config
from tests.how_to.app import App
from tests.how_to.blocks import block, replaced
from tests.how_to.looks import EVENTS, arrives, opened, streamed
from tests.how_to.servers import caddy, haproxy, nginx, nginx_whole

pytestmark = pytest.mark.engine

APP = "127.0.0.1:3000"


def way_in(port: int, app: App) -> Target:
    """Through the proxy on ``port``, logged in."""
    return Target.of(f"http://127.0.0.1:{port}").carrying(*app.direct.fields)


async def the_guides_routes_work(app: App, target: Target) -> None:
    """Every socket opens, every stream flows, every upload arrives, in front of an app with a password."""
    routes = policy_of({"to": app.url}).routes
    sockets = [route.path for route in routes if route.seed and route.kind is Kind.WEBSOCKET]
    streams = [route.path.replace(":sessionId", "1") for route in routes if route.seed and route.kind is Kind.SSE]
    uploads = [route.path.replace(":id", "1") for route in routes if route.kind is Kind.UPLOAD]
    body = bytes(range(256)) * 8 * 1024
    assert (len(sockets), len(streams), len(uploads)) == (3, 5, 4)
    statuses, answers, whole = await asyncio.gather(
        asyncio.gather(*(opened(target, path) for path in sockets)),
        asyncio.gather(*(streamed(target, path) for path in streams)),
        asyncio.gather(*(arrives(target, path, body) for path in uploads)),
    )
    assert statuses == [101] * 3
    assert [len(answer.pieces) for answer in answers] == [EVENTS] * 5
    assert whole == [True] * 4


async def nothing_forged_arrives(target: Target) -> None:
    fields = (await echo(target, "/api/event", *CLAIMS)).fields
    assert not [name for name, value in fields.items() if FORGED in value or "evil" in value]


@pytest.mark.parametrize(
    "build", [build for build in BUILDS if build.engine.name == "nginx"], ids=lambda build: build.key
)
async def test_the_nginx_block_serves_the_guides_routes(build: Build, app: App, tmp_path: Path) -> None:
    port = free_port()
    http = replaced(
        block("nginx.md", "nginx"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port}"),
        ("ssl_certificate     /etc/ssl/chamber.pem;", ""),
        ("ssl_certificate_key /etc/ssl/chamber.key;", ""),
        (f"http://{APP}", app.url),
    )
    async with nginx(tmp_path, http, port=port, binary=build.find()):
        await the_guides_routes_work(app, way_in(port, app))
        await nothing_forged_arrives(way_in(port, app))


async def test_the_caddy_block_serves_the_guides_routes(app: App, tmp_path: Path) -> None:
    port = free_port()
    site = replaced(
        block("caddy.md", "caddyfile"),
        ("chamber.example.com {", f"http://:{port} {{\nbind 127.0.0.1"),
        (APP, urlsplit(app.url).netloc),
    )
    async with caddy(tmp_path, site, port=port):
        await the_guides_routes_work(app, way_in(port, app))
        await nothing_forged_arrives(way_in(port, app))


async def test_the_haproxy_block_serves_the_guides_routes(app: App, tmp_path: Path) -> None:
    port = free_port()
    text = replaced(
        block("haproxy.md", "haproxy"),
        (":443 ssl crt /etc/ssl/chamber.pem alpn h2,http/1.1", f"127.0.0.1:{port}"),
        ("X-Forwarded-Proto https", "X-Forwarded-Proto http"),
        (APP, urlsplit(app.url).netloc),
    )
    async with haproxy(tmp_path, text, port=port):
        await the_guides_routes_work(app, way_in(port, app))
        await nothing_forged_arrives(way_in(port, app))


async def test_the_text_for_npm_serves_the_guides_routes_with_the_switch_on(app: App, tmp_path: Path) -> None:
    port, app_port = free_port(), urlsplit(app.url).port
    assert app_port
    text = block("npm.md", "nginx")
    assert "location" not in text
    async with nginx_whole(tmp_path, config(text, Switches(), port=port, app_port=app_port), port=port):
        await the_guides_routes_work(app, way_in(port, app))
