"""The directory of an engine: private, somebody's work in it respected, what was refused not left in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from antechamber.engines.base import File
from antechamber.errors import ConfigError
from antechamber.supervise.place import named_place, temporary_place

OURS = "# nginx for an app, written by: antechamber config nginx\n"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_directory_is_for_nobody_else_and_is_gone_at_the_end() -> None:
    with temporary_place("nginx") as place:
        place.adopt([File("nginx.conf", OURS)])
        assert mode(place.path) == 0o700
        assert mode(place.path / "nginx.conf") == 0o600
    assert not place.path.exists()


def test_a_candidate_is_judged_aside_and_leaves_nothing(tmp_path: Path) -> None:
    with named_place(tmp_path) as place:
        place.adopt([File("nginx.conf", OURS)])
        with place.candidate([File("nginx.conf", f"{OURS}new")]) as directory:
            assert (directory / "nginx.conf").read_text() == f"{OURS}new"
            assert (tmp_path / "nginx.conf").read_text() == OURS
        assert [path.name for path in tmp_path.iterdir()] == ["nginx.conf"]


def test_a_configuration_that_somebody_else_wrote_is_never_replaced(tmp_path: Path) -> None:
    """``--directory /etc/nginx`` is an easy thing to write."""
    theirs = tmp_path / "nginx.conf"
    theirs.write_text("user www-data;\n")
    with named_place(tmp_path) as place, pytest.raises(ConfigError, match="is not one of ours"):
        place.adopt([File("nginx.conf", OURS)])
    assert theirs.read_text() == "user www-data;\n"


def test_a_directory_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        named_place(tmp_path / "made"),
        pytest.raises(ConfigError, match="another antechamber runs in"),
        named_place(tmp_path / "made"),
    ):
        pass
    with named_place(tmp_path / "made"):
        pass


def test_a_directory_that_cannot_be_made_is_told() -> None:
    problem = "--directory: /dev/null/x cannot be used: Not a directory"
    with pytest.raises(ConfigError, match=problem), named_place(Path("/dev/null/x")):
        pass
