"""The support matrix names all that there is, and is made from a run that found nothing wrong."""

from __future__ import annotations

import pytest
from tools import matrix_page
from tools.matrix_results import results

from antechamber.engines.base import Level
from antechamber.engines.registry import ENGINES, engine
from antechamber.policy.effective import PolicyField
from antechamber.rules.catalogue import CATALOGUE
from tests.engines.binaries import BUILDS
from tests.engines.test_behaviours import ALL, NOT_SEEN

PAGE = matrix_page.render()
SEEN = matrix_page.results()


def test_the_page_names_every_rule_field_and_engine() -> None:
    for rule in CATALOGUE:
        assert f"| {rule.id} | {rule.name} |" in PAGE
    for field in PolicyField:
        assert f"| {field.value} |" in PAGE
    for build in BUILDS:
        assert build.key in SEEN.builds
    run = {build.engine.name for build in BUILDS}
    assert {one.name for one in ENGINES} - run == set(matrix_page.NOT_RUN)


def test_every_behaviour_that_there_is_was_seen_on_every_build() -> None:
    """A behaviour that was added, or said in other words, wants a new run: make matrix."""
    assert set(SEEN.rows("fields")) == {one.says for one in ALL}
    for one in ALL:
        for build in BUILDS:
            assert SEEN.outcomes("fields", one.says, build.key), f"{one.says} on {build.key}"


def test_nothing_in_it_is_wrong() -> None:
    assert not [cell for cell in SEEN.cells if cell["outcome"] in ("differs", "fires") and not _advice(cell["row"])]


def _advice(row: str) -> bool:
    return any(rule.id == row and rule.severity.value == "advice" for rule in CATALOGUE)


def test_every_field_that_an_engine_enforces_was_seen_or_the_page_says_who_looks() -> None:
    seen = {cell["field"] for cell in SEEN.cells}
    for build in BUILDS:
        for field, capability in engine(build.engine.name).capabilities.items():
            if capability.level is Level.ENFORCED:
                assert field.value in seen or field in matrix_page.SEEN_ELSEWHERE
    assert set(matrix_page.SEEN_ELSEWHERE) == set(NOT_SEEN)


def test_both_schemes_and_http_2_were_seen_on_every_engine() -> None:
    for build in BUILDS:
        ways = {f"{cell['scheme']} {cell['http']}" for cell in SEEN.cells if cell["build"] == build.key}
        assert ways == {"http 1.1", "https 1.1", "https 2"}


@pytest.mark.parametrize(
    ("outcomes", "kept"),
    [(("holds", "differs"), "differs"), (("fires", "holds"), "fires"), (("cannot tell", "holds"), "cannot tell")],
)
def test_of_two_runs_of_a_cell_the_worse_is_kept(outcomes: tuple[str, str], kept: str) -> None:
    cell = {"table": "rules", "row": "AC1", "field": "", "build": "b", "version": "1", "scheme": "http", "http": "1.1"}
    made = results([cell | {"outcome": one} for one in outcomes], date="2026-01-01")
    assert made["cells"] == [{name: value for name, value in cell.items() if name != "version"} | {"outcome": kept}]
