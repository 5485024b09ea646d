"""The demo as a command: the table of every route, staying up, stopping, and what happens when it cannot start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from antechamber.policy.load import load
from tests.demo.running import children_of, is_running, run_once, started

READY = re.compile(r"^Open +(http://\S+)$")


def seed_routes() -> set[str]:
    """What the app's own reverse-proxy guide names, and an upload."""
    policy = load({"to": "http://127.0.0.1:9"}, environment={}, directory=Path("/")).policy
    return {route.path for route in policy.routes if route.seed} | {"/api/fs/upload"}


def read_until(process: subprocess.Popen[str], pattern: re.Pattern[str]) -> re.Match[str]:
    assert process.stdout is not None
    for line in process.stdout:
        if found := pattern.search(line):
            return found
    raise AssertionError(f"ended before a line matched {pattern.pattern}")


def test_once_shows_every_route_of_the_guide_and_every_one_is_well(tmp_path: Path) -> None:
    seen = run_once(directory=tmp_path)
    assert seen.code == 0, seen.out + seen.err
    assert len(seed_routes()) == 3 + 5 + 1 + 1 + 1, "3 sockets, 5 streams, upload, API and page"
    assert seed_routes() <= seen.verdicts.keys()
    assert set(seen.verdicts.values()) == {"ok"}
    assert "routes work through the chain as they do directly" in seen.out


def test_what_is_not_a_terminal_gets_plain_lines_and_progress_stays_off_standard_output(tmp_path: Path) -> None:
    seen = run_once("--profile", "generic", directory=tmp_path)
    assert seen.code == 0, seen.out + seen.err
    assert "\x1b" not in seen.out + seen.err
    assert "antechamber:" not in seen.out
    assert "driving 1 routes" in seen.err


def test_it_stays_up_until_ctrl_c_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with started("--profile", "generic", directory=tmp_path) as process:
        url = read_until(process, READY)[1]
        read_until(process, re.compile(r"^Stop +Ctrl-C$"))
        children = children_of(process)
        assert len(children) == 2
        with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert not [pid for pid in children if is_running(pid)]
    assert not list(tmp_path.iterdir())


def test_a_signal_in_the_middle_ends_the_children_too(tmp_path: Path) -> None:
    with started("--once", directory=tmp_path) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "driving" in line:
                break
        children = children_of(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 130
    assert len(children) == 2
    assert not [pid for pid in children if is_running(pid)]


def test_a_child_that_dies_while_it_stays_up_is_told_with_its_last_words(tmp_path: Path) -> None:
    with started("--profile", "generic", directory=tmp_path) as process:
        read_until(process, re.compile("Ctrl-C"))
        edge = children_of(process)[1]
        os.kill(edge, signal.SIGKILL)
        assert process.wait(timeout=20) == 1
        assert process.stderr is not None
        assert "the edge ended with exit code -9" in process.stderr.read()


def test_a_child_that_cannot_start_is_shown_with_its_reason(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        seen = run_once("--listen", f"127.0.0.1:{port}", directory=tmp_path)
    assert seen.code == 2
    assert "the edge ended with exit code 2 before it was ready" in seen.err
    assert f"127.0.0.1:{port}" in seen.err
    assert "in use" in seen.err
    assert "Traceback" not in seen.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--profile", "nope"], '"nope" is not a built-in profile'),
        (["--profile", "./missing.toml"], "missing.toml"),
        (["--listen", "127.0.0.1:99999"], '"99999" is not a port'),
        (["--through", "ftp://127.0.0.1"], "not an http or https URL"),
        (["--through", "http://127.0.0.1:x"], "not a port number"),
    ],
)
def test_misuse_is_one_line_before_anything_is_started(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    seen = run_once(*arguments, directory=tmp_path)
    assert seen.code == 2
    assert complaint in seen.err.splitlines()[-1]
    assert seen.out == ""


def test_settings_of_the_person_s_own_edge_do_not_reach_the_demo(tmp_path: Path) -> None:
    (tmp_path / "antechamber.toml").write_text('to = "http://127.0.0.1:9"\nno-such-key = 1\n')
    foreign = {"ANTECHAMBER_TO": "http://127.0.0.1:9", "ANTECHAMBER_BODY_LIMIT": "nonsense"}
    seen = run_once("--profile", "generic", directory=tmp_path, variables=foreign)
    assert seen.code == 0, seen.out + seen.err
