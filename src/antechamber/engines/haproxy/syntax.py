"""haproxy.cfg as sections of lines, with the ``defaults`` that each takes from (configuration manual, section 4).

``defaults`` hold for the sections behind them until the next ones, or for those that name them with ``from``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from antechamber.errors import ConfigError
from antechamber.policy.effective import Place

_PROXY_KINDS = ("frontend", "backend", "listen")
KINDS = frozenset(("global", "defaults", *_PROXY_KINDS, "userlist", "peers", "resolvers", "mailers", "cache", "ring"))
_TIME = re.compile(r"(\d{1,12})(us|ms|s|m|h|d|)")
_SECONDS = {"us": 1e-6, "ms": 0.001, "": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Line:
    """One line, split into words as HAProxy does (section 2.2)."""

    words: tuple[str, ...]
    place: Place

    def starts(self, *words: str) -> bool:
        return self.words[: len(words)] == words


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its lines."""

    kind: str
    name: str
    lines: tuple[Line, ...]
    place: Place
    defaults: Section | None = None

    def all(self, *words: str) -> list[Line]:
        return [line for line in self.lines if line.starts(*words)]

    def last(self, *words: str) -> tuple[Line, bool] | None:
        """The line that holds, and whether it is from the defaults."""
        if own := self.all(*words):
            return own[-1], False
        if self.defaults and (taken := self.defaults.all(*words)):
            return taken[-1], True
        return None


@dataclass(slots=True)
class _Open:
    kind: str
    words: tuple[str, ...]
    place: Place
    lines: list[Line] = field(default_factory=list)


def sections(text: str, file: str) -> tuple[Section, ...]:
    """All sections in order. Raises :class:`ConfigError` for a line that is none."""
    found: list[Section] = []
    named: dict[str, Section] = {}
    latest: Section | None = None
    for opened in _opened(text, file):
        name = opened.words[1] if len(opened.words) > 1 else ""
        around = None
        if opened.kind in _PROXY_KINDS:
            around = (
                named.get(opened.words[3], latest)
                if opened.words[2:3] == ("from",) and len(opened.words) > 3
                else latest
            )
        section = Section(opened.kind, name, tuple(opened.lines), opened.place, around)
        if opened.kind == "defaults":
            latest = section
            named[name] = section
        found.append(section)
    return tuple(found)


def _opened(text: str, file: str) -> Iterator[_Open]:
    current: _Open | None = None
    for line in _lines(text, file):
        if line.words[0] in KINDS:  # wherever on its line, as HAProxy has it (cfgparse.c)
            if current:
                yield current
            current = _Open(line.words[0], line.words, line.place)
        elif current:
            current.lines.append(line)
    if current:
        yield current


def _lines(text: str, file: str) -> Iterator[Line]:
    for number, written in enumerate(text.split("\n"), start=1):
        bare = written.strip()
        if not bare or bare.startswith("#"):
            continue
        try:
            words = tuple(shlex.split(written, comments=True))
        except ValueError:
            raise ConfigError(
                "a quote is never closed, or a backslash ends the line", place=f"{file}:{number}"
            ) from None
        if words:
            yield Line(words, Place(file, number, len(written) - len(written.lstrip()) + 1))


def seconds(word: str) -> float | None:
    """A time as HAProxy writes it; without a unit it is in milliseconds."""
    found = _TIME.fullmatch(word)
    return int(found[1]) * _SECONDS[found[2]] if found else None


def condition(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A rule's words before its condition, and the condition with its ``if`` or ``unless``."""
    for index, word in enumerate(words):
        if word in ("if", "unless"):
            return tuple(words[:index]), tuple(words[index:])
    return tuple(words), ()
