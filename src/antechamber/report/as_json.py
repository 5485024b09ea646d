"""JSON, for programs: everything that the other formats are made of. ``docs/report-1.schema.json`` is its schema.

``format_version`` changes when a field changes its meaning or goes; new fields may come at any time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from antechamber.policy.effective import Place
from antechamber.report.checklist import checklist
from antechamber.report.run import Lane, Run
from antechamber.rules.finding import Finding, Judged
from antechamber.rules.rule import Severity
from antechamber.rules.verdict import CannotTell, Fired, NotApplicable, Passed

FORMAT_VERSION = 1

Value = None | bool | int | float | str | Sequence["Value"] | dict[str, "Value"]


def render(run: Run) -> str:
    """``run`` as a JSON document."""
    return json.dumps(document(run), indent=2, ensure_ascii=False) + "\n"


def document(run: Run) -> dict[str, Value]:
    """``run`` as values of JSON."""
    return {
        "format": "antechamber-report",
        "format_version": FORMAT_VERSION,
        "command": run.command,
        "target": run.target,
        "antechamber": run.version,
        "started": run.started.isoformat() if run.started else None,
        "took_s": run.took_s,
        "profile": run.profile,
        "app": {"name": run.app, "version": run.app_version or None},
        "depth": run.depth or None,
        "direct": _direct(run),
        "hops": [
            {
                "name": hop.name,
                "url": hop.url or None,
                "software": hop.software or None,
                "certain": hop.certain,
                "http_versions": list(hop.http_versions),
            }
            for hop in run.hops
        ],
        "files": list(run.files),
        "routes": [
            {"path": route.path, "kind": route.kind.value, "not_applicable": route.not_applicable or None}
            for route in run.routes
        ],
        "summary": _summary(run),
        "findings": [_finding(one) for one in run.assessment.findings],
        "advice": [_finding(one) for one in run.assessment.advice],
        "judged": [_judged(one) for one in run.assessment.judged],
        "checklist": [
            {"words": one.words, "answer": one.answer.value, "because": one.because or None, "rules": list(one.rules)}
            for one in checklist(run)
        ],
        "timelines": [
            {"path": one.path, "kind": one.kind.value, "lanes": [_lane(lane) for lane in one.lanes]}
            for one in run.timelines
        ],
        "remarks": list(run.remarks),
        "unlocks": list(run.unlocks),
    }


def _direct(run: Run) -> Value:
    if run.direct is None:
        return None
    return {"url": run.direct.url, "reachable": run.direct.reachable, "answered": run.direct.answered or None}


def _summary(run: Run) -> Value:
    severities = [finding.rule.severity for finding in run.assessment.findings]
    verdicts = [type(one.verdict) for one in run.assessment.judged]
    return {
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
        "advice": len(run.assessment.advice),
        "passed": verdicts.count(Passed),
        "fired": verdicts.count(Fired),
        "cannot_tell": verdicts.count(CannotTell),
        "not_applicable": verdicts.count(NotApplicable),
    }


def _finding(finding: Finding) -> Value:
    return {
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "severity": finding.rule.severity.value,
        "title": finding.rule.title,
        "paths": list(finding.paths),
        "evidence": list(finding.evidence),
        "place": _place(finding.place),
        "hop": finding.hop or None,
        "certain": finding.certain,
        "symptom": finding.rule.symptom,
        "cause": finding.rule.cause,
        "why": finding.rule.why,
        "fix": finding.fix,
        "sources": list(finding.rule.sources),
        "consequences": [_finding(one) for one in finding.consequences],
    }


def _place(place: Place | None) -> Value:
    return None if place is None else {"file": place.file, "line": place.line, "column": place.column}


def _judged(judged: Judged) -> Value:
    match judged.verdict:
        case Passed(evidence):
            verdict, told = "passed", evidence
        case Fired(evidence):
            verdict, told = "fired", evidence
        case CannotTell(because):
            verdict, told = "cannot tell", because
        case NotApplicable(because):
            verdict, told = "not applicable", because
    return {"rule": judged.rule.id, "path": judged.path, "hop": judged.hop or None, "verdict": verdict, "told": told}


def _lane(lane: Lane) -> Value:
    return {
        "label": lane.label,
        "head_s": lane.head_s,
        "end_s": lane.end_s,
        "end": lane.end or None,
        "moments": [{"number": one.number, "sent_s": one.sent_s, "arrived_s": one.arrived_s} for one in lane.moments],
    }
