"""One HTML file that needs nothing else: no script, no font, no request. Light or dark, as the reader's system is."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from antechamber.report.as_text import heading
from antechamber.report.checklist import Answer, checklist
from antechamber.report.drawing import draw
from antechamber.report.overview import Mark, doubts, families, in_short, some, told
from antechamber.report.run import Run

_ANSWERS = {Answer.PASS: Mark.GOOD, Answer.FAIL: Mark.FAULT, Answer.CANNOT_TELL: Mark.UNSURE}


def render(run: Run) -> str:
    """``run`` as a page."""
    assessment = run.assessment
    guilty = {finding.hop for finding in assessment.findings if finding.hop}
    return _template().render(
        run=run,
        heading=list(heading(run)),
        summary=in_short(assessment),
        clean=not assessment.findings,
        guilty=guilty,
        families=families(assessment.judged),
        findings=assessment.findings,
        advice=assessment.advice,
        doubts=doubts(assessment.judged),
        checklist=[(line, _ANSWERS[line.answer]) for line in checklist(run)],
        drawings=[draw(timeline) for timeline in run.timelines],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("antechamber.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"some": some, "told": told})
    return environment.get_template("report.html.j2")
