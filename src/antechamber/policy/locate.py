"""Which line a key of a TOML document stands on.

tomllib builds plain dictionaries and forgets where things stood. This walks the same text once more and notes the line
of every key path. It runs only on documents that tomllib has accepted, so it can be short: it tells structure apart
(headers, keys, strings, brackets, comments) and leaves the meaning of values to tomllib.

Grammar: https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

_DEEPEST = 64
"""Paths are tuples, so memory grows with the square of the depth; real files have a depth of three."""

KeyPath = tuple[str | int, ...]
"""Keys, and indices into arrays, from the root: ``("route", 2, "body-limit")``."""

_BLANK = re.compile(r"[ \t]*")
_FILLER = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")


def locate(text: str) -> Mapping[KeyPath, int]:
    """The line (from 1) on which each key path of a valid TOML document is first written.

    Raises :class:`RecursionError` for documents nested more deeply than anybody writes.
    """
    return _Walk(text).document()


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of ``path``, or of the nearest thing around it that was written; 1 for the document."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


class _Walk:
    """One pass over a document. ``_at`` is the next character to read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._lines: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}
        """Arrays of tables, with how many tables each has so far."""

    def document(self) -> Mapping[KeyPath, int]:
        here: KeyPath = ()
        while self._skip(_FILLER) < len(self._text):
            if self._text.startswith("[", self._at):
                here = self._header()
            else:
                self._pair(here)
        return self._lines

    def _header(self) -> KeyPath:
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        *outer, last = self._keys()
        here: KeyPath = ()
        for key in outer:
            here = self._enter((*here, key))
        path = (*here, last)
        if is_array:
            self._note(path)
            self._tables[path] = self._tables.get(path, 0) + 1
        path = self._enter(path)
        self._at += 2 if is_array else 1
        return path

    def _enter(self, path: KeyPath) -> KeyPath:
        """``path`` as a table: of an array of tables, its latest one."""
        if path in self._tables:
            path = (*path, self._tables[path] - 1)
        self._note(path)
        return path

    def _pair(self, table: KeyPath) -> None:
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path)
        self._at += 1  # the equals sign
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        match self._text[self._at : self._at + 1]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_BARE_VALUE)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while not self._closes("]"):
            item = (*path, index)
            self._note(item)
            self._value(item)
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while not self._closes("}"):
            self._pair(path)

    def _closes(self, bracket: str) -> bool:
        """Steps over blanks, comments and a comma; whether the closing bracket came, which is taken."""
        self._skip(_FILLER)
        if self._text.startswith(",", self._at):
            self._at += 1
            self._skip(_FILLER)
        if self._text.startswith(bracket, self._at):
            self._at += 1
            return True
        return False

    def _keys(self) -> list[str]:
        """A dotted key, up to and without the character that ends it."""
        keys = [self._key()]
        while self._text.startswith(".", self._at):
            self._at += 1
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        start = self._skip(_BLANK)
        is_quoted = self._text.startswith(('"', "'"), start)
        end = self._skip(_STRING if is_quoted else _BARE_KEY)
        written = self._text[start:end]
        self._skip(_BLANK)
        return str(tomllib.loads(f"key = {written}")["key"]) if is_quoted else written

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"not a TOML document, at line {self._line_here()}")
        self._at = found.end()
        return self._at

    def _note(self, path: KeyPath) -> None:
        if len(path) > _DEEPEST:
            raise RecursionError
        self._lines.setdefault(path, self._line_here())

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line
