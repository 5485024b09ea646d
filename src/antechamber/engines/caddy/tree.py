"""A Caddyfile as a tree of lines (https://caddyserver.com/docs/caddyfile/concepts), for what we write ourselves.

One directive a line, blocks in braces at the end of it; ``import`` is expanded with its arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from antechamber.errors import ConfigError

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`|(\S+)')


@dataclass(frozen=True, slots=True)
class Line:
    """One directive, and what stands in its braces."""

    words: tuple[str, ...]
    number: int
    block: tuple[Line, ...] = ()

    @property
    def name(self) -> str:
        return self.words[0]

    def child(self, *names: str) -> Line | None:
        """The last line below this one that starts with ``names``, one level down for each name but the last."""
        found = [line for line in self.block if line.name == names[0]]
        if not found:
            return None
        return found[-1] if len(names) == 1 else found[-1].child(*names[1:])


def parse(text: str) -> tuple[Line, ...]:
    """The lines of the outermost level. Raises :class:`ConfigError`."""
    numbered = iter([(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)])
    return tuple(_lines(numbered))


def _lines(numbered: Iterator[tuple[int, str]]) -> Iterator[Line]:
    for number, text in numbered:
        if not text or text.startswith("#"):
            continue
        if text == "}":
            return
        words = tuple(_words(text))
        if words[-1] == "{":
            yield Line(words[:-1] or ("",), number, tuple(_lines(numbered)))
        else:
            yield Line(words, number)


def _words(text: str) -> Iterator[str]:
    for quoted, raw, bare in _WORD.findall(text):
        yield re.sub(r"\\(.)", r"\1", quoted) if quoted else raw or bare


def expanded(block: tuple[Line, ...], snippets: Mapping[str, Line]) -> tuple[Line, ...]:
    """``block`` with each ``import`` replaced by the snippet that it names."""
    found: list[Line] = []
    for line in block:
        if line.name != "import":
            found.append(Line(line.words, line.number, expanded(line.block, snippets)))
            continue
        snippet = snippets.get(f"({line.words[1]})")
        if snippet is None:
            raise ConfigError(f"there is no snippet {line.words[1]}", place=f"line {line.number}")
        found += _filled(expanded(snippet.block, snippets), line.words[2:])
    return tuple(found)


def _filled(block: tuple[Line, ...], arguments: tuple[str, ...]) -> list[Line]:
    def fill(word: str) -> str:
        for index, argument in enumerate(arguments):
            word = word.replace(f"{{args[{index}]}}", argument)
        return word

    return [Line(tuple(map(fill, line.words)), line.number, tuple(_filled(line.block, arguments))) for line in block]
