"""A configuration with its includes in their places: from files, or from what ``nginx -T`` printed.

An include is followed only where the configuration itself lives: in the folder of its file, of the ``nginx.conf`` above
it, or where packages put nginx's files. What is not followed stays in the tree as an ``include``, so that whoever looks
for a directive there knows that it cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Protocol

from antechamber.engines.nginx.syntax import Directive, parse
from antechamber.errors import ConfigError
from antechamber.lint.nginx import npm
from antechamber.lint.source import LARGEST_FILE, Source, leads_within, read_source

HOMES = ("/etc/nginx", "/usr/local/etc/nginx", "/usr/local/nginx/conf", "/opt/homebrew/etc/nginx", "/usr/share/nginx")
"""Where Debian, FreeBSD, the sources and Homebrew put configurations."""
_MOST_FILES = 500
_MOST_WILDCARDS = 3
"""A pattern with more is no include that anybody wrote; the bound keeps a hostile one from walking a disk."""
_DEEPEST = 16
_DUMPED = re.compile(r"^# configuration file (\S.*):$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A configuration read as a whole."""

    top: tuple[Directive, ...]
    texts: Mapping[str, str]
    """The text of every file, by the name that places have."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Where those that were read from the disk stand there."""
    unread: tuple[str, ...] = ()
    """Includes that were not followed, each with its place and the reason."""


def is_dump(text: str) -> bool:
    """Whether ``text`` is what ``nginx -T`` prints."""
    return _DUMPED.search(text) is not None


def read_config(source: Source, *, instead: Mapping[str, str] | None = None, files: Files | None = None) -> Config:
    """The configuration that begins in ``source``; ``instead`` has texts to take for those of files with these names,
    ``files`` is where includes are looked for if not on the disk. Raises :class:`ConfigError`."""
    if is_dump(source.text):
        dumped = dict(_dumped(source.text))
        first = next(iter(dumped))
        return _expanded(Source(first, dumped[first]), _Dump(dumped, str(PurePosixPath(first).parent)), {})
    return _expanded(source, files or _Disk(source.path), instead or {})


def _dumped(text: str) -> Iterator[tuple[str, str]]:
    marks = list(_DUMPED.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        yield mark[1], text[mark.end() + 1 : following.start() if following else len(text)]


class Files(Protocol):
    """Where includes are looked for."""

    def find(self, pattern: str) -> list[Source]:
        """The files of a pattern, in nginx's order. Raises :class:`NotRead`."""


class NotRead(Exception):
    """Why an include was not followed."""


@dataclass(frozen=True, slots=True)
class _Dump:
    files: Mapping[str, str]
    home: str

    def find(self, pattern: str) -> list[Source]:
        wanted = pattern if pattern.startswith("/") else f"{self.home}/{pattern}"
        found = [name for name in self.files if name == wanted or fnmatchcase(name, wanted)]
        if not found and "*" not in wanted:
            raise NotRead("it is not in the dump")
        return [Source(name, self.files[name]) for name in found]


@dataclass(frozen=True, slots=True)
class _Disk:
    start: Path | None

    def find(self, pattern: str) -> list[Source]:
        if self.start is None:
            raise NotRead("what comes from standard input has no folder")
        if pattern.count("*") + pattern.count("?") + pattern.count("[") > _MOST_WILDCARDS or "\0" in pattern:
            raise NotRead("its pattern is too wide")
        homes = _homes(self.start)
        for base in homes[:2] if not pattern.startswith("/") else [Path("/")]:
            if found := self._below(base, pattern.lstrip("/"), homes):
                return found
        if any(mark in pattern for mark in "*?["):
            return []
        raise NotRead("there is no such file")

    def _below(self, base: Path, pattern: str, homes: list[Path]) -> list[Source]:
        fixed = base.joinpath(*_until_wildcard(pattern))
        if not any(leads_within(fixed, home) for home in homes):
            raise NotRead("it is outside of the configuration's folder")
        names = sorted(islice(base.glob(pattern.replace("**", "*")), _MOST_FILES))
        files = [name for name in names if name.is_file()]
        if any(not any(leads_within(file, home) for home in homes) for file in files):
            raise NotRead("it leads outside of the configuration's folder")
        return [read_source(file, name=self._shown(file)) for file in files]

    def _shown(self, file: Path) -> str:
        return str(file)


def _until_wildcard(pattern: str) -> list[str]:
    parts = PurePosixPath(pattern).parts
    wild = next((index for index, part in enumerate(parts) if any(mark in part for mark in "*?[")), len(parts))
    return list(parts[:wild])


def _homes(start: Path) -> list[Path]:
    """The folder of the ``nginx.conf`` above, then that of the file itself, then the usual ones."""
    own = start.parent
    above = [folder for folder in [own, *own.absolute().parents][:4] if (folder / "nginx.conf").is_file()]
    return [above[0] if above else own, own, *map(Path, HOMES)]


@dataclass(slots=True)
class _Expansion:
    """An expansion at work: what has been read so far, and what stands open above."""

    files: Files
    instead: Mapping[str, str]
    generated: bool = False
    """Whether Nginx Proxy Manager wrote the file, so that its includes are known."""
    texts: dict[str, str] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    octets: int = 0

    def tree(self, source: Source, above: tuple[str, ...]) -> tuple[Directive, ...]:
        text = self.instead.get(source.name, source.text)
        self.octets += len(text)
        if self.octets > 2 * LARGEST_FILE or len(self.texts) > _MOST_FILES:
            raise ConfigError("its includes are too many or too large", place=source.name)
        self.texts[source.name] = text
        if source.path:
            self.paths[source.name] = source.path
        return tuple(self._level(parse(text, file=source.name), (*above, source.name)))

    def _level(self, directives: Iterable[Directive], above: tuple[str, ...]) -> Iterator[Directive]:
        for directive in directives:
            if directive.name == "include" and len(directive.words) == 2:
                yield from self._included(directive, above)
            elif any(True for inner in directive.block):
                yield replace(directive, block=tuple(self._level(directive.block, above)))
            else:
                yield directive

    def _included(self, include: Directive, above: tuple[str, ...]) -> Iterator[Directive]:
        try:
            found = self.files.find(include.words[1])
        except NotRead as reason:
            if self.generated and (text := npm.known(include.words[1])) is not None:
                yield from parse(text, file=f"{include.words[1]} of Nginx Proxy Manager")
                return
            self.unread.append(f"{include.place}: include {ascii(include.words[1])[1:-1]} was not read: {reason}")
            yield include
            return
        for source in found:
            if source.name in above:
                raise ConfigError(f"the file includes itself, by way of {source.name}", place=str(include.place))
            if len(above) >= _DEEPEST:
                raise ConfigError("files are included too deeply", place=str(include.place))
            yield from self.tree(source, above)


def _expanded(source: Source, files: Files, instead: Mapping[str, str]) -> Config:
    work = _Expansion(files, instead, npm.is_generated(source.text))
    top = work.tree(source, ())
    return Config(top=top, texts=work.texts, files=work.paths, unread=tuple(work.unread))
