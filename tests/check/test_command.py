"""``antechamber check`` as people run it: exit codes, formats, secrets, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.apps import PASSWORD, TOKEN
from tests.integration.programs import edge

COMMAND = [sys.executable, "-m", "antechamber", "check"]
DEADLINE_S = 90.0
FEW = """
name = "few"
app = "The app"
[[route]]
path = "/auth/session"
name = "session"
kind = "api"
methods = ["GET", "POST"]
[[route]]
path = "/api/event/ws"
name = "socket"
kind = "websocket"
first = '"type":"ready"'
[[route]]
path = "/api/event"
name = "stream"
kind = "sse"
methods = ["GET"]
first = '"type":"server.connected"'
[[route]]
path = "/*"
name = "pages"
kind = "page"
"""
"""A profile of a few routes: what the command does with them is the same for many."""


@pytest.fixture(scope="module")
def front(chamber: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an edge in front of the app."""
    with edge("--to", chamber, cwd=tmp_path_factory.mktemp("edge")) as (url, _):
        yield url


@pytest.fixture
def profile(tmp_path: Path) -> str:
    file = tmp_path / "few.toml"
    file.write_text(FEW)
    return str(file)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    return kept | more


def run(*arguments: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        env=environment(**variables),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_a_healthy_chain_is_clean_and_its_secrets_are_in_no_report(
    front: str, chamber: str, profile: str, tmp_path: Path
) -> None:
    seen = run(
        *(front, "--direct", chamber, "--profile", profile, "--password", "--format", "json"),
        directory=tmp_path,
        ANTECHAMBER_APP_PASSWORD=PASSWORD,
        ANTECHAMBER_PROBE_TOKEN=TOKEN,
    )
    assert seen.returncode == 0, seen.stdout + seen.stderr
    report = json.loads(seen.stdout)
    assert report["findings"] == []
    assert PASSWORD not in seen.stdout + seen.stderr
    assert TOKEN not in seen.stdout + seen.stderr
    assert "oc_ui_session=" not in seen.stdout + seen.stderr


def test_findings_give_exit_code_1_and_stand_in_the_text_with_their_fix(
    chamber: str, profile: str, tmp_path: Path
) -> None:
    with edge("--to", chamber, "--public-origin", "https://elsewhere.test", cwd=tmp_path) as (url, _):
        seen = run(
            *(url, "--direct", chamber, "--profile", profile, "--password", "--probe-token", TOKEN),
            directory=tmp_path,
            ANTECHAMBER_APP_PASSWORD=PASSWORD,
        )
    assert seen.returncode == 1, seen.stdout + seen.stderr
    assert "AC503" in seen.stdout
    assert "/api/event/ws" in seen.stdout
    assert "\x1b" not in seen.stdout


def test_a_stranger_at_a_closed_door_gets_exit_code_4(front: str, chamber: str, profile: str, tmp_path: Path) -> None:
    seen = run(front, "--direct", chamber, "--profile", profile, directory=tmp_path)
    assert seen.returncode == 4, seen.stdout + seen.stderr
    assert "--password" in seen.stdout


def test_a_wrong_password_is_tried_once_and_told(front: str, chamber: str, profile: str, tmp_path: Path) -> None:
    seen = run(
        *(front, "--direct", chamber, "--profile", profile, "--password"),
        directory=tmp_path,
        ANTECHAMBER_APP_PASSWORD="not the password",
    )
    assert seen.returncode == 4
    assert "refused the login: 401" in seen.stderr
    assert "not the password" not in seen.stderr


def test_an_app_that_is_down_is_to_be_mended_before_its_proxy(front: str, profile: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead = taken.getsockname()[1]
    seen = run(front, "--direct", f"http://127.0.0.1:{dead}", "--profile", profile, directory=tmp_path)
    assert seen.returncode == 3
    assert "start or mend the app first" in seen.stderr


def test_a_proxy_that_does_not_answer_is_not_reachable(chamber: str, profile: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead = taken.getsockname()[1]
    seen = run(f"http://127.0.0.1:{dead}", "--direct", chamber, "--profile", profile, directory=tmp_path)
    assert seen.returncode == 3
    assert f"http://127.0.0.1:{dead} does not answer" in seen.stderr


def test_ctrl_c_tells_what_is_known_so_far(front: str, chamber: str, profile: str, tmp_path: Path) -> None:
    """Here while it waits for time limits, when all routes have been looked at."""
    arguments = [*COMMAND, front, "--direct", chamber, "--profile", profile, "--password", "--patience", "10m"]
    with subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(ANTECHAMBER_APP_PASSWORD=PASSWORD, ANTECHAMBER_PROBE_TOKEN=TOKEN),
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "waiting for" in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "/api/event/ws" in out
    assert "Interrupted" in out


def test_the_report_goes_into_a_file_where_one_is_named(front: str, chamber: str, profile: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    seen = run(
        *(front, "--direct", chamber, "--profile", profile, "--password", "--format", "html", "--output", str(file)),
        directory=tmp_path,
        ANTECHAMBER_APP_PASSWORD=PASSWORD,
    )
    assert seen.returncode == 0, seen.stderr
    assert seen.stdout == ""
    assert "<html" in file.read_text()
