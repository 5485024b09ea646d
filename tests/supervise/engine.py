"""``antechamber run`` as people start it: in a directory with a site file, and looked at from outside."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.programs import Program, running

PATIENCE_S = 30.0


class Site:
    """A directory with a site file; temporary files of what runs there go to ``temporary``."""

    def __init__(self, directory: Path, app: str) -> None:
        self.directory = directory
        self.app = app
        self.temporary = directory / "temporary"
        self.temporary.mkdir()

    @property
    def file(self) -> Path:
        return self.directory / "antechamber.toml"

    def write(self, more: str = "", *, listen: str = "127.0.0.1:0") -> None:
        """A site file, saved as editors do: written beside, then renamed."""
        beside = self.directory / "antechamber.toml~"
        beside.write_text(f'to = "{self.app}"\nlisten = "{listen}"\n[timeouts]\ndrain = "1s"\n{more}')
        beside.replace(self.file)

    @property
    def left(self) -> list[str]:
        """What was not cleared away."""
        return sorted(path.name for path in self.temporary.iterdir())

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
        home = str(self.directory / "home")
        return kept | {"TMPDIR": str(self.temporary), "HOME": home, "PYTHONUNBUFFERED": "1"}


class Run:
    """A run of ``antechamber run``."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def serving(self, *, after: str = "") -> int:
        """The port that it serves on, once it says so (``after`` other words)."""
        pattern = rf"(?s){after}.*antechamber: .* serving https?://\S+?:(\d+) -> "
        return int(self.program.wait_for(pattern, deadline_s=PATIENCE_S).group(1))

    @property
    def engine(self) -> int:
        """The process id of the engine, which leads a group of its own."""
        (child,) = children(self.program.pid)
        return child


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def group_is_gone(leader: int) -> bool:
    """Whether no process of a group is there, but for zombies that nobody has waited for."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rpartition(") ")[2].split()[:3]
        except OSError:
            continue
        if int(group) == leader and state not in "ZX":
            return False
    return True


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for what no event tells."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:g} s: {what}"
        time.sleep(0.05)


@contextmanager
def started(site: Site, engine: str, *flags: str) -> Iterator[Run]:
    argv = [sys.executable, "-m", "antechamber", "run", engine, *flags]
    with running(argv, cwd=site.directory, env=site.environment) as program:
        yield Run(program)
