"""Text for people: how it stands by family and route, each fault with its evidence and its fix, the guide's checklist.

The order is that of a doctor's visit: what was looked at, how it stands, what is wrong and what to do, what could be
better, what could not be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from antechamber.report.checklist import Answer, Checked, checklist
from antechamber.report.excerpt import excerpt
from antechamber.report.overview import Mark, brief, doubts, families, in_short, some, told
from antechamber.report.run import Run
from antechamber.rules.finding import Finding
from antechamber.rules.rule import Severity

_STYLES = {
    Mark.FAULT: "1;31",
    Mark.WARNING: "33",
    Mark.UNSURE: "33",
    Mark.PARTLY: "36",
    Mark.GOOD: "32",
    Mark.NOTHING: "2",
}
_MARKS = {Severity.ERROR: Mark.FAULT, Severity.WARNING: Mark.WARNING, Severity.ADVICE: Mark.NOTHING}
_ANSWERS = {Answer.PASS: Mark.GOOD, Answer.FAIL: Mark.FAULT, Answer.CANNOT_TELL: Mark.UNSURE}

_LABEL_WIDTH = 9
_MOST_DOUBTS = 12


def render(run: Run, *, width: int = 100, color: bool = False) -> str:
    """``run`` for a terminal of ``width`` columns."""
    page = _Page(width, color)
    return "\n".join([line.rstrip() for line in page.lines(run)]) + "\n"


def heading(run: Run) -> Iterator[str]:
    """What was looked at, how and when: a few plain lines that every report for people begins with."""
    yield f"{run.app} {run.app_version}".strip() + f", profile {run.profile}"
    facts = [run.depth, run.started.strftime("%Y-%m-%d %H:%M %Z").strip() if run.started else ""]
    facts += [f"{run.took_s:.1f} s" if run.took_s is not None else "", f"Antechamber {run.version}"]
    yield ", ".join(fact for fact in facts if fact)
    if run.hops:
        yield "way in: " + " → ".join([_hop(hop.name, hop.software, certain=hop.certain) for hop in run.hops] + ["app"])
    if run.direct:
        state = "answers" if run.direct.reachable else "does not answer"
        yield f"directly at {run.direct.url}: {state}" + (f" ({run.direct.answered})" if run.direct.answered else "")
    yield from run.remarks


def _hop(name: str, software: str, *, certain: bool) -> str:
    told = [part for part in (software if software != name else "", "" if certain else "guessed") if part]
    return f"{name} ({', '.join(told)})" if told else name


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    color: bool

    def lines(self, run: Run) -> Iterator[str]:
        assessment = run.assessment
        yield self._styled(f"antechamber {run.command} {run.target}", "1")
        for line in heading(run):
            yield from self._wrapped(line, "")
        yield ""
        yield from self._families(run)
        for number, finding in enumerate(assessment.findings, start=1):
            yield ""
            yield from self._finding(finding, f"{number}. ", excerpt(finding.place, run.texts))
        yield from self._advice(assessment.advice)
        yield from self._doubts(run)
        yield ""
        yield self._styled("Checklist of OpenChamber's reverse-proxy guide", "1")
        for checked in checklist(run):
            yield from self._checked(checked)
        yield ""
        summary = in_short(assessment)
        yield self._styled(f"{summary[0].upper()}{summary[1:]}.", "1")

    def _families(self, run: Run) -> Iterator[str]:
        for family in families(run.assessment.judged):
            yield f"[{self._sign(family.mark)}] {self._styled(family.title, '1')}"
            for state in family.states:
                routes = some(state.paths, 3)
                yield from self._wrapped(f"{routes}: {state.words}", f"    {self._sign(state.mark)} ", hang=6)
        for route in run.routes:
            if route.not_applicable:
                yield from self._wrapped(f"{route.path}: {route.not_applicable}", "    – ", hang=6)

    def _finding(
        self, finding: Finding, number: str = "", lines: Sequence[str] = (), *, indent: str = ""
    ) -> Iterator[str]:
        mark = _MARKS[finding.rule.severity]
        doubt = "" if finding.certain else ", likely"
        head = f"{finding.rule.id} {finding.rule.severity.value}{doubt}: {finding.rule.title}"
        yield indent + self._styled(f"{number}{head}", _STYLES[mark])
        yield from self._labelled("where", told(finding), indent)
        yield from (f"{indent}      {line}" for line in lines)
        yield from self._labelled("routes", some(finding.paths, 6), indent)
        for evidence in finding.evidence[:4]:
            yield from self._labelled("seen", evidence, indent)
        yield from self._labelled("cause", finding.rule.cause, indent)
        yield from self._labelled("fix", finding.fix, indent)
        for consequence in finding.consequences:
            seen = f": {brief(consequence.evidence[0])}" if consequence.evidence else ""
            yield from self._labelled("so that", f"{consequence.rule.id} {consequence.rule.title}{seen}", indent)
        yield from self._labelled("more", f"antechamber explain {finding.rule.id}", indent)

    def _advice(self, advice: Sequence[Finding]) -> Iterator[str]:
        if not advice:
            return
        yield ""
        yield self._styled("Advice", "1") + ", which changes no exit code"
        for one in advice:
            seen = f": {one.evidence[0]}" if one.evidence else ""
            yield from self._wrapped(f"{one.rule.id} {one.rule.title}{seen}. {one.fix}", "  ", hang=2)

    def _doubts(self, run: Run) -> Iterator[str]:
        found = doubts(run.assessment.judged)
        if not found:
            return
        yield ""
        yield self._styled("Could not be told", "1")
        for doubt in found[:_MOST_DOUBTS]:
            what = some(doubt.rules, 6)
            routes = some(doubt.paths, 2)
            yield from self._wrapped(f"{doubt.because}: {what}, on {routes}", f"  {self._sign(Mark.UNSURE)} ", hang=4)
        if len(found) > _MOST_DOUBTS:
            yield f"    and {len(found) - _MOST_DOUBTS} more reasons, which --format json lists"
        for unlock in run.unlocks:
            yield from self._wrapped(unlock, "  → ", hang=4)

    def _checked(self, checked: Checked) -> Iterator[str]:
        told = [", ".join(checked.rules), checked.because]
        because = "; ".join(part for part in told if part)
        answer = "" if checked.answer is Answer.PASS else f": {checked.answer.value}"
        text = f"{checked.words}{answer}" + (f" ({because})" if because else "")
        yield from self._wrapped(text, f"  {self._sign(_ANSWERS[checked.answer])} ", hang=4)

    def _labelled(self, label: str, text: str, indent: str) -> Iterator[str]:
        if text:
            yield from self._wrapped(text, f"{indent}   {label:{_LABEL_WIDTH}}", hang=len(indent) + 3 + _LABEL_WIDTH)

    def _wrapped(self, text: str, start: str, *, hang: int = 0) -> Iterator[str]:
        """``text`` in lines; ``start`` may hold escapes, so its width is ``hang``."""
        room = max(self.width - hang, 30)
        first, *rest = wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        yield start + first
        yield from (" " * hang + line for line in rest)

    def _sign(self, mark: Mark) -> str:
        return self._styled(mark.value, _STYLES[mark])

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.color else text
