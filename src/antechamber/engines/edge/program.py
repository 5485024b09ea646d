"""The edge as a program: this very package (docs/options.md)."""

from __future__ import annotations

import sys
from pathlib import Path
from signal import Signals

from antechamber.engines.program import Program


def own_command() -> str:
    """The path of the ``antechamber`` command that stands beside the running Python."""
    return str(Path(sys.executable).with_name("antechamber"))


PROGRAM = Program(
    command="antechamber",
    wheel=("antechamber.engines.edge.program", "own_command"),
    extra="",
    version_argument="--version",
    reload=None,
    keeps="a new configuration needs a restart, which drains: requests finish, streams end after {limit}",
    drain=Signals.SIGTERM,
    stop=Signals.SIGKILL,
)
