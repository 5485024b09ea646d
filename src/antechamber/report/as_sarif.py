"""SARIF 2.1.0, for code scanning: a result for each fault, at its place in a file or, of a live site, on its paths.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from urllib.parse import quote

from antechamber.report.as_json import Value
from antechamber.report.run import Run
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.finding import Finding
from antechamber.rules.rule import Rule, Severity

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}


def render(run: Run) -> str:
    """``run`` as a SARIF log."""
    found = (*run.assessment.findings, *run.assessment.advice)
    rules = [one for one in CATALOGUE if any(finding.rule is one for finding in found)]
    places = {rule.id: number for number, rule in enumerate(rules)}
    driver: dict[str, Value] = {
        "name": "Antechamber",
        "version": run.version,
        "rules": [_rule(one) for one in rules],
    }
    log: dict[str, Value] = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, places[one.rule.id]) for one in found],
                "properties": {"target": run.target, "command": run.command},
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> Value:
    described: dict[str, Value] = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.cause} {rule.why}"},
        "help": {"text": f"{rule.fix} (antechamber explain {rule.id})"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"sources": list(rule.sources)},
    }
    if rule.sources:
        described["helpUri"] = rule.sources[0]
    return described


def _result(finding: Finding, index: int) -> Value:
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.rule.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding)],
        "partialFingerprints": {"antechamber/1": _fingerprint(finding)},
        "properties": {
            "paths": list(finding.paths),
            "hop": finding.hop,
            "certain": finding.certain,
            "consequences": [one.rule.id for one in finding.consequences],
        },
    }


def _message(finding: Finding) -> str:
    seen = "; ".join(finding.evidence)
    return f"{finding.rule.title} ({', '.join(finding.paths)}){': ' + seen if seen else ''}. Fix: {finding.fix}"


def _location(finding: Finding) -> Value:
    logical: list[Value] = [{"fullyQualifiedName": path, "kind": "resource"} for path in finding.paths]
    location: dict[str, Value] = {"logicalLocations": logical}
    if finding.place:
        region: dict[str, Value] = {"startLine": finding.place.line, "startColumn": finding.place.column}
        location["physicalLocation"] = {"artifactLocation": {"uri": _uri(finding.place.file)}, "region": region}
    return location


def _uri(file: str) -> str:
    """SARIF 2.1.0, 3.4.3: a URI, relative where the path is."""
    return PurePath(file).as_uri() if PurePath(file).is_absolute() else quote(file)


def _fingerprint(finding: Finding) -> str:
    """The same for the same fault, wherever its line has moved to."""
    file = finding.place.file if finding.place else finding.hop
    return hashlib.sha256("\n".join((finding.rule.id, file, *finding.paths)).encode()).hexdigest()[:32]
