"""Every format tells the same faults, in its own structure, and gives no secret away."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from antechamber.policy.effective import Place
from antechamber.report.redacted import redacted
from antechamber.report.render import Form, render
from antechamber.report.run import Run
from antechamber.rules.verdict import CannotTell
from tests.report import specimens
from tests.report.specimens import PASSWORD

SCHEMA = Path(__file__).parent.parent.parent / "docs" / "report-1.schema.json"
EVERY_FORM = pytest.mark.parametrize("form", Form)
RUNS = {
    "faulty": specimens.checked(specimens.faulty()),
    "clean": specimens.clean(),
    "linted": specimens.linted(),
}
EVERY_RUN = pytest.mark.parametrize("run", RUNS.values(), ids=list(RUNS))


@EVERY_FORM
def test_no_format_gives_a_secret_away(form: Form) -> None:
    secrets = frozenset({PASSWORD, "p@ss/word", "abc"})
    remarks = (
        f"sent {PASSWORD}",
        f"sent {quote('p@ss/word', safe='')}",
        "GET /x?a=1&oc_url_token=t0k3n&password=hunter2",
    )
    told = render(replace(RUNS["faulty"], secrets=secrets, remarks=remarks), form)
    for secret in (PASSWORD, "p@ss", quote("p@ss/word", safe=""), "s3cr3t", "t0k3n", "hunter2"):
        assert secret not in told


@EVERY_FORM
def test_no_format_lets_a_server_speak_to_the_terminal(form: Form) -> None:
    """An answer may hold escape sequences: a terminal obeys them, and so may whoever opens a log."""
    run = RUNS["linted"]
    (finding,) = run.assessment.findings
    odd = replace(finding, evidence=("\x1b]0;owned\x07\x9b31m",))
    told = render(replace(run, assessment=replace(run.assessment, findings=(odd,))), form)
    assert "owned" in told or form is Form.JUNIT, "JUnit tells verdicts, not findings"
    assert not set("\x1b\x07\x9b") & set(told)


def test_what_holds_no_secret_stays_the_same_object() -> None:
    run = RUNS["linted"]
    assert redacted(run).assessment is run.assessment


def test_a_run_without_its_secrets_is_the_same_in_all_else() -> None:
    run = RUNS["faulty"]
    shown = redacted(run)
    assert shown.target == "https://***@chat.example.com/?oc_url_token=***"
    assert shown.secrets == frozenset()
    assert shown.assessment == run.assessment
    assert shown.assessment.findings[0].rule is run.assessment.findings[0].rule


@EVERY_RUN
def test_json_is_what_its_published_schema_says(run: Run) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(render(run, Form.JSON)))


def test_the_schema_refuses_a_report_that_lacks_a_part() -> None:
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    document = json.loads(render(RUNS["clean"], Form.JSON))
    for name in document:
        assert not validator.is_valid({key: value for key, value in document.items() if key != name}), name


def test_json_counts_what_it_lists() -> None:
    document = json.loads(render(RUNS["faulty"], Form.JSON))
    verdicts = [one["verdict"] for one in document["judged"]]
    assert document["summary"]["cannot_tell"] == verdicts.count("cannot tell") > 0
    assert document["summary"]["errors"] == len(document["findings"]) == 2
    assert [one["rule"] for one in document["findings"][0]["consequences"]][:2] == ["AC104", "AC501"]


@EVERY_RUN
def test_sarif_has_a_result_for_each_fault_with_its_rule(run: Run) -> None:
    """SARIF 2.1.0, 3.27: ruleIndex points into the driver's rules; 3.19.24: levels."""
    log = json.loads(render(run, Form.SARIF))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    results = log["runs"][0]["results"]
    found = (*run.assessment.findings, *run.assessment.advice)
    assert [one["ruleId"] for one in results] == [one.rule.id for one in found]
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["locations"][0]["logicalLocations"]
        assert result["message"]["text"]
    prints = [one["partialFingerprints"]["antechamber/1"] for one in results]
    assert len(set(prints)) == len(prints)


