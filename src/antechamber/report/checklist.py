"""The six lines of the checklist in OpenChamber's reverse-proxy guide, each answered by what was judged.

A line passes only if the rules that decide it were judged, and passed, on every route they apply to; if one of them
cannot tell, the line cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from antechamber.report.run import Run
from antechamber.rules.finding import Judged
from antechamber.rules.verdict import CannotTell, Fired, Passed


class Answer(StrEnum):
    PASS = "pass"  # noqa: S105  (an answer, not a word to log in with)
    FAIL = "fail"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the checklist. ``spoiled_by`` are rules that fail it and cannot make it pass."""

    words: str
    decided_by: tuple[str, ...]
    spoiled_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A line with its answer; ``because`` is a sentence unless it passed."""

    words: str
    answer: Answer
    because: str = ""
    rules: tuple[str, ...] = ()
    """The rules that fired."""


DIRECT = "The app is reachable directly"
LINES: tuple[Line, ...] = (
    Line("WebSockets are on in the proxy", ("AC101",), ("AC103", "AC104", "AC105", "AC107", "AC108", "AC516")),
    Line("Event streams are not buffered", ("AC201",), ("AC202", "AC203", "AC207", "AC210", "AC607")),
    Line("The proxy does not compress", ("AC601",), ("AC604", "AC605", "AC606")),
    Line("Bodies may be large enough for attachments", ("AC301",), ("AC304",)),
    Line("Streams may be silent for long enough", ("AC403",), ("AC409", "AC204")),
)


def checklist(run: Run) -> tuple[Checked, ...]:
    """All six lines, in the guide's order."""
    return (_direct(run), *(_checked(line, run.assessment.judged) for line in LINES))


def _direct(run: Run) -> Checked:
    if run.direct is None:
        because = "a file does not show it" if run.command == "lint" else "no direct address was given"
        return Checked(DIRECT, Answer.CANNOT_TELL, because)
    answer = Answer.PASS if run.direct.reachable else Answer.FAIL
    return Checked(DIRECT, answer, "" if run.direct.reachable else run.direct.answered)


def _checked(line: Line, judged: Sequence[Judged]) -> Checked:
    fired = [
        one for one in judged if isinstance(one.verdict, Fired) and one.rule.id in line.decided_by + line.spoiled_by
    ]
    if fired:
        rules = tuple(dict.fromkeys(one.rule.id for one in fired))
        return Checked(line.words, Answer.FAIL, _where(fired), rules)
    deciding = [one for one in judged if one.rule.id in line.decided_by]
    unknown = [one for one in deciding if isinstance(one.verdict, CannotTell)]
    if unknown:
        return Checked(line.words, Answer.CANNOT_TELL, _why(unknown))
    if any(isinstance(one.verdict, Passed) for one in deciding):
        return Checked(line.words, Answer.PASS)
    return Checked(line.words, Answer.CANNOT_TELL, "the app has no such route, or none was judged")


def _where(fired: Sequence[Judged]) -> str:
    paths = list(dict.fromkeys(one.path for one in fired))
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


def _why(unknown: Sequence[Judged]) -> str:
    verdict = unknown[0].verdict
    assert isinstance(verdict, CannotTell)
    paths = list(dict.fromkeys(one.path for one in unknown))
    where = paths[0] if len(paths) == 1 else f"{len(paths)} routes"
    return f"{where}: {verdict.because}"
