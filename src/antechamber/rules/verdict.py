"""What a rule says of one route: that it passed, that it fires, that it cannot tell, or that it does not apply.

"Could not tell, because" is a value of its own and never a silent pass. Evidence is in numbers where there are any:
times, octets, statuses, lines.
"""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.policy.effective import Place


@dataclass(frozen=True, slots=True)
class Passed:
    """It was seen, or read, that the fault is not there."""

    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Fired:
    """The fault is there. ``evidence`` is a sentence; ``place`` where it is written, if it stands in a file."""

    evidence: str
    place: Place | None = None
    certain: bool = True
    """Whether it was seen or read; else it follows from a default that depends on a version, for example."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Nothing was seen that would decide it."""

    because: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The route, or what answers there, has no such thing."""

    because: str = ""


Verdict = Passed | Fired | CannotTell | NotApplicable
