"""``antechamber learn`` as people run it."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from antechamber.cli.main import main
from tests.learn.recordings import chromium, learned


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app.har").write_bytes(chromium())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(chromium()), isatty=lambda: False))
    return tmp_path


def test_the_profile_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "app.har"]) == 0
    assert capsys.readouterr() == (learned(chromium()), "")


def test_a_recording_may_come_from_standard_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "-"]) == 0
    assert capsys.readouterr().out == learned(chromium(), name="standard input")


def test_a_file_is_written_and_never_replaced_unasked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = here / "rooms.toml"
    assert main(["learn", "app.har", "-o", "rooms.toml"]) == 0
    assert profile.read_text() == learned(chromium())
    profile.write_text("mine\n")
    assert main(["learn", "app.har", "-o", "rooms.toml"]) == 2
    assert profile.read_text() == "mine\n"
    assert "Add --overwrite." in capsys.readouterr().err
    assert main(["learn", "app.har", "-o", "rooms.toml", "--overwrite"]) == 0
    assert profile.read_text() == learned(chromium())


def test_the_profile_is_one_for_every_other_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "app.har", "-o", "rooms.toml"]) == 0
    assert main(["config", "--show", "--profile", "./rooms.toml", "--to", ":3000"]) == 0
    assert "/room/:id/ws" in capsys.readouterr().out
    for engine in ("nginx", "caddy", "haproxy"):
        assert main(["config", engine, "--profile", "./rooms.toml", "--to", ":3000"]) == 0
        assert "room" in capsys.readouterr().out
