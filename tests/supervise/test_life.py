"""A whole life on each real engine: started, used, reloaded under 200 open streams, stopped, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import pytest

from tests.engines.binaries import DEBIAN_NGINX
from tests.supervise.crowd import crowd, post
from tests.supervise.engine import PATIENCE_S, Site, group_is_gone, started

pytestmark = pytest.mark.engine

EACH = 100
OVER_DRAIN_TIME = 4
"""Heartbeats, of a third of a second each: the drain time is one second, and it is not for reloads."""
RESET = {"caddy": 2}
"""New connections that may be lost. Caddy opens a socket for each configuration (SO_REUSEPORT): who waits at the old
one when it is closed is reset by the kernel (https://lwn.net/Articles/542629/)."""
NEVER = b"no stream says this"
BUILDS = [
    pytest.param("nginx", (), id="nginx"),
    pytest.param("nginx", ("--binary", str(DEBIAN_NGINX)), id="nginx-debian", marks=pytest.mark.matrix),
    pytest.param("caddy", (), id="caddy"),
    pytest.param("haproxy", (), id="haproxy"),
]


@pytest.mark.parametrize(("engine", "flags"), BUILDS)
async def test_a_reload_shows_in_new_requests_and_in_no_open_stream(
    engine: str, flags: tuple[str, ...], site: Site
) -> None:
    """The site file changes under 100 event streams, 100 WebSockets and a client that asks all the time."""
    if flags and not DEBIAN_NGINX.exists():
        pytest.skip("no Debian nginx: apt install nginx")
    with started(site, engine, *flags) as run:
        port = run.serving()
        assert await post(port, 2000) == 200
        async with crowd(port, each=EACH) as open_ones, asking(port) as answers:
            site.write("[limits]\nbody = 1000\n")
            await asyncio.to_thread(
                run.program.wait_for, r"antechamber: .* reloaded: .* for up to 1h", deadline_s=PATIENCE_S
            )
            async with asyncio.timeout(PATIENCE_S):
                while await post(port, 2000) != 413:
                    await asyncio.sleep(0.01)
            for _ in range(OVER_DRAIN_TIME):
                assert await open_ones.lost() == (0, 0)
        assert answers.count(200) > 1
        assert len(answers) - answers.count(200) <= RESET.get(engine, 0)
        leader = run.engine
        run.program.send(signal.SIGTERM)
        assert run.program.wait() == 0
        assert "stopped, with exit code 0" in run.program.output
        assert group_is_gone(leader)
        assert await post(port, 1) == 0, "nobody listens any more"
        assert site.left == []


@pytest.mark.matrix
@pytest.mark.parametrize(("engine", "flags"), BUILDS)
async def test_what_was_open_at_a_reload_ends_when_a_silent_stream_would(
    engine: str, flags: tuple[str, ...], site: Site
) -> None:
    """docs/decisions/reload-keeps-streams.md. These streams are not silent: nothing but the reload can end them."""
    with started(site, engine, *flags, "--stream-idle-timeout", "2s") as run:
        port = run.serving()
        async with crowd(port, each=5) as before:
            assert await before.lost() == (0, 0)
            run.program.send(signal.SIGHUP)
            await asyncio.to_thread(run.program.wait_for, r"reloaded: .* for up to 2s", deadline_s=PATIENCE_S)
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*(live.has_heard(NEVER) for live in before.sockets))
                if engine != "caddy":
                    await asyncio.gather(*(live.has_heard(NEVER) for live in before.streams))
            lost = await before.lost()
        assert lost == (0 if engine == "caddy" else 5, 5)
        async with crowd(port, each=1) as after:
            assert await after.lost() == (0, 0)


@contextlib.asynccontextmanager
async def asking(port: int) -> AsyncIterator[list[int]]:
    """The answers of a client that asks again and again, each time on a new connection."""
    answers: list[int] = []

    async def ask_on() -> None:
        while True:
            answers.append(await post(port, 1))
            await asyncio.sleep(0.01)

    task = asyncio.create_task(ask_on())
    try:
        yield answers
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
