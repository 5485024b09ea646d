"""A command's annotations are its flags: what is typed arrives as they say, and the help shows all of it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import click
import pytest

from antechamber.cli import app
from antechamber.cli.main import main
from antechamber.cli.parameters import argument, as_click, flag
from antechamber.errors import ConfigError


class Colour(StrEnum):
    RED = "red"
    LIGHT_BLUE = "light-blue"


def paint(
    files: Annotated[list[str], argument(metavar="FILE", help="What to paint.")],
    colour: Annotated[Colour, flag(help="In what.")] = Colour.RED,
    edge: Annotated[Colour | None, flag("--border", "-b", help="Around it [in brackets].")] = None,
    coats: Annotated[int | None, flag(metavar="N", help="How often.", variable="PAINT_COATS")] = None,
    mask: Annotated[list[str] | None, flag(metavar="AREA", help="What to leave out.")] = None,
    out: Annotated[Path | None, flag(metavar="FILE", help="Where to.")] = None,
    dry_run: Annotated[bool, flag(help="Only say it.", panel="Caution")] = False,
) -> None:
    """Never run: its values are looked at."""


COMMAND = as_click(paint, name="paint", summary="Paints files.")


def read(*words: str) -> dict[str, Any]:
    return COMMAND.make_context("paint", list(words)).params


def test_what_is_not_written_has_the_default_of_the_function() -> None:
    assert read("a") == {
        "files": ["a"],
        "colour": Colour.RED,
        "edge": None,
        "coats": None,
        "mask": [],
        "out": None,
        "dry_run": False,
    }


def test_what_is_written_has_the_type_of_the_annotation() -> None:
    many = ["a", "--colour", "light-blue", "-b", "RED", "b", "--mask", "x", "--mask", "y"]
    words = [*many, "--coats", "2", "--out", "dir/c", "--dry-run"]
    assert read(*words) == {
        "files": ["a", "b"],
        "colour": Colour.LIGHT_BLUE,
        "edge": Colour.RED,
        "coats": 2,
        "mask": ["x", "y"],
        "out": Path("dir/c"),
        "dry_run": True,
    }


def test_a_variable_speaks_where_its_flag_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAINT_COATS", "3")
    assert read("a")["coats"] == 3
    assert read("a", "--coats", "1")["coats"] == 1


def test_a_word_that_is_none_of_the_known_ones_is_refused_with_them() -> None:
    with pytest.raises(ConfigError) as refused:
        read("a", "-b", "green")
    assert str(refused.value) == '--border: "green" is not one of the known words. Write one of red, light-blue.'


@pytest.mark.parametrize("words", [[], ["a", "--coats", "two"], ["a", "--no-dry-run"], ["a", "--dry"]], ids=str)
def test_what_does_not_fit_is_misuse(words: list[str]) -> None:
    with pytest.raises(click.UsageError):
        read(*words)


def test_the_help_shows_words_defaults_and_panels(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(click.exceptions.Exit) as ended:
        read("--help")
    assert ended.value.exit_code == 0
    shown = [" ".join(line.strip("│╭╮╰╯─ ").split()) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in shown if line] == [
        "Usage: paint [OPTIONS] FILE…",
        "Paints files.",
        "Arguments",
        "FILE What to paint.",
        "Options",
        "--colour WORD In what. One of red, light-blue. (default: red)",
        "--border -b WORD Around it [in brackets]. One of red, light-blue.",
        "--coats N How often.",
        "--mask AREA What to leave out.",
        "--out FILE Where to.",
        "--help -h Show this message and exit.",
        "Caution",
        "--dry-run Only say it.",
    ]


@pytest.mark.parametrize("command", app.COMMANDS, ids=lambda command: command.name)
def test_the_help_of_a_command_names_all_its_flags(
    command: app.Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main([command.name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert command.summary in shown
    parameters = command.load().params
    assert [name for one in parameters for name in one.opts if name.startswith("-") and name not in shown] == []
    assert [one.metavar for one in parameters if one.metavar and one.metavar not in shown] == []
