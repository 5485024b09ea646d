"""What a run leaves behind: the machine, the versions, the effort and every single sample, as JSON."""

import dataclasses
import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from bench.figure import Effort

QUIET_LOAD = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure, one contestant, one turn: numbers by metric key. Turns count through all rounds, from 0."""

    figure: str
    contestant: str
    turn: int
    numbers: dict[str, float]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant as it took part."""

    key: str
    title: str
    version: str
    note: str


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was run. ``load`` is the load average before the first sample: above 0.5 somebody else was at work."""

    processor: str
    processors: int
    memory_gib: float
    system: str
    python: str
    load: float

    @property
    def quiet(self) -> bool:
        """Whether the machine was idle enough to quote the figures."""
        return self.load <= QUIET_LOAD


@dataclass(frozen=True, slots=True)
class Results:
    """One run."""

    date: str
    machine: Machine
    effort: Effort
    entrants: tuple[Entrant, ...]
    remarks: tuple[str, ...]
    samples: tuple[Sample, ...]

    def numbers(self, figure: str, contestant: str, metric: str) -> dict[int, float]:
        """The metric's values by turn."""
        return {
            sample.turn: sample.numbers[metric]
            for sample in self.samples
            if sample.figure == figure and sample.contestant == contestant and metric in sample.numbers
        }

    def to_json(self) -> str:
        """The whole run as text."""
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Results":
        """The inverse of :meth:`to_json`."""
        raw = json.loads(text)
        return cls(
            date=raw["date"],
            machine=Machine(**raw["machine"]),
            effort=Effort(**raw["effort"]),
            entrants=tuple(Entrant(**entrant) for entrant in raw["entrants"]),
            remarks=tuple(raw["remarks"]),
            samples=tuple(Sample(**sample) for sample in raw["samples"]),
        )


def this_machine() -> Machine:
    """The machine as /proc and os-release describe it."""
    return Machine(
        processor=_field(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        processors=len(os.sched_getaffinity(0)),
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3, 1),
        system=f"{platform.freedesktop_os_release().get('PRETTY_NAME', 'Linux')}, Linux {platform.release()}",
        python=platform.python_version(),
        load=os.getloadavg()[0],
    )


def _field(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""
