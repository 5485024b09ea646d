"""Rendered files on their way to a directory: what would change is shown before it is changed."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from antechamber.engines.base import File
from antechamber.errors import ConfigError


def printed(files: Sequence[File]) -> str:
    """All files as one text; each under its name where there are several."""
    if len(files) == 1:
        return files[0].text
    return "\n".join(f"# ===== {file.name} =====\n{file.text}" for file in files)


def differing(directory: Path, files: Sequence[File]) -> bool:
    """Whether a file in ``directory`` is missing or not what it should be; shows the difference."""
    changes = [_change(directory / file.name, file) for file in files]
    for change in changes:
        print(change, end="", file=sys.stderr)
    return any(changes)


def put(directory: Path, files: Sequence[File], *, overwrite: bool) -> None:
    """Write ``files``. One that is there and differs is shown, and replaced only when a person says so."""
    replaced = [file for file in files if (directory / file.name).exists() and _change(directory / file.name, file)]
    for file in replaced:
        print(_change(directory / file.name, file), end="", file=sys.stderr)
    if replaced and not overwrite and not _agreed():
        raise ConfigError(
            f"{', '.join(file.name for file in replaced)} would change, as shown above; nothing was written",
            way_out="Add --overwrite.",
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for file in files:
            (directory / file.name).write_text(file.text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{directory} cannot be written: {error.strerror}", place="--output") from None
    for file in files:
        print(f"antechamber: wrote {directory / file.name}", file=sys.stderr)


def _change(path: Path, file: File) -> str:
    try:
        old = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", place="--output") from None
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), file.text.splitlines(keepends=True), f"{path} (as it is)", f"{path} (rendered)"
    )
    return "".join(lines)


def _agreed() -> bool:
    """Asks, where somebody can answer."""
    if not sys.stdin.isatty():
        return False
    print("Replace? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
