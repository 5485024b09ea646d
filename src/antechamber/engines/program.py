"""An engine's program as the operating system sees it: where it is found, and how it is told to reload and to stop.

Data only. :mod:`antechamber.supervise` acts on it, and never asks which engine it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from signal import Signals


@dataclass(frozen=True, slots=True)
class BySignal:
    """The running process reads its configuration again when it gets this signal, and starts new workers with it."""

    number: Signals


@dataclass(frozen=True, slots=True)
class ByCommand:
    """A second run of the program, in the same directory and with these arguments, hands the new configuration over."""

    arguments: tuple[str, ...]


Reload = BySignal | ByCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that runs in the foreground, with a directory of its own for a working directory."""

    command: str
    """Its name on ``PATH``."""
    wheel: tuple[str, str]
    """Module and function of the Python package that brings it; the function returns its path."""
    extra: str
    """The extra of this project that installs that package."""
    version_argument: str = "-v"
    """What makes it print its version."""
    reload: Reload | None
    """How it takes a new configuration; ``None`` if only a restart does."""
    keeps: str
    """What a reload does to open streams, for people; ``{limit}`` stands for how long at most."""
    drain: Signals
    """Take nothing new, finish what is open, then end."""
    stop: Signals
    """End at once, whatever is open."""
    bounds_drain: bool = False
    """Whether it counts the drain time by itself, and ends when that is over."""

    @property
    def install(self) -> str:
        """The one command that installs it."""
        return f'pip install "antechamber[{self.extra}]"'
