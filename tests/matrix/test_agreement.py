"""Lint and check say the same of the same fault, or the page that compares them says why not."""

from __future__ import annotations

from collections import Counter

import pytest
from tools.agreement_page import ELSEWHERE, EXPLAINED, Verdict, rows

from antechamber.rules.catalogue import CATALOGUE
from tests.matrix.agreement import BOTH, CELLS, SAID, kept, only_linted, said, written
from tests.matrix.results import RECORDING

pytestmark = pytest.mark.engine


def test_lint_says_of_every_fault_what_is_kept_of_it() -> None:
    """Where MATRIX_RECORD is set, as ``make matrix`` does, it is kept anew."""
    fresh = written(said(cell) for cell in CELLS)
    if RECORDING:
        SAID.write_text(fresh, encoding="utf-8")
    assert SAID.read_text(encoding="utf-8") == fresh, "what lint says has changed: MATRIX_RECORD=.cache/cells"


def test_every_fault_of_the_matrix_of_an_engine_is_compared() -> None:
    assert {row.key for row in rows()} == {cell.key for cell in BOTH}


def test_every_disagreement_has_its_reason_and_every_reason_is_needed() -> None:
    needed = {row.key for row in rows() if row.needs_a_reason}
    assert set(EXPLAINED) == needed
    assert all(row.unseen for row in rows() if row.verdict is Verdict.LINT_ALONE)


def test_lint_finds_every_fault_that_only_it_is_given_under_the_rule_that_is_about_it() -> None:
    by_key = {f"{one.engine}: {one.fault}": one for one in kept() if not one.checked}
    assert set(by_key) == {cell.key for cell in only_linted()}
    assert not [key for key, one in by_key.items() if one.rule not in one.roots]


def test_lint_has_no_finding_of_a_rule_that_a_fault_is_not_about_without_a_word_about_it() -> None:
    """An id that lint has and check has not is named in the reason."""
    for row in rows():
        more = set(row.lint) - set(row.check) - {row.rule}
        assert all(identifier in EXPLAINED[row.key] for identifier in more), row.key


def test_they_agree_on_most_faults() -> None:
    verdicts = Counter(row.verdict for row in rows())
    assert verdicts[Verdict.AGREE] > len(rows()) / 2


def test_what_is_found_elsewhere_is_of_rules_that_there_are() -> None:
    assert set(ELSEWHERE) <= {rule.id for rule in CATALOGUE}
