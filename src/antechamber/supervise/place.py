"""The directory that an engine runs in: its configuration, its process id, its sockets.

It is private, and gone at the end, unless somebody names one to look into. A new configuration is tried in a directory
below it and only then put into place, so what runs never reads one that was refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from antechamber.engines.base import File
from antechamber.errors import ConfigError

OURS = "written by: antechamber"
"""Stands in the heading of every rendering."""


class Place:
    """A directory that is ours alone for as long as it is held."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def candidate(self, files: Sequence[File]) -> Iterator[Path]:
        """A directory with ``files``, to be judged in."""
        path = Path(tempfile.mkdtemp(prefix="candidate-", dir=self.path))
        try:
            for file in files:
                _write(path / file.name, file.text)
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def adopt(self, files: Sequence[File]) -> None:
        """Put ``files`` into place, each of them at once."""
        for file in files:
            target = self.path / file.name
            _refuse_foreign(target)
            beside = target.with_name(f".{target.name}.new")
            _write(beside, file.text)
            beside.replace(target)


@contextlib.contextmanager
def temporary_place(name: str) -> Iterator[Place]:
    """A new directory that only we may look into, removed at the end."""
    path = Path(tempfile.mkdtemp(prefix=f"antechamber-{name}-"))
    try:
        yield Place(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def named_place(path: Path) -> Iterator[Place]:
    """A directory that somebody chose; made if it is not there, and left as it is at the end."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ConfigError(f"{path} cannot be used: {error.strerror}", place="--directory") from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Place(path.resolve())
    except BlockingIOError:
        raise ConfigError(
            f"another antechamber runs in {path}", place="--directory", way_out="Give each a directory of its own."
        ) from None
    finally:
        os.close(held)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _refuse_foreign(path: Path) -> None:
    """A directory such as /etc/nginx holds somebody's work under the very names that we write."""
    try:
        old = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    if OURS not in old:
        raise ConfigError(
            f"{path} is not one of ours, and would be overwritten", place="--directory", way_out="Name an empty one."
        )
