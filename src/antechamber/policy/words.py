"""Values that are words or names: choices, tokens, header fields, query keys, files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from antechamber.policy.suggest import did_you_mean
from antechamber.policy.value import ValueProblem, items_of, quoted, text_of

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, section 5.6.2."""

_LARGEST_PEM = 1024 * 1024
"""A certificate chain is a few KiB; more than this is not one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def metavar(self) -> str:
        return "|".join(self.words)

    @property
    def forms(self) -> str:
        return "one of " + ", ".join(f"`{word}`" for word in self.words)

    def parse(self, raw: object, *, base: Path) -> str:
        way_out = f"Write one of {', '.join(self.words)}."
        text = text_of(raw, what="one of the known words", way_out=way_out)
        if text.lower() not in self.words:
            raise ValueProblem(f"{quoted(text)} is not one of the known words", way_out)
        return text.lower()


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off; on the command line a flag and its opposite (``--no-…``)."""

    metavar: str = "on|off"
    forms: str = "`true` or `false` in a file; `on` or `off` in the environment"

    def parse(self, raw: object, *, base: Path) -> bool:
        if isinstance(raw, bool):
            return raw
        way_out = "Write true or false; on or off in the environment."
        word = text_of(raw, what="on or off", way_out=way_out).lower()
        if word not in _SWITCH:
            raise ValueProblem(f"{quoted(word)} is neither on nor off", way_out)
        return _SWITCH[word]


_SWITCH = {"on": True, "true": True, "off": False, "false": False}


@dataclass(frozen=True, slots=True)
class Name:
    """Plain text without control characters."""

    metavar: str = "NAME"
    forms: str = "a name"
    way_out: str = ""

    def parse(self, raw: object, *, base: Path) -> str:
        text = text_of(raw, what="a name", way_out=self.way_out)
        if not text.isprintable():
            raise ValueProblem(f"{quoted(text)} has unprintable characters")
        return text


@dataclass(frozen=True, slots=True)
class Tokens:
    """A set of protocol tokens (RFC 9110, section 5.6.2), lower case where they are compared without case."""

    what: str
    metavar: str = "TOKEN,…"
    lower: bool = True
    refused: Mapping[str, str] = field(default_factory=dict)
    """Tokens that are never accepted, each with its reason."""
    versioned: bool = False
    """Whether ``name/version`` is a token too, as in an ``Upgrade`` field (RFC 9110, section 7.8)."""

    @property
    def forms(self) -> str:
        return f"names ({self.what}), with commas, as a list, or by repeating the flag"

    def parse(self, raw: object, *, base: Path) -> frozenset[str]:
        if isinstance(raw, list | tuple) and not raw:
            return frozenset()
        way_out = f"Write {self.what} with commas between them."
        return frozenset(self._one(item, way_out) for item in items_of(raw, what=self.what, way_out=way_out))

    def _one(self, item: str, way_out: str) -> str:
        name, slash, version = item.partition("/")
        pieces = [name, version] if slash and self.versioned else [item]
        if not all(_TOKEN.fullmatch(piece) for piece in pieces):
            raise ValueProblem(f"{quoted(item)} is not a token", way_out)
        if reason := self.refused.get(name.lower()):
            raise ValueProblem(f"{quoted(item)} is refused: {reason}", "Remove it.")
        return item.lower() if self.lower else item


@dataclass(frozen=True, slots=True)
class QueryKeys:
    """A set of query keys, compared exactly, written decoded."""

    metavar: str = "KEY,…"
    forms: str = "query keys as the app reads them (case counts), with commas, as a list, or by repeating the flag"

    def parse(self, raw: object, *, base: Path) -> frozenset[str]:
        if isinstance(raw, list | tuple) and not raw:
            return frozenset()
        way_out = "Write the names only, such as token,access_token."
        items = items_of(raw, what="query keys", way_out=way_out)
        for item in items:
            if any(character in "&;=?#" or not character.isprintable() for character in item):
                raise ValueProblem(f"{quoted(item)} is not a query key", way_out)
        return frozenset(items)


@dataclass(frozen=True, slots=True)
class PemFile:
    """A readable PEM file that holds what its ``label`` says; whether the key fits is seen when it is loaded."""

    label: str
    holds: str
    metavar: str = "FILE"

    @property
    def forms(self) -> str:
        return f"a PEM file with {self.holds}; relative to the file that names it"

    def parse(self, raw: object, *, base: Path) -> Path:
        path = file_path(raw, base=base, what="a file")
        content = read_bounded(path, limit=_LARGEST_PEM)
        if not re.search(rb"-----BEGIN [A-Z0-9 ]*" + self.label.encode() + rb"-----", content):
            raise ValueProblem(f"{path} holds no {self.label.lower()}", f"Name a PEM file with {self.holds}.")
        return path


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A TOML file; reading it reports what is wrong with it."""

    metavar: str = "FILE"
    forms: str = "a TOML file"

    def parse(self, raw: object, *, base: Path) -> Path:
        return file_path(raw, base=base, what="a file")


@dataclass(frozen=True, slots=True)
class LogTarget:
    """Where log lines go: ``-`` is standard output, nothing is nowhere."""

    metavar: str = "PATH|-|off"
    forms: str = "a file, `-` (standard output) or `off`"

    def parse(self, raw: object, *, base: Path) -> str:
        text = text_of(raw, what="a file, - or off", way_out="Write a path, - for standard output, or off.")
        if text == "off":
            return ""
        if text == "-":
            return text
        path = file_path(text, base=base, what="a file")
        if os.path.isdir(path):
            raise ValueProblem(f"{path} is a directory", "Name a file in it.")
        if not os.path.isdir(path.parent):
            raise ValueProblem(f"the directory {path.parent} does not exist", "Create it, or name another file.")
        return str(path)


def file_path(raw: object, *, base: Path, what: str) -> Path:
    """``raw`` as an absolute path, relative to ``base``; ``~`` is the home directory."""
    text = text_of(raw, what=what, way_out="Write a path.")
    if "\0" in text:
        raise ValueProblem(f"{quoted(text)} is not a path", "Write a path.")
    return base / os.path.expanduser(text)


def read_bounded(path: Path, *, limit: int) -> bytes:
    """The whole of a regular file of at most ``limit`` bytes, or :class:`ValueProblem` that says why not."""
    try:
        if path.is_dir():
            raise ValueProblem(f"{path} is a directory", "Name the file in it.")
        if path.is_symlink() and not path.exists():
            raise ValueProblem(f"{path} is a link to {os.readlink(path)}, which is not there", "Mend or remove it.")
        if not path.is_file():
            raise ValueProblem(f"no such file: {path}" if not path.exists() else f"{path} is not a regular file")
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        raise ValueProblem(f"{path} cannot be read: {error.strerror or error}") from None
    if len(content) > limit:
        raise ValueProblem(f"{path} is larger than {limit // 1024} KiB, so it is not what it should be")
    return content


def known_word(word: str, known: tuple[str, ...], *, what: str) -> ValueProblem:
    """The problem of a word that is none of the known names."""
    hint = did_you_mean(word, known)
    return ValueProblem(f"{quoted(word)} is not {what}", f"{hint} Known: {', '.join(known)}.".strip())
