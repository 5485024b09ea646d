"""What a figure is: a load that is put on one running contestant, and the numbers that come of it."""

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.contestants import Running


class MeasureError(Exception):
    """The load met something that makes its numbers worthless: an error answer, a lost stream, a short body."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a figure. ``needs_process`` marks those that direct access cannot have."""

    key: str
    title: str
    unit: str
    higher_is_better: bool = False
    needs_process: bool = True


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how often: the full run, the quick one, and the tiny one of the harness's own tests."""

    rounds: int
    window_s: float
    warm_up_s: float
    idle_streams: int
    transfer_bytes: int
    slow_bytes_per_s: int


MIB = 1024 * 1024
FULL = Effort(7, 2.0, 0.8, 5_000, 1024 * MIB, 256 * MIB)
"""Many short rounds: what spreads is not the load within a window but the machine from one to the next."""
QUICK = Effort(2, 1.5, 0.5, 1_000, 256 * MIB, 128 * MIB)
TINY = Effort(1, 0.3, 0.1, 20, 4 * MIB, 16 * MIB)


class Upstream(enum.Enum):
    """What stands behind the contestant."""

    APP = "bench.upstream"
    ORIGIN = "nginx answering from memory"


class Figure(Protocol):
    """One load. ``measure`` blocks; whatever it opens it closes."""

    @property
    def key(self) -> str:
        """The word on the command line and in the samples."""
        ...

    @property
    def title(self) -> str:
        """The words on the page."""
        ...

    @property
    def how(self) -> str:
        """The load, in a sentence or two."""
        ...

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What it yields; the first is what contestants are compared by."""
        ...

    @property
    def upstream(self) -> Upstream:
        """What stands behind the contestant."""
        ...

    @property
    def often(self) -> int:
        """How many times each round measures it: more than once where single samples spread widely."""
        ...

    def measure(self, running: Running, effort: Effort, directory: Path) -> dict[str, float]:
        """The numbers by metric key; those that need a process are left out when there is none."""
        ...


def percentile(ordered: list[float], share: float) -> float:
    """The value below which ``share`` of the ordered values lie."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
