"""One HTML file that needs nothing else: no script, no font, no request. Light or dark, as the reader's system is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from antechamber.report.as_text import heading
from antechamber.report.checklist import Answer, checklist
from antechamber.report.drawing import draw
from antechamber.report.excerpt import excerpt
from antechamber.report.overview import Mark, brief, doubts, families, in_short, some, told
from antechamber.report.run import Run
from antechamber.rules.finding import Finding

_ANSWERS = {Answer.PASS: Mark.GOOD, Answer.FAIL: Mark.FAULT, Answer.CANNOT_TELL: Mark.UNSURE}


def render(run: Run) -> str:
    """``run`` as a page."""
    assessment = run.assessment
    return _template().render(
        run=run,
        heading=list(heading(run)),
        summary=in_short(assessment),
        clean=not assessment.findings,
        suspicion={hop.name: _suspicion(hop.name, assessment.findings) for hop in run.hops},
        families=families(assessment.judged),
        findings=[(one, "\n".join(excerpt(one.place, run.texts))) for one in assessment.findings],
        advice=assessment.advice,
        doubts=doubts(assessment.judged),
        checklist=[(line, _ANSWERS[line.answer]) for line in checklist(run)],
        drawings=[draw(timeline) for timeline in run.timelines],
    )


def _suspicion(name: str, findings: Sequence[Finding]) -> str:
    """Whether a fault is known to be at that hop, or in a stretch of the way of which it is one end."""
    places = {finding.hop for finding in findings if finding.hop}
    if name in places:
        return "guilty"
    return "suspect" if any(name in place.split() for place in places) else ""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("antechamber.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"brief": brief, "some": some, "told": told})
    return environment.get_template("report.html.j2")
