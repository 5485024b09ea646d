"""A TOML file as it was read: its content, and where each key stands.

Everything that can be wrong with the file itself ends here, each as one line with its place: not there, a directory,
not to be read, too large, not UTF-8, not TOML.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from antechamber.errors import ConfigError
from antechamber.policy.locate import KeyPath, line_of, locate
from antechamber.policy.value import ValueProblem
from antechamber.policy.words import read_bounded

_LARGEST_FILE = 128 * 1024
"""A site file has six lines, a large profile some hundreds."""

_LONGEST_LINE = 4096
"""tomllib needs time and memory quadratic in the parts of a dotted key: 20,000 parts on one line take seven seconds."""

_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_AT_END = " (at end of document)"


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a TOML file with the lines of its keys."""

    name: str
    """How messages call it: the path as given, or a built-in profile's name."""
    base: Path
    """What relative paths in it are relative to."""
    tree: Mapping[str, object]
    lines: Mapping[KeyPath, int]

    def place(self, path: KeyPath) -> str:
        """``file:line`` of a key path, or of what is around it."""
        return f"{self.name}:{self.line(path)}"

    def line(self, path: KeyPath) -> int:
        return line_of(self.lines, path)


def read_document(path: Path, *, name: str, place: str) -> Document:
    """The TOML file at ``path``, or :class:`ConfigError`.

    ``name`` is how messages call the file, ``place`` is where it was named: that it cannot be read is a mistake there.
    """
    try:
        content = read_bounded(path, limit=_LARGEST_FILE)
    except ValueProblem as problem:
        raise ConfigError(problem.problem, place=place, way_out=problem.way_out) from None
    return parse_document(content, name=name, base=path.parent)


def parse_document(content: bytes, *, name: str, base: Path) -> Document:
    """TOML ``content`` as a document, or :class:`ConfigError`."""
    text = _decode(content, name)
    _refuse_long_lines(text, name)
    try:
        tree = tomllib.loads(text)
        return Document(name=name, base=base, tree=tree, lines=locate(text))
    except tomllib.TOMLDecodeError as error:
        problem, line = _syntax_error(str(error), text)
        way_out = _hint(problem, text, line)
        raise ConfigError(f"not valid TOML: {problem}", place=f"{name}:{line}", way_out=way_out) from None
    except RecursionError:
        raise ConfigError("its tables or lists are nested too deeply", place=name) from None


def _decode(content: bytes, name: str) -> str:
    way_out = "Save the file as UTF-8 text."
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError("the file is UTF-16, not UTF-8", place=name, way_out=way_out)
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise ConfigError("the file is binary, not TOML text", place=f"{name}:{line}", way_out=way_out)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("the file is not UTF-8", place=f"{name}:{line}", way_out=way_out) from None


def _refuse_long_lines(text: str, name: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > _LONGEST_LINE:
            raise ConfigError(
                f"the line is longer than {_LONGEST_LINE} characters", place=f"{name}:{number}", way_out="Break it up."
            )


def _syntax_error(message: str, text: str) -> tuple[str, int]:
    """What tomllib says, without its place, and the line of that place."""
    if found := _AT_LINE.search(message):
        return message[: found.start()].lower(), int(found[1])
    return message.removesuffix(_AT_END).lower(), text.rstrip().count("\n") + 1


def _hint(problem: str, text: str, line: int) -> str:
    """What people most often get wrong on such a line."""
    if problem.startswith(("cannot overwrite", "cannot declare", "duplicate")):
        return "The key or table is written twice: keep one."
    written = text.splitlines()[line - 1 : line] or [""]
    key, equals, value = written[0].partition("=")
    if equals and re.match(r"\s*[^\s\"'\[{0-9+-]", value) and value.strip() not in ("true", "false"):
        return f'Text needs quotes: {key.strip()} = "{value.strip()}".'
    if not equals and ":" in key and not key.lstrip().startswith("["):
        return "TOML writes key = value, not key: value."
    return ""