@pytest.mark.parametrize(
    ("file", "uri"), [("a b/site.conf", "a%20b/site.conf"), ("/etc/nginx/a b.conf", "file:///etc/nginx/a%20b.conf")]
)
def test_sarif_names_files_as_uris(file: str, uri: str) -> None:
    run = RUNS["linted"]
    (finding,) = run.assessment.findings
    odd = replace(finding, place=Place(file, 1))
    log = json.loads(render(replace(run, assessment=replace(run.assessment, findings=(odd,))), Form.SARIF))
    assert log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_sarif_points_at_the_line_of_a_file() -> None:
    (result,) = json.loads(render(RUNS["linted"], Form.SARIF))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "site.conf"}, "region": {"startLine": 3, "startColumn": 5}}


def test_github_annotations_stay_on_their_line_whatever_they_tell() -> None:
    run = RUNS["linted"]
    (finding,) = run.assessment.findings
    odd = replace(finding, evidence=("50%\r\n::error::x", "y"))
    told = render(replace(run, assessment=replace(run.assessment, findings=(odd,))), Form.GITHUB)
    annotation, whole = told.splitlines()
    assert annotation.startswith("::error file=site.conf,line=3,col=5,title=AC301 ")
    assert "50%25%0A::error::x%0Ay" in annotation
    assert not whole.startswith("::")


def test_junit_skips_what_could_not_be_told_and_fails_what_fired() -> None:
    run = RUNS["faulty"]
    suites = ElementTree.fromstring(render(run, Form.JUNIT))
    cases = suites.findall("testsuite/testcase")
    doubts = sum(isinstance(one.verdict, CannotTell) for one in run.assessment.judged)
    assert len(suites.findall("testsuite/testcase/skipped")) == doubts == int(suites.get("skipped", ""))
    failed = {case.get("name", "").split()[0] for case in cases if case.find("failure") is not None}
    assert failed >= {"AC509", "AC104", "AC201"}
    assert "AC703" not in failed, "advice fails nothing"
    assert int(suites.get("tests", "")) == len(cases)


def test_junit_is_xml_whatever_was_seen() -> None:
    run = RUNS["linted"]
    odd = replace(run, target="a\x00b\x1b<&>\ud800")
    assert ElementTree.fromstring(render(odd, Form.JUNIT)).get("name") == "antechamber lint a�b�<&>�"


def test_markdown_does_not_turn_into_markup_what_an_answer_held() -> None:
    run = RUNS["linted"]
    (finding,) = run.assessment.findings
    odd = replace(finding, evidence=("<img src=x> | `a` [b](c) *d*",), paths=("/a`b|c",))
    told = render(replace(run, assessment=replace(run.assessment, findings=(odd,))), Form.MARKDOWN)
    assert "<img" not in told.replace("\\<img", "")
    assert r"\`a\` \[b\](c) \*d\*" in told
    assert "`` /a`b\\|c ``" in told


def test_markdown_leaves_the_names_of_directives_readable() -> None:
    run = RUNS["linted"]
    (finding,) = run.assessment.findings
    odd = replace(finding, fix="proxy_set_header Host $http_host; _not_ __this__")
    told = render(replace(run, assessment=replace(run.assessment, findings=(odd,))), Form.MARKDOWN)
    assert r"- fix: proxy_set_header Host $http_host; \_not\_ \_\_this\_\_" in told


@EVERY_RUN
def test_text_fits_its_width_and_has_no_colour_unless_asked(run: Run) -> None:
    told = render(run, Form.TEXT, width=80)
    assert "\x1b" not in told
    assert all(len(line) <= 80 or " " not in line.strip() for line in told.splitlines())
    assert "\x1b[" in render(run, Form.TEXT, color=True)


def test_text_tells_the_fault_its_evidence_its_fix_and_what_follows() -> None:
    told = " ".join(render(RUNS["faulty"], Form.TEXT).split())
    for words in (
        "1. AC509 error: This route has lost Host and every X-Forwarded field",
        "so that AC104 The app refuses the WebSocket of its own page",
        "2. AC201 error:",
        "12 events came together after 6.0 s",
        "more antechamber explain AC201",
        "Advice, which changes no exit code AC703",
        "way in: cloudflare (guessed) → nginx (nginx/1.22.1) → app",
        "/api/terminal/:sessionId/stream: not in 1.19.0: it ended with 1.16.1",
        "2 errors.",
    ):
        assert words in told


def test_a_clean_run_says_so_and_still_tells_what_it_could_not_see() -> None:
    told = render(RUNS["clean"], Form.TEXT)
    assert told.endswith("No faults were found.\n")
    assert "Could not be told" in told
