"""Files on their way in: bounded, decoded, or refused in one line.

What is given may be a directory, a device, a database of another program or 4 GiB of noise. Nothing is read but regular
files up to a bound, and standard input up to the same bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from antechamber.errors import ConfigError
from antechamber.policy.value import ValueProblem
from antechamber.policy.words import read_bounded

LARGEST_FILE = 4 * 1024 * 1024
"""A dump of all sites of a busy Nginx Proxy Manager has some hundred KiB."""
LONGEST_LINE = 65_536
STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Source:
    """A text with the name that messages call it by."""

    name: str
    text: str
    path: Path | None = None
    """Where it was read from; ``None`` for standard input and for what is made from a database."""

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")


def leads_within(path: Path, home: Path) -> bool:
    """Whether ``path``, wherever links lead it, is in the folder ``home``."""
    try:
        return path.resolve().is_relative_to(home.resolve())
    except (OSError, RuntimeError):  # a loop of symbolic links
        return False


def read_source(path: Path, *, name: str = "") -> Source:
    """The text of a regular file. Raises :class:`ConfigError`."""
    shown = name or str(path)
    return Source(shown, decoded(read_octets(path, name=shown), name=shown), path)


def read_octets(path: Path, *, name: str) -> bytes:
    """The octets of a regular file. Raises :class:`ConfigError`."""
    if not path.exists():
        way_out = "Name a configuration, a folder, or - for standard input."
        raise ConfigError("no such file", place=ascii(name)[1:-1], way_out=way_out)
    try:
        return read_bounded(path, limit=LARGEST_FILE)
    except ValueProblem as problem:
        raise ConfigError(problem.problem, place=ascii(name)[1:-1], way_out=problem.way_out) from None


def read_stream(stream: BinaryIO) -> Source:
    """The text of standard input. Raises :class:`ConfigError`."""
    content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ConfigError(f"more than {LARGEST_FILE // 1024} KiB came in", place="standard input")
    return Source("<stdin>", decoded(content, name="standard input"))


def decoded(content: bytes, *, name: str) -> str:
    """``content`` as text. Raises :class:`ConfigError` for what is none."""
    place = ascii(name)[1:-1]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError("the file is UTF-16, not UTF-8", place=place, way_out="Save it as UTF-8 text.")
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise ConfigError("the file is binary, not a configuration", place=f"{place}:{line}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("the file is not UTF-8", place=f"{place}:{line}", way_out="Save it as UTF-8 text.") from None
    if max(map(len, text.split("\n"))) > LONGEST_LINE:
        raise ConfigError(f"a line is longer than {LONGEST_LINE} characters", place=place)
    return text
