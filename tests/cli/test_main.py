"""The entry point: exit codes, help, and no traceback for anybody who did not ask for one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from antechamber import __version__
from antechamber.cli import app
from antechamber.cli.main import main
from antechamber.errors import AuthenticationNeededError, ConfigError, UnreachableError


def clean(**variables: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")} | variables


def test_every_command_is_in_its_own_file_and_every_file_is_listed() -> None:
    for command in app.COMMANDS:
        assert callable(command.load())
        assert command.summary.endswith(".")
    listed = {command.module for command in app.COMMANDS}
    room = Path(app.__file__).parent
    modules = {file.stem for file in room.glob("*.py")} - {"__init__", "main", "app", "usage", "flags"}
    named_as_a_function = {name for name in modules if hasattr(import_module(f"antechamber.cli.{name}"), name)}
    assert named_as_a_function == listed


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 2),
        (UnreachableError("x"), 3),
        (AuthenticationNeededError("x"), 4),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(app, "run", fail)
    assert main(["serve"]) == code
    assert capsys.readouterr().err == ("" if code == 130 else "antechamber: error: x\n")


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_our_own_is_one_line_unless_all_of_it_is_asked_for(
    debug: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise ZeroDivisionError("one\ntwo")

    monkeypatch.setattr(app, "run", fail)
    monkeypatch.setenv("ANTECHAMBER_DEBUG", "1" if debug else "")
    assert main(["serve"]) == 1
    err = capsys.readouterr().err
    assert ("Traceback" in err) is debug
    assert err.splitlines()[-1].startswith(
        "antechamber: error: ZeroDivisionError: one two. This is a fault of antechamber"
    )
    assert debug or err.count("\n") == 1


def test_help_names_every_command_and_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--help"], ["-h"]):
        assert main(arguments) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert all(command.name in out for command in app.COMMANDS)


def test_help_of_serve_has_every_section_and_no_colour_where_none_is_wanted() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "antechamber", "serve", "--help"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env=clean(NO_COLOR="1", FORCE_COLOR="1", COLUMNS="120"),
    )
    for shown in ("--response-timeout", "(default: 60s)", "[::]:PORT", "Time limits", "Names and trust"):
        assert shown in re.sub(r"\x1b\[[0-9;]*m", "", run.stdout)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", run.stdout)


def test_version_is_a_flag_wherever_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"antechamber {__version__}\n"


def test_a_reader_that_goes_away_early_sees_no_error() -> None:
    shell = f"{sys.executable} -m antechamber serve --help | head -c 1"
    run = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=30, check=False, env=clean())
    assert run.stderr == ""


def test_serve_says_where_it_serves_warns_of_mistyped_variables_and_ends_cleanly(tmp_path: Path) -> None:
    (tmp_path / "antechamber.toml").write_text('to = "127.0.0.1:9"\nlisten = "127.0.0.1:0"\nprofile = "generic"\n')
    with subprocess.Popen(
        [sys.executable, "-m", "antechamber", "serve"],
        cwd=tmp_path,
        env=clean(ANTECHAMBER_TOO="x"),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
    assert (
        lines[0]
        == "antechamber: warning: the variable ANTECHAMBER_TOO means nothing here; did you mean ANTECHAMBER_TO?\n"
    )
    assert lines[1] == f"antechamber: configuration from {tmp_path}/antechamber.toml\n"
    assert re.fullmatch(
        r"antechamber: serving http://127\.0\.0\.1:\d+ -> http://127\.0\.0\.1:9 \(profile generic\)\n", lines[2]
    )
    assert process.returncode == 0
    assert "Traceback" not in rest
