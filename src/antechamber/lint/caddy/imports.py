"""A Caddyfile with the files that it imports, laid out in a folder for Caddy to read, and no other file with them.

An import is followed in the folder of the Caddyfile; one that leads elsewhere is told, and Caddy gets a name in its
place that leads nowhere: it would follow any path, and it quotes in its messages what it reads.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from antechamber.engines.nginx.syntax import Directive, every
from antechamber.errors import ConfigError
from antechamber.lint.caddy.syntax import parse
from antechamber.lint.source import LARGEST_FILE, Source, leads_within, read_source

MAIN = "Caddyfile"
_MOST_FILES = 200
_MOST_WILDCARDS = 3
_WILD = "*?["
_NOWHERE = "antechamber-did-not-read-it/"


@dataclass(slots=True)
class Laid:
    """What Caddy is given."""

    home: Path | None
    files: dict[str, str] = field(default_factory=dict)
    """Texts by their path in the folder, the Caddyfile itself as :data:`MAIN`."""
    sources: dict[str, Source] = field(default_factory=dict)
    """The same as they stand, with the names that messages have for them."""
    snippets: set[str] = field(default_factory=set)
    """Their names, in parentheses."""
    unread: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        """Puts them below ``folder``; the path of the Caddyfile."""
        for name, text in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        return folder / MAIN


class _NotRead(Exception):
    """Why an import was not followed."""


def laid(source: Source) -> Laid:
    """``source`` and what it imports. Raises :class:`ConfigError` for too much of it."""
    work = Laid(source.path.parent.resolve() if source.path else None)
    _lay(source, MAIN, work)
    return work


def is_part(source: Source) -> bool:
    """Whether a text without an address is a part of a Caddyfile: one stands beside it or above."""
    if source.path is None or source.path.name == MAIN:
        return False
    above = source.path.absolute().parents
    return any((folder / MAIN).is_file() for folder in above[:3])


def _lay(source: Source, name: str, work: Laid) -> None:
    octets = sum(map(len, work.files.values())) + len(source.text)
    if len(work.files) >= _MOST_FILES or octets > 2 * LARGEST_FILE:
        raise ConfigError("its imports are too many or too large", place=source.name)
    work.files[name], work.sources[name] = source.text, source
    statements = parse(source.text, file=source.name)
    work.snippets |= {one.name for one in statements if one.name.startswith("(")}
    instead: list[tuple[Directive, str]] = []
    for statement in (one for one in every(statements) if _names_files(one, work.snippets)):
        word = statement.words[1]
        try:
            found = _find(word, source, work)
        except _NotRead as reason:
            work.unread.append(f"{statement.place}: import {ascii(word)[1:-1]} was not read: {reason}")
            wild = "{" not in word and any(mark in word for mark in _WILD)
            instead.append((statement, f"{_NOWHERE}*" if wild else _NOWHERE))
            continue
        for inner, file in found:
            if inner not in work.files:
                _lay(file, inner, work)
        if word.startswith("/"):
            inner = os.path.relpath(os.path.normpath(word), work.home)
            instead.append((statement, os.path.relpath(inner, os.path.dirname(name) or ".")))
    for statement, path in reversed(instead):
        work.files[name] = _instead(work.files[name], statement, path)


def _instead(text: str, statement: Directive, path: str) -> str:
    """An import with another path, and with its other arguments; lines stay where they are."""
    start, end = statement.span[0], statement.braces[0] if statement.braces else statement.span[1]
    words = [path, *statement.words[2:]]
    quoted = " ".join(f"`{word}`" if '"' in word else f'"{word}"' for word in words)
    gap = "\n" * text.count("\n", start, end)
    return f"{text[:start]}import {quoted} {gap}{text[end:]}"


def _names_files(statement: Directive, snippets: set[str]) -> bool:
    """Whether it imports files, and not a snippet."""
    if statement.name != "import" or len(statement.words) < 2:
        return False
    return f"({statement.words[1]})" not in snippets and bool(set("./*?[{") & set(statement.words[1]))


def _find(pattern: str, source: Source, work: Laid) -> list[tuple[str, Source]]:
    """The files of an import, each with its path in the folder. Raises :class:`_NotRead`."""
    if "{" in pattern:
        raise _NotRead("which file that is only Caddy knows")
    if work.home is None or source.path is None:
        raise _NotRead("what comes from standard input has no folder")
    if sum(pattern.count(mark) for mark in _WILD) > _MOST_WILDCARDS or "**" in pattern or "\0" in pattern:
        raise _NotRead("its pattern is too wide")
    whole = os.path.normpath(source.path.parent.resolve() / pattern)
    if not Path(whole).is_relative_to(work.home):
        raise _NotRead("it is outside of the Caddyfile's folder")
    inner = os.path.relpath(whole, work.home)
    names = sorted(islice(work.home.glob(inner), _MOST_FILES))
    files = [name for name in names if name.is_file() and leads_within(name, work.home)]
    if not files and not any(mark in pattern for mark in _WILD):
        raise _NotRead("there is no such file")
    return [(os.path.relpath(one, work.home), read_source(one, name=_shown(one, source))) for one in files]


def _shown(file: Path, source: Source) -> str:
    """As a person would call it from where the importing file is named."""
    assert source.path is not None
    return os.path.normpath(source.path.parent / os.path.relpath(file, source.path.parent.resolve()))
