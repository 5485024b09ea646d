"""A Caddyfile's grammar, as far as an edit needs it: statements with their words, blocks and ranges of characters.

After Caddy's lexer (``caddyconfig/caddyfile/lexer.go``): a word ends at white space, a quote counts where a word would
begin, a line ends a statement unless a block is opened at its end. What a statement means only Caddy knows; it reads
every result (:mod:`antechamber.lint.caddy.fix`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from antechamber.engines.nginx.syntax import Directive, Lines, Opened
from antechamber.errors import ConfigError
from antechamber.policy.effective import Place

_DEEPEST = 64
_TOKEN = re.compile(
    r"""
    (?P<gap>[^\S\n]++|\\\r?\n)
    | (?P<end>\n)
    | (?P<comment>\#[^\n]*+)
    | <<(?P<mark>[\w-]++)\r?\n(?P<heredoc>(?s:.*?))(?P=mark)(?=\s|\Z)
    | "(?P<double>(?s:[^"\\]|\\.)*+)"
    | `(?P<tick>[^`]*+)`
    | (?P<bare>\S++)
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class _Parser:
    text: str
    file: str
    lines: Lines
    level: list[Directive] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    start: int = 0
    end: int = 0

    def statements(self) -> tuple[Directive, ...]:
        at = 0
        while at < len(self.text):
            found = _TOKEN.match(self.text, at)
            assert found is not None, "every character is of some token"
            self._token(found, at)
            at = found.end()
        self._close()
        if self.opened:
            raise self._error('a "{" is never closed', self.opened[-1].brace)
        return tuple(self.level)

    def _token(self, found: re.Match[str], at: int) -> None:
        kind = found.lastgroup
        if kind == "end":
            self._close()
        elif kind == "bare" and found["bare"] == "{":
            self._open(at)
        elif kind == "bare" and found["bare"] == "}":
            self._shut(at)
        elif kind in ("heredoc", "double", "tick", "bare"):
            self.start = self.start if self.words else at
            self.words.append(found[kind])
            self.end = found.end()

    def _close(self) -> None:
        if self.words:
            self.level.append(Directive(tuple(self.words), self._place(self.start), (self.start, self.end)))
            self.words = []

    def _open(self, at: int) -> None:
        start = self.start if self.words else at
        self.opened.append(Opened(tuple(self.words or ["{"]), start, at, self.level))
        self.level, self.words = [], []
        if len(self.opened) > _DEEPEST:
            raise self._error("its blocks are nested too deeply", at)

    def _shut(self, at: int) -> None:
        self._close()
        if not self.opened:
            raise self._error('unexpected "}"', at)
        one = self.opened.pop()
        block, self.level = tuple(self.level), one.level
        self.level.append(Directive(one.words, self._place(one.start), (one.start, at + 1), block, (one.brace, at)))

    def _place(self, offset: int) -> Place:
        return Place(self.file, *self.lines.at(offset))

    def _error(self, problem: str, offset: int) -> ConfigError:
        return ConfigError(problem, place=str(self._place(offset)))


def parse(text: str, *, file: str) -> tuple[Directive, ...]:
    """The statements of the outermost level. Raises :class:`ConfigError`."""
    return _Parser(text, file, Lines(text)).statements()
