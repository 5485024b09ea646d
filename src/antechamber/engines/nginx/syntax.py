"""nginx's configuration grammar: text to directives, each with its place and its range of characters.

After ``ngx_conf_read_token``: a word ends at white space, ``;`` or ``{``; ``${`` starts a variable and ends nothing,
and ``}`` is a mark only where a word would begin. A backslash takes the next character with it, and goes away before
quotes and itself. ``#`` starts a comment where a word would begin. The work is linear and nothing recurses, so hostile
text costs no more than its size.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from antechamber.errors import ConfigError
from antechamber.policy.effective import Place

_DEEPEST = 64
"""nginx has no bound of its own; people stay below ten."""

_TOKEN = re.compile(
    r"""
    [ \t\r\n]+ | \#[^\n]*+                      # nothing, a comment
    | (?P<mark>[;{}])
    | "(?P<double>(?:[^"\\]|\\.)*+)"
    | '(?P<single>(?:[^'\\]|\\.)*+)'
    | (?P<bare>(?!["'])(?:\\.|\$\{|[^ \t\r\n;{\\])++)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\([\"'\\tnr])")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r"}
_LUA_BLOCK = "_by_lua_block"
"""Braces of such a directive hold Lua, not directives (OpenResty)."""
_LUA = re.compile(
    r"""--\[\[.*?\]\]|--[^\n]*+|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|(?P<open>\{)|(?P<close>\})""", re.DOTALL
)


@dataclass(frozen=True, slots=True, eq=False)
class Directive:
    """One directive; ``block`` is what stands in its braces. Two are equal only if they are the same one."""

    words: tuple[str, ...]
    place: Place
    span: tuple[int, int] = (0, 0)
    """From its first word to its semicolon or closing brace, in characters of its file."""
    block: tuple[Directive, ...] = ()
    braces: tuple[int, int] | None = None
    """Where its braces stand, if it has any."""

    @property
    def name(self) -> str:
        return self.words[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.words[1:]

    @property
    def line(self) -> int:
        return self.place.line


def parse(text: str, *, file: str = "") -> tuple[Directive, ...]:
    """The directives of the outermost level. Raises :class:`ConfigError` at what nginx would not read."""
    return _Parser(text, file).directives()


def every(directives: Iterable[Directive]) -> Iterator[Directive]:
    """All directives, each before those in its braces."""
    for directive in directives:
        yield directive
        yield from every(directive.block)


class Lines:
    """Offsets of a text as lines and columns, which count from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer(r"\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


@dataclass(slots=True)
class Opened:
    """A directive whose brace has been read, and the level that it stands on."""

    words: tuple[str, ...]
    start: int
    brace: int
    level: list[Directive]


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._lines = Lines(text)
        self._open: list[Opened] = []
        self._level: list[Directive] = []
        self._words: list[str] = []
        self._start = 0

    def directives(self) -> tuple[Directive, ...]:
        offset = 0
        while offset < len(self._text):
            found = _TOKEN.match(self._text, offset)
            if found is None:
                raise self._error("a quote is never closed, or a backslash ends the file", offset)
            if found.lastgroup == "mark":
                offset = self._mark(found["mark"], offset)
                continue
            if found.lastgroup is not None:
                self._start = self._start if self._words else offset
                self._words.append(_unescaped(found[found.lastgroup]))
            offset = found.end()
        if self._words:
            raise self._error('a directive is not ended by ";"', self._start)
        if self._open:
            raise self._error('a "{" is never closed', self._open[-1].brace)
        return tuple(self._level)

    def _mark(self, mark: str, at: int) -> int:
        """Acts on a mark, and says where to go on."""
        if bool(self._words) == (mark == "}") or (mark == "}" and not self._open):
            raise self._error(f'unexpected "{mark}"', at)
        end = at + 1
        words, self._words = tuple(self._words), []
        if mark == ";":
            self._add(words, self._start, end)
        elif mark == "}":
            opened = self._open.pop()
            block, self._level = tuple(self._level), opened.level
            self._add(opened.words, opened.start, end, block, (opened.brace, at))
        elif words[0].endswith(_LUA_BLOCK):
            end = self._after_lua(at)
            self._add(words, self._start, end, (), (at, end - 1))
        else:
            self._open.append(Opened(words, self._start, at, self._level))
            self._level = []
            if len(self._open) > _DEEPEST:
                raise self._error("its blocks are nested too deeply", at)
        return end

    def _add(
        self,
        words: tuple[str, ...],
        start: int,
        end: int,
        block: tuple[Directive, ...] = (),
        braces: tuple[int, int] | None = None,
    ) -> None:
        self._level.append(Directive(words, self._place(start), (start, end), block, braces))

    def _after_lua(self, brace: int) -> int:
        depth = 0
        for found in _LUA.finditer(self._text, brace):
            depth += 1 if found["open"] else -1 if found["close"] else 0
            if depth == 0:
                return found.end()
        raise self._error('a "{" is never closed', brace)

    def _place(self, offset: int) -> Place:
        return Place(self._file, *self._lines.at(offset))

    def _error(self, problem: str, offset: int) -> ConfigError:
        place = self._place(offset)
        return ConfigError(problem, place=str(place) if self._file else f"line {place.line}")


def _unescaped(word: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), word) if "\\" in word else word
