"""``antechamber chamber`` as a process: its ready line, its mistakes, its end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from antechamber.chamber.pty_process import processes_of_session
from antechamber.cli import chamber as command
from antechamber.errors import ConfigError
from tests.chamber.raw import DEADLINE_S

COMMAND = [sys.executable, "-m", "antechamber.cli.main", "chamber", "--listen", "127.0.0.1:0"]


@asynccontextmanager
async def process(
    *flags: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The command, ready, and its URL. Killed at the end if it still runs."""
    running = await asyncio.create_subprocess_exec(
        *COMMAND, *flags, stderr=asyncio.subprocess.PIPE, env={**os.environ, **(environment or {})}
    )
    assert running.stderr is not None
    try:
        async with asyncio.timeout(DEADLINE_S):
            line = (await running.stderr.readline()).decode()
        found = re.fullmatch(r"antechamber: chamber at (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        yield running, found[1]
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def ended(running: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(DEADLINE_S):
        return await running.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_with_streams_and_terminals_open(number: signal.Signals) -> None:
    async with process() as (running, url), httpx.AsyncClient(base_url=url, trust_env=False) as client:
        terminal = (await client.post("/api/terminal/create", json={"cwd": "."})).json()["sessionId"]
        assert (await client.post(f"/api/terminal/{terminal}/input", content="sleep 1000 &\n")).status_code == 200
        pid = (await client.get("/api/system/info")).json()["pid"]
        shells = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        assert any(processes_of_session(shell) for shell in shells)
        async with client.stream("GET", "/api/event") as stream:
            pieces = stream.aiter_raw()
            assert b"server.connected" in await anext(pieces)
            running.send_signal(number)
            assert await ended(running) == 0
            with pytest.raises(httpx.RemoteProtocolError):
                await anext(pieces)
        assert not any(processes_of_session(shell) for shell in shells)


async def test_a_password_from_a_file_or_the_environment_is_asked_for_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from a file\nsecond line\n")
    for flags, environment, password in (
        (["--password-file", str(file)], {}, "from a file"),
        ([], {"ANTECHAMBER_CHAMBER_PASSWORD": "from the environment"}, "from the environment"),
    ):
        async with process(*flags, environment=environment) as (running, url):
            async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
                assert (await client.get("/api/session")).status_code == 401
                assert (await client.post("/auth/session", json={"password": "x"})).status_code == 401
                assert (await client.post("/auth/session", json={"password": password})).status_code == 200
                assert (await client.get("/api/session")).status_code == 200
            running.terminate()
            _, told = await running.communicate()
            assert password.encode() not in told


async def test_heartbeat_age_root_and_probe_token_reach_the_chamber(tmp_path: Path) -> None:
    flags = ["--heartbeat", "0.2", "--as-of", "today", "--root", str(tmp_path), "--probe-token", "token-of-tests"]
    async with process(*flags) as (_, url), httpx.AsyncClient(base_url=url, trust_env=False) as client:
        health = (await client.get("/health")).json()
        assert health["asOf"] == "today"
        assert set(health["heartbeats"].values()) == {0.2}
        headers = {"Content-Type": "application/octet-stream"}
        assert (await client.post("/api/fs/upload?path=x", content=b"x", headers=headers)).status_code == 200
        assert (tmp_path / "x").read_bytes() == b"x"
        echo = await client.get("/any", headers={"Antechamber-Probe": "token-of-tests; do=echo"})
        assert echo.json()["do"] == "echo"


async def test_without_a_root_its_directory_goes_with_it() -> None:
    async with process() as (running, url), httpx.AsyncClient(base_url=url, trust_env=False) as client:
        directory = Path((await client.post("/api/session", json={})).json()["directory"])
        assert directory.is_dir()
        running.terminate()
        assert await ended(running) == 0
        assert not directory.exists()


def test_reachable_from_elsewhere_without_a_password_is_refused() -> None:
    for address in ("0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0"):
        with pytest.raises(ConfigError, match="without a password the chamber listens on loopback only"):
            command.chamber(listen=address)


def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"--listen: cannot listen on 127.0.0.1:{port}: .*in use"):
            command.chamber(listen=f"127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"listen": "127.0.0.1:70000"}, "--listen: .*not a port"),
        ({"listen": "http://127.0.0.1:1"}, "--listen: .*is a URL"),
        ({"as_of": "yesterday"}, '--as-of: "yesterday" is none of both, seed, today'),
        ({"heartbeat": 0.0}, "--heartbeat: heartbeats come every 0.05 to 3600 seconds, not 0"),
        ({"heartbeat": float("nan")}, "--heartbeat: "),
        ({"probe_token": "short"}, "--probe-token: a probe token is 8 to 128"),
        ({"root": Path("/nowhere/at/all")}, "--root: /nowhere/at/all is not a directory"),
        ({"password_file": Path("/nowhere/at/all")}, "--password-file: cannot read /nowhere/at/all: No such file"),
        ({"password_file": Path("/dev/null")}, "--password-file: the first line of /dev/null must be the password"),
    ],
)
def test_a_mistake_is_one_clear_line(flags: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as mistake:
        command.chamber(**{"listen": "127.0.0.1:0", **flags})  # type: ignore[arg-type]  # the table is of all types
    assert "\n" not in str(mistake.value)


def test_a_missing_package_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "jwt" else object())
    with pytest.raises(
        ConfigError, match=r"not installed \(jwt\)\. Install them with: pip install 'antechamber\[chamber\]'"
    ):
        command.chamber()
