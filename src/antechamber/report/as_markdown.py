"""Markdown, to paste into an issue: short enough to be read there, with what a maintainer asks for first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from antechamber.report.as_text import heading
from antechamber.report.checklist import Answer, checklist
from antechamber.report.excerpt import excerpt
from antechamber.report.overview import doubts, families, in_short, some, told
from antechamber.report.run import Run
from antechamber.rules.finding import Finding

_SPECIAL = re.compile(r"([\\`*\[\]<>|#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
"""An underscore inside a word, as in proxy_set_header, is no markup (GitHub Flavored Markdown, section 6.2)."""
_BOXES = {Answer.PASS: "[x]", Answer.FAIL: "[ ]", Answer.CANNOT_TELL: "[ ]"}


def render(run: Run) -> str:
    """``run`` as Markdown."""
    return "\n".join(_lines(run)) + "\n"


def _lines(run: Run) -> Iterator[str]:
    yield f"### antechamber {run.command} {_code(run.target)}: {in_short(run.assessment)}\n"
    yield from (f"- {_plain(line)}" for line in heading(run))
    yield "\n| | routes | state |"
    yield "|---|---|---|"
    for family in families(run.assessment.judged):
        for state in family.states:
            routes = ", ".join(_code(path) for path in state.paths[:4])
            more = f" and {len(state.paths) - 4} more" if len(state.paths) > 4 else ""
            yield f"| {state.mark.value} {family.title} | {routes}{more} | {_plain(state.words)} |"
    for finding in run.assessment.findings:
        yield from _finding(finding, excerpt(finding.place, run.texts))
    if run.assessment.advice:
        yield "\n**Advice**\n"
        for one in run.assessment.advice:
            yield f"- {one.rule.id} {_plain(one.rule.title)}. {_plain(one.fix)}"
    if found := doubts(run.assessment.judged):
        yield "\n<details><summary>Could not be told</summary>\n"
        for doubt in found:
            yield f"- {_plain(doubt.because)}: {some(doubt.rules, 8)}, on {_plain(some(doubt.paths))}"
        yield "\n</details>"
    yield "\n**Checklist of OpenChamber's reverse-proxy guide**\n"
    for line in checklist(run):
        remark = "; ".join(part for part in (", ".join(line.rules), line.because) if part)
        answer = "" if line.answer is Answer.PASS else f": **{line.answer.value}**"
        yield f"- {_BOXES[line.answer]} {_plain(line.words)}{answer}" + (f" ({_plain(remark)})" if remark else "")


def _finding(finding: Finding, lines: Sequence[str]) -> Iterator[str]:
    doubt = "" if finding.certain else ", likely"
    yield f"\n#### {finding.rule.id} {_plain(finding.rule.title)} ({finding.rule.severity.value}{doubt})\n"
    if where := told(finding):
        yield f"- where: {_code(where)}" + (f": {_code(lines[0].partition(' | ')[2])}" if lines else "")
    yield f"- routes: {', '.join(_code(path) for path in finding.paths)}"
    yield from (f"- seen: {_plain(evidence)}" for evidence in finding.evidence)
    yield f"- cause: {_plain(finding.rule.cause)}"
    yield f"- fix: {_plain(finding.fix)}"
    for consequence in finding.consequences:
        yield f"- so that: {consequence.rule.id} {_plain(consequence.rule.title)}"


def _plain(text: str) -> str:
    """Text that stays text, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Text in a code span, whatever backticks it holds, and safe in a table."""
    text = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"
