"""The files of a container, as far as a compose file puts them there.

A path of the host is read if the compose file names it, and within a folder that it names; a link that leads out of the
compose file's own folder, or out of the folder that is named, is not followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath

from antechamber.lint.compose.inlined import UNKNOWN_VARIABLE, inlined
from antechamber.lint.compose.services import Compose, Mount, Service
from antechamber.lint.nginx.config import NotRead
from antechamber.lint.source import Source, leads_within, read_source

_MOST_FILES = 500
_WILD = "*?["
_TEMPLATES = "/etc/nginx/templates/"
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
"""As ``envsubst`` takes it; the image gives it the names of the environment only."""
_NO_FILES = ("/proc", "/sys", "/dev")
"""What a kernel makes up is no configuration, whatever a compose file says."""


@dataclass(frozen=True, slots=True)
class Container:
    """What a service finds at a path of its own."""

    compose: Compose
    service: Service
    home: str = "/etc/nginx"
    """Where a path begins that does not begin with a slash."""
    filled_in: dict[str, str] = field(default_factory=dict)
    """Templates that were found, as they stand: what is read of them has the variables of the service filled in."""

    def find(self, pattern: str) -> list[Source]:
        """The files at ``pattern``. Raises :class:`NotRead` for one that is said to be there and is not mounted."""
        wanted = pattern if pattern.startswith("/") else f"{self.home}/{pattern}"
        found = dict(self._at(os.path.normpath(wanted)))
        if not found and not any(mark in wanted for mark in _WILD):
            raise NotRead(f"{self.compose.source.name} does not mount it")
        return [found[name] for name in sorted(found)]

    def mounted_at(self, pattern: str) -> list[Mount]:
        """What is mounted at ``pattern``, or around it."""
        return [mount for mount in self.service.mounts if _meets(mount.target, pattern)]

    def mount(self, *targets: str) -> Mount | None:
        """The mount whose target is one of these, or a folder that one stands in."""
        for target in targets:
            for mount in self.service.mounts:
                if mount.target.rstrip("/") == target or target.startswith(mount.target.rstrip("/") + "/"):
                    return mount
        return None

    def path(self, target: str) -> Path | None:
        """Where a file of the container stands on the host."""
        for mount in self._nearest(target):
            host = self.on_host(mount)
            if host is None:
                return None
            rest = target.removeprefix(mount.target.rstrip("/")).strip("/")
            found = host / rest if rest else host
            return found if found.exists() and leads_within(found, host) else None
        return None

    def on_host(self, mount: Mount) -> Path | None:
        """The path of the host that is mounted; ``None`` for a volume and for what only the environment knows."""
        if not mount.source or not mount.source.startswith((".", "/")) or "\0" in mount.source:
            return None
        if self.compose.source.path is None:
            return None
        base = self.compose.source.path.parent
        host = Path(os.path.normpath(base / mount.source))
        own = Path(os.path.normpath(base))
        if any(host.is_relative_to(one) for one in _NO_FILES):
            return None
        if host.is_relative_to(own) and not leads_within(host, own):
            return None
        return host

    def _nearest(self, target: str) -> list[Mount]:
        """The mounts that a path is in, the innermost first."""
        around = [
            one
            for one in self.service.mounts
            if one.content is None
            and (one.target.rstrip("/") == target or target.startswith(one.target.rstrip("/") + "/"))
        ]
        return sorted(around, key=lambda one: -len(one.target))

    def _at(self, wanted: str) -> Iterator[tuple[str, Source]]:
        for mount in self.service.mounts:
            target = mount.target.rstrip("/")
            if mount.content is not None:
                if _fits(target, wanted) and (source := inlined(mount.content, self.compose.source)):
                    yield target, source
                continue
            host = self.on_host(mount)
            if host is None:
                continue
            if host.is_file() and _fits(target, wanted):
                yield target, self._read(host, target)
            elif host.is_dir():
                yield from self._in_folder(target, host, wanted)

    def _in_folder(self, target: str, host: Path, wanted: str) -> Iterator[tuple[str, Source]]:
        """A folder that is mounted: the files in it whose path in the container fits."""
        parts, own = PurePosixPath(wanted).parts, PurePosixPath(target).parts
        if len(parts) <= len(own) or not _fits(target, str(PurePosixPath(*parts[: len(own)]))):
            return
        pattern = str(PurePosixPath(*parts[len(own) :])).replace("**", "*")
        for file in sorted(islice(host.glob(pattern), _MOST_FILES)):
            if file.is_file() and leads_within(file, host):
                name = f"{target}/{file.relative_to(host).as_posix()}"
                yield name, self._read(file, name)

    def _read(self, file: Path, name: str) -> Source:
        """A file; one of nginx's templates as its image fills it in, with the variables that the service sets."""
        source = read_source(file)
        if not name.startswith(_TEMPLATES):
            return source
        self.filled_in[source.name] = source.text
        return replace(source, text=_VARIABLE.sub(self._variable, source.text))

    def _variable(self, found: re.Match[str]) -> str:
        name = found[1] or found[2]
        setting = self.service.environment.get(name)
        if setting is None:
            return found[0]
        return UNKNOWN_VARIABLE.format(name=name) if setting.value is None else setting.value


def _fits(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and fnmatchcase(name, pattern)


def _meets(target: str, pattern: str) -> bool:
    target = target.rstrip("/")
    folder = pattern.partition("*")[0].rstrip("/")
    return _fits(target, pattern) or target == folder or folder.startswith(target + "/")
