"""Command lines on pages are typed off by people: they parse as they stand, and those that print a configuration do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from antechamber.cli.app import COMMANDS
from antechamber.cli.main import main
from tests.structure.pages import Page, pages

_LINE = re.compile(r"(?:^|\| )(?:\$ )?(?:\S*/)?antechamber ([a-z][^|;&<>#\n]*)", re.MULTILINE)
WRITING = {"-o": 1, "--output": 1, "--check": 0, "--overwrite": 0}
"""Flags of ``config`` that write or compare files, and how many words follow them."""


@cache
def parser(name: str) -> click.Command:
    """The parser of one command of the real command line."""
    return next(command for command in COMMANDS if command.name == name).load()


def command_lines(page: Page) -> Iterator[list[str]]:
    """The words of each command line in a block that names no other language, after ``antechamber``."""
    for block in page.blocks("", "sh"):
        for line in _LINE.findall(block.replace("\\\n", " ")):
            words = shlex.split(line)
            if not any(word.isupper() or "…" in word or "..." in word for word in words):
                yield words


def printing(words: list[str]) -> list[str]:
    """The same command without its flags that write files."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in WRITING:
            for _ in range(WRITING[word]):
                next(rest)
        else:
            kept.append(word)
    return kept


PAGES = [page for page in pages() if any(command_lines(page))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_on_a_page_parses(page: Page) -> None:
    known = {command.name for command in COMMANDS}
    for name, *words in command_lines(page):
        assert name in known, f"{page.name}: antechamber {name}"
        if "--help" not in words:
            parser(name).make_context(name, list(words))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_that_prints_a_configuration_does(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In an empty directory, or beside the site file that the page shows."""
    monkeypatch.chdir(tmp_path)
    for block in page.blocks("toml")[:1]:
        (tmp_path / "antechamber.toml").write_text(block)
    for words in command_lines(page):
        if words[0] == "config":
            assert main(printing(words)) == 0, f"{page.name}: {' '.join(words)}: {capsys.readouterr().err}"
            assert capsys.readouterr().out


def test_pages_show_commands_at_all() -> None:
    assert len(PAGES) > 5
