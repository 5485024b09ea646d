"""Files under one directory, and never outside it.

Paths come from strangers. They are cut into names and walked one directory at a time, each opened relative to the one
before and never through a symbolic link (openat(2), ``O_NOFOLLOW``): there is no moment between a check and its use at
which somebody with a terminal could swap a directory for a link.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MAX_NAMES = 64
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class PathRefused(Exception):
    """The path is not one below the root; the text says why."""


class EntryKind(StrEnum):
    """What a name in a directory stands for."""

    DIRECTORY = "directory"
    FILE = "file"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """One name in a directory. Of a link, the link itself is described."""

    name: str
    kind: EntryKind
    size_bytes: int
    modified_ms: int


class RootedFiles:
    """Reading and atomic writing below ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self, path: str, *, or_root: bool = False) -> tuple[str, ...]:
        """The names below the root that ``path`` goes through; none for the root itself, where that may be meant.

        An absolute path is taken if it starts with the root; ``.`` and empty names are dropped, ``..`` never is.
        Raises :class:`PathRefused`.
        """
        if "\0" in path or any("\ud800" <= character <= "\udfff" for character in path):
            raise PathRefused("the path has characters that no file name has")
        if path.startswith("/"):
            prefix = f"{self._root}/"
            if or_root and path in ("/", str(self._root)):
                return ()
            if not path.startswith(prefix):
                raise PathRefused("the path is outside the root")
            path = path.removeprefix(prefix)
        names = tuple(name for name in path.split("/") if name not in ("", "."))
        if not names and not or_root:
            raise PathRefused("the path names no file")
        if ".." in names:
            raise PathRefused("the path goes up")
        if len(names) > MAX_NAMES or any(len(name.encode()) > 255 for name in names):
            raise PathRefused("the path is too long")
        return names

    def open_file(self, names: tuple[str, ...]) -> tuple[int, int]:
        """Descriptor and size of an ordinary file. Raises ``OSError``, also for links and for what is no file."""
        with self._parent(names, make=False) as parent:
            # O_NONBLOCK: opening a FIFO would otherwise wait for somebody to write into it.
            file = os.open(names[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            os.close(file)
            raise FileNotFoundError(errno.ENOENT, "not an ordinary file")
        return file, found.st_size

    def entries(self, names: tuple[str, ...]) -> list[FoundEntry]:
        """What lies in a directory, links not followed, directories first. Raises ``OSError``."""
        with self._opened(names, make=False) as directory, os.scandir(directory) as found:
            entries = [entry for each in found if (entry := _entry(each))]
        return sorted(entries, key=lambda entry: (entry.kind is not EntryKind.DIRECTORY, entry.name.casefold()))

    def remove(self, names: tuple[str, ...]) -> None:
        """Remove a file, a link (never what it leads to) or an empty directory. Raises ``OSError``."""
        with self._parent(names, make=False) as parent:
            found = os.stat(names[-1], dir_fd=parent, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                os.rmdir(names[-1], dir_fd=parent)
            else:
                os.unlink(names[-1], dir_fd=parent)

    def exists(self, names: tuple[str, ...]) -> bool:
        """Whether anything, a link included, has that name."""
        try:
            with self._parent(names, make=False) as parent:
                os.stat(names[-1], dir_fd=parent, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    @contextmanager
    def replacing(self, names: tuple[str, ...], *, overwrite: bool) -> Iterator[int]:
        """A descriptor to write to; the file appears whole under its name on exit, or not at all on an exception.

        Directories on the way are made. Raises ``FileExistsError`` at the end if ``overwrite`` is off and somebody
        else made the file meanwhile, and ``OSError``.
        """
        with self._parent(names, make=True) as parent:
            temporary = f".upload-{secrets.token_hex(8)}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(temporary, flags, 0o644, dir_fd=parent)
            try:
                try:
                    yield file
                finally:
                    os.close(file)
                if overwrite:
                    os.replace(temporary, names[-1], src_dir_fd=parent, dst_dir_fd=parent)
                else:
                    os.link(temporary, names[-1], src_dir_fd=parent, dst_dir_fd=parent, follow_symlinks=False)
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=parent)

    def _parent(self, names: tuple[str, ...], *, make: bool) -> AbstractContextManager[int]:
        return self._opened(names[:-1], make=make)

    @contextmanager
    def _opened(self, names: tuple[str, ...], *, make: bool) -> Iterator[int]:
        directory = os.open(self._root, _DIRECTORY)
        try:
            for name in names:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(name, 0o755, dir_fd=directory)
                below = os.open(name, _DIRECTORY, dir_fd=directory)
                os.close(directory)
                directory = below
            yield directory
        finally:
            os.close(directory)


def _entry(found: os.DirEntry[str]) -> FoundEntry | None:
    """What one name stands for; nothing if it has gone since it was read."""
    try:
        state = found.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    # A name that is no UTF-8 keeps its odd octets as surrogates, which JSON cannot carry.
    name = found.name.encode(errors="replace").decode()
    return FoundEntry(name, _kind(state.st_mode), state.st_size, state.st_mtime_ns // 1_000_000)


def _kind(mode: int) -> EntryKind:
    if stat.S_ISDIR(mode):
        return EntryKind.DIRECTORY
    if stat.S_ISREG(mode):
        return EntryKind.FILE
    return EntryKind.LINK if stat.S_ISLNK(mode) else EntryKind.OTHER
