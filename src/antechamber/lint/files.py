"""The configurations that a command line names: files, folders, standard input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from antechamber.errors import ConfigError
from antechamber.lint import kind
from antechamber.lint.kind import Kind, Stranger
from antechamber.lint.source import STANDARD_INPUT, Source, decoded, read_octets, read_stream

_MOST_FILES = 2000
_OTHERS = frozenset(
    [".git", ".svn", "node_modules", ".venv", "__pycache__", "archive"]  # letsencrypt's archive holds keys
)
_NO_CONFIGURATION = frozenset(
    [
        ".bak",
        ".crt",
        ".err",
        ".gz",
        ".html",
        ".key",
        ".log",
        ".md",
        ".orig",
        ".pem",
        ".png",
        ".py",
        ".sh",
        ".swp",
        ".tar",
        ".tmp",
        ".txt",
        ".zip",
    ]
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """One thing to read."""

    kind: Kind
    source: Source


def configurations(words: Iterable[str], stdin: BinaryIO, *, said: Kind | None = None) -> Iterator[Configuration]:
    """What ``words`` name. Raises :class:`ConfigError` for what is named and cannot be read as a configuration."""
    for word in words:
        if word == STANDARD_INPUT:
            source = read_stream(stdin)
            yield Configuration(said or _kind(source.text, source.name), source)
        elif Path(word).is_dir():
            yield from _in_folder(Path(word), said)
        else:
            yield _file(Path(word), word, said)


def _file(path: Path, name: str, said: Kind | None) -> Configuration:
    content = read_octets(path, name=name)
    found = kind.kind_of_octets(content)
    if found is not None:
        return Configuration(found, Source(name, "", path))
    text = decoded(content, name=name)
    return Configuration(said or _kind(text, name), Source(name, text, path))


def _kind(text: str, name: str) -> Kind:
    place = ascii(name)[1:-1]
    match kind.kind_of(text):
        case Kind() as found:
            return found
        case Stranger() as found:
            raise ConfigError(f"this is {found}, which cannot be read yet", place=place)
        case None:
            raise ConfigError(
                "this does not look like the configuration of a proxy",
                place=place,
                way_out="Say what it is with --kind.",
            )


def _in_folder(folder: Path, said: Kind | None) -> Iterator[Configuration]:
    """The configurations below a folder; what is none of them is passed over."""
    found = []
    for path in sorted(islice(_files(folder), _MOST_FILES)):
        try:
            found.append(_file(path, str(path), said))
        except ConfigError:
            continue
    if not found:
        raise ConfigError(
            "no configuration of a proxy is in this folder",
            place=ascii(str(folder))[1:-1],
            way_out="Name the file itself, with --kind if its content does not show what it is.",
        )
    yield from sorted(found, key=_order)


def _order(configuration: Configuration) -> int:
    """What leads to other files comes before them: they are told by way of it, once."""
    path = configuration.source.path
    return 0 if configuration.kind is Kind.COMPOSE else 1 if path and path.name in ("nginx.conf", "Caddyfile") else 2


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        if path.suffix.lower() in _NO_CONFIGURATION or not _OTHERS.isdisjoint(inside):
            continue
        if (not path.is_symlink() and path.is_file()) or (
            path.is_symlink() and path.parent.name.endswith("enabled") and path.is_file()
        ):
            yield path
