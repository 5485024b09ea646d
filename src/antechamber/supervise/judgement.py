"""An engine's own commands, run to their end: its validator, and the one that reloads."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from antechamber.errors import ConfigError

PATIENCE_S = 60.0
"""A validator asks the resolver for every name; glibc gives up on one after 10 to 30 s (resolv.conf(5))."""
SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a command said, and its exit code."""

    code: int
    said: tuple[str, ...]


class RefusedError(ConfigError):
    """The engine does not take its configuration. ``said`` is its complaint."""

    def __init__(self, problem: str, said: Sequence[str], *, way_out: str = "") -> None:
        super().__init__(f"{problem}; its words are above" if said else problem, way_out=way_out)
        self.said = tuple(said[-SHOWN_LINES:])


def environment() -> Mapping[str, str]:
    """Ours, without what is meant for us: there are secrets in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}


async def judge(argv: Sequence[str], directory: Path) -> Judgement:
    """Run a command in ``directory`` to its end. Raises :class:`RefusedError` if it finds none.

    What it says goes into a file: nginx opens ``/dev/stdout`` by name, and the event loop's pipes are sockets.
    """
    with TemporaryFile() as output:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=directory,
            env=environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                code = await process.wait()
        except TimeoutError:
            raise RefusedError(f"{' '.join(argv)} did not end within {PATIENCE_S:g} s", ()) from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        output.seek(0)
        lines = output.read().decode("utf-8", "replace").splitlines()
    return Judgement(code, tuple(line.rstrip() for line in lines if line.strip()))
