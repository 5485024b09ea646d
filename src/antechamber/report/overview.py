"""What all reports for people share: the state of each family of rules on each route, and what could not be told.

Routes on which a family says the same stand on one line, so that thirty routes are a page and not a book.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from antechamber.rules.finding import Assessment, Finding, Judged
from antechamber.rules.rule import FAMILY_TITLES, Family, Rule, Severity
from antechamber.rules.verdict import CannotTell, Fired, NotApplicable, Passed


class Mark(Enum):
    """How a line stands; the value is its sign. In order of how much it matters."""

    FAULT = "✗"
    WARNING = "!"
    UNSURE = "?"
    PARTLY = "~"
    """Some rules passed, and some could not be told."""
    GOOD = "✓"
    NOTHING = "–"


_WEIGHTS = {mark: weight for weight, mark in enumerate(Mark)}
_MARKS = {Severity.ERROR: Mark.FAULT, Severity.WARNING: Mark.WARNING, Severity.ADVICE: Mark.GOOD}


@dataclass(frozen=True, slots=True)
class State:
    """What one family says of the routes on which it says the same."""

    mark: Mark
    paths: tuple[str, ...]
    fired: tuple[Rule, ...]
    passed: tuple[int, int]
    """How many rules passed: on the route with the fewest, and on that with the most."""
    unknown: tuple[int, int]

    @property
    def words(self) -> str:
        """The state in a few words."""
        counts = ", ".join(_counts(self.passed, "passed") + _counts(self.unknown, "cannot be told"))
        faults = ", ".join(f"{rule.id} {rule.name}" for rule in self.fired)
        return "; ".join(part for part in (faults, counts) if part) or "only advice"


@dataclass(frozen=True, slots=True)
class FamilyState:
    """One family: its worst mark, and its states, the worst first."""

    family: Family
    mark: Mark
    states: tuple[State, ...]

    @property
    def title(self) -> str:
        return FAMILY_TITLES[self.family]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason why something could not be told, and what that leaves open."""

    because: str
    rules: tuple[str, ...]
    paths: tuple[str, ...]


def families(judged: Sequence[Judged]) -> tuple[FamilyState, ...]:
    """Every family of which anything was judged, but for the doubts, which :func:`doubts` tells."""
    by_family: dict[Family, list[Judged]] = {family: [] for family in Family if family is not Family.COULD_NOT_TELL}
    for one in judged:
        if one.rule.family in by_family:
            by_family[one.rule.family].append(one)
    found = []
    for family, mine in by_family.items():
        if states := _states(mine):
            found.append(FamilyState(family, states[0].mark, states))
    return tuple(found)


def doubts(judged: Sequence[Judged]) -> tuple[Doubt, ...]:
    """The reasons that were in the way, the one that leaves most open first."""
    by_reason: dict[str, list[Judged]] = {}
    for one in judged:
        if isinstance(one.verdict, CannotTell):
            by_reason.setdefault(one.verdict.because, []).append(one)
    found = [
        Doubt(because, _unique(one.rule.id for one in them), _unique(one.path for one in them))
        for because, them in by_reason.items()
    ]
    return tuple(sorted(found, key=lambda doubt: -len(by_reason[doubt.because])))


def told(finding: Finding) -> str:
    """Where a finding is, in words: a place in a file, a hop, or nothing."""
    return str(finding.place) if finding.place else finding.hop


def brief(evidence: str) -> str:
    """Evidence without its remark: of a consequence, where it is from has been told of the root."""
    return evidence.partition(" (")[0]


def some(paths: Sequence[str], most: int = 4) -> str:
    """A few of the paths, and how many more there are."""
    shown = ", ".join(paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"


def in_short(assessment: Assessment) -> str:
    """The whole in one line: ``2 errors, 1 warning``."""
    severities = [finding.rule.severity for finding in assessment.findings]
    parts = [_counted(severities.count(one), one.value) for one in (Severity.ERROR, Severity.WARNING)]
    return ", ".join(part for part in parts if part) or "no faults were found"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}" if count else ""


def _states(judged: Sequence[Judged]) -> tuple[State, ...]:
    by_path: dict[str, list[Judged]] = {}
    for one in judged:
        by_path.setdefault(one.path, []).append(one)
    grouped: dict[tuple[Mark, tuple[str, ...]], list[_Tally]] = {}
    for path, them in by_path.items():
        tally = _tally(path, them)
        grouped.setdefault((tally.mark, tally.fired), []).append(tally)
    rules = {one.rule.id: one.rule for one in judged}
    states = [
        State(
            mark,
            tuple(one.path for one in tallies),
            tuple(rules[identifier] for identifier in fired),
            _least_and_most(one.passed for one in tallies),
            _least_and_most(one.unknown for one in tallies),
        )
        for (mark, fired), tallies in grouped.items()
        if mark is not Mark.NOTHING
    ]
    return tuple(sorted(states, key=lambda state: _WEIGHTS[state.mark]))


@dataclass(frozen=True, slots=True)
class _Tally:
    """One family on one route."""

    path: str
    mark: Mark
    fired: tuple[str, ...]
    passed: int
    unknown: int


def _tally(path: str, judged: Sequence[Judged]) -> _Tally:
    marked = sorted(((one.rule.id, _mark_of(one)) for one in judged), key=lambda one: -_WEIGHTS[one[1]])
    marks = dict(marked)  # of several hops, the worst
    counts = [list(marks.values()).count(mark) for mark in (Mark.GOOD, Mark.UNSURE)]
    worst = min(marks.values(), key=_WEIGHTS.__getitem__)
    fired = tuple(sorted(identifier for identifier, mark in marks.items() if mark in (Mark.FAULT, Mark.WARNING)))
    return _Tally(path, Mark.PARTLY if worst is Mark.UNSURE and counts[0] else worst, fired, *counts)


def _least_and_most(counts: Iterable[int]) -> tuple[int, int]:
    ordered = sorted(counts)
    return ordered[0], ordered[-1]


def _counts(counts: tuple[int, int], word: str) -> list[str]:
    least, most = counts
    return [] if most == 0 else [f"{most} {word}" if least == most else f"{least} to {most} {word}"]


def _mark_of(judged: Judged) -> Mark:
    match judged.verdict:
        case Fired():
            return _MARKS[judged.rule.severity]
        case Passed():
            return Mark.GOOD
        case CannotTell():
            return Mark.UNSURE
        case NotApplicable():
            return Mark.NOTHING


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
