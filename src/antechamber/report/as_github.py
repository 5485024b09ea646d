"""Annotations of a GitHub Actions job.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from antechamber.report.overview import in_short
from antechamber.report.run import Run
from antechamber.rules.finding import Finding
from antechamber.rules.rule import Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def render(run: Run) -> str:
    """A line for each fault and each piece of advice, and one for the whole."""
    lines = [_line(finding) for finding in (*run.assessment.findings, *run.assessment.advice)]
    whole = f"antechamber {run.command} {run.target}: {in_short(run.assessment)}"
    return "\n".join([*lines, _escaped(whole)]) + "\n"


def _line(finding: Finding) -> str:
    properties = {"title": f"{finding.rule.id} {finding.rule.title}"}
    if finding.place:
        place = finding.place
        properties = {"file": place.file, "line": str(place.line), "col": str(place.column), **properties}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    at = [f"at {finding.hop}"] if finding.hop else []
    message = "\n".join([", ".join(finding.paths), *at, *finding.evidence, f"Fix: {finding.fix}"])
    return f"::{_COMMANDS[finding.rule.severity]} {told}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
