"""JUnit XML, for CI systems: a suite for each route, a case for each rule that applies.

What could not be told is *skipped*, with its reason: no CI may take it for a pass. Advice never fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from antechamber.report.run import Run
from antechamber.rules.finding import Finding, Judged
from antechamber.rules.rule import Severity
from antechamber.rules.verdict import CannotTell, Fired, NotApplicable

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, section 2.2: characters that no document may hold, not even escaped."""


def render(run: Run) -> str:
    """``run`` as a JUnit report."""
    suites = ElementTree.Element("testsuites", name=_clean(f"antechamber {run.command} {run.target}"))
    fixes = _fixes(run)
    by_path: dict[str, list[Judged]] = {}
    for judged in run.assessment.judged:
        if not isinstance(judged.verdict, NotApplicable):
            by_path.setdefault(judged.path, []).append(judged)
    for path, them in by_path.items():
        _suite(suites, path, them, fixes)
    for name in ("tests", "failures", "skipped"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    if run.took_s is not None:
        suites.set("time", f"{run.took_s:.3f}")
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _suite(
    suites: ElementTree.Element, path: str, judged: list[Judged], fixes: Mapping[tuple[str, str], Finding]
) -> None:
    failed = [one for one in judged if _fails(one)]
    skipped = [one for one in judged if isinstance(one.verdict, CannotTell)]
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        name=_clean(path),
        tests=str(len(judged)),
        failures=str(len(failed)),
        errors="0",
        skipped=str(len(skipped)),
    )
    for one in judged:
        hop = f" at {one.hop}" if one.hop else ""
        case = ElementTree.SubElement(
            suite, "testcase", classname=_clean(path), name=_clean(f"{one.rule.id} {one.rule.name}{hop}")
        )
        match one.verdict:
            case Fired(evidence) if _fails(one):
                finding = fixes.get((one.rule.id, one.path))
                failure = ElementTree.SubElement(
                    case, "failure", message=_clean(f"{one.rule.title}: {evidence}"), type=one.rule.severity.value
                )
                failure.text = _clean(f"Fix: {finding.fix if finding else one.rule.fix}")
            case CannotTell(because):
                ElementTree.SubElement(case, "skipped", message=_clean(f"cannot tell: {because}"))


def _fails(judged: Judged) -> bool:
    return isinstance(judged.verdict, Fired) and judged.rule.severity is not Severity.ADVICE


def _fixes(run: Run) -> dict[tuple[str, str], Finding]:
    every = [one for finding in run.assessment.findings for one in finding.walk()]
    return {(one.rule.id, path): one for one in every for path in one.paths}


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)
