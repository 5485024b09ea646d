"""``antechamber rules`` and ``antechamber explain``."""

from __future__ import annotations

import json

import pytest

from antechamber.cli.main import main
from antechamber.engines.registry import ENGINES
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.rule import Rule
from antechamber.rules.symptoms import SYMPTOMS


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_rules_lists_every_rule_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    told = run(capsys, "rules")
    for one in CATALOGUE:
        assert f"{one.id}  {one.severity.value}" in told
    assert f"{len(CATALOGUE)} rules." in told


def test_rules_are_there_for_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(run(capsys, "rules", "--format", "json"))["rules"]
    assert [(one["id"], one["severity"]) for one in listed] == [(one.id, one.severity.value) for one in CATALOGUE]
    assert all(one["symptom"] and one["cause"] and one["fix"] for one in listed)


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.id)
def test_explain_tells_symptom_cause_and_fix_of_every_rule(capsys: pytest.CaptureFixture[str], one: Rule) -> None:
    told = run(capsys, "explain", one.id)
    for heading in ("Symptom", "Cause", "Why it hurts", "Fix", "Seen by"):
        assert f"\n{heading}\n" in told
    assert max(map(len, told.splitlines())) <= 140, "sources are long, text is not"


def test_explain_says_the_fix_in_the_words_of_the_engine_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    told = run(capsys, "explain", "response-buffered", "--engine", "nginx")
    assert "Fix in nginx\n  proxy_buffering off;" in told
    assert "Fix in Caddy" not in told
    every = run(capsys, "explain", "AC201")
    assert all(f"Fix in {engine.title}\n" in every for engine in ENGINES)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_explain_lists_the_causes_behind_a_symptom(capsys: pytest.CaptureFixture[str], number: int) -> None:
    told = run(capsys, "explain", "--symptom", str(number))
    symptom = SYMPTOMS[number - 1]
    assert told.startswith(f"{number}. {symptom.words}\n")
    for cause in symptom.causes:
        for identifier in cause.rules:
            assert f"    {identifier}  " in told
