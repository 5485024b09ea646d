"""Who knows only OpenChamber's guide finds each of its directives again: what became of it, and how that is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from antechamber.rules.catalogue import CATALOGUE
from tests.structure.guide_samples import SAMPLES, Sample
from tests.structure.pages import ROOT, Page, pages

VERDICTS = ("kept", "moved", "changed", "dropped")
EVIDENCE_IN = ("tests/how_to", "tests/engines")

_ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)
_CELLS = re.compile(r"(?<!\\)\|")
EVERY_SAMPLE = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.page)


@dataclass(frozen=True)
class Row:
    """One row of a table of four columns: the guide's directive, its verdict, what is here and why, the evidence."""

    guide: str
    verdict: str
    why: str
    evidence: str

    @property
    def settled(self) -> bool:
        return self.verdict in VERDICTS


def page_of(sample: Sample) -> Page:
    return next(page for page in pages() if page.name == f"docs/how-to/{sample.page}")


def section(page: Page, heading: str) -> str:
    """What stands under a heading, until the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", page.text, re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no heading {heading!r}"
    return found.group(1)


def rows(text: str) -> Iterator[Row]:
    for line in _ROW.findall(text):
        cells = [cell.replace("\\|", "|").strip() for cell in _CELLS.split(line)]
        if len(cells) == 4 and not set("".join(cells)) <= set("-: "):
            yield Row(cells[0].replace("`", ""), cells[1].strip("*"), cells[2], cells[3])


def starts_with_words(text: str, words: str) -> bool:
    """``location /`` is not the start of ``location /api``."""
    return text == words or (text.startswith(words) and not text[len(words)].isalnum() and text[len(words)] != "/")


@EVERY_SAMPLE
def test_every_directive_of_the_guides_sample_has_a_row_with_a_verdict(sample: Sample) -> None:
    page = page_of(sample)
    for heading, directives in sample.directives.items():
        found = [row for row in rows(section(page, heading)) if row.settled]
        for directive in directives:
            matching = [row for row in found if starts_with_words(row.guide, directive)]
            assert matching, f"{page.name}, {heading}: no row for {directive}"


@EVERY_SAMPLE
def test_what_is_not_kept_says_why_and_how_that_is_known(sample: Sample) -> None:
    """A row that follows another one with the same fate may say so instead."""
    page = page_of(sample)
    settled = [row for heading in sample.directives for row in rows(section(page, heading)) if row.settled]
    assert settled
    for row in settled:
        if row.verdict in ("changed", "dropped"):
            assert row.why, f"{page.name}: {row.guide} is {row.verdict}, and nothing says why"
            said_before = "as above" in row.why or "in the same one" in row.why or len(row.why) < 30
            assert row.evidence or said_before, f"{page.name}: {row.guide} is {row.verdict} without evidence"


def test_a_test_that_a_page_calls_its_evidence_exists() -> None:
    names = [
        name
        for folder in EVIDENCE_IN
        for file in (ROOT / folder).glob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    ]
    told = {
        word
        for sample in SAMPLES
        for row in rows(page_of(sample).text)
        for group in re.findall(r"run: ((?:`\w+`(?:, )?)+)", row.evidence)
        for word in re.findall(r"`(\w+)`", group)
    }
    assert len(told) > 10
    for word in told:
        assert any(word in name for name in names), word


def test_every_rule_that_a_page_names_exists() -> None:
    known = {rule.id for rule in CATALOGUE}
    for page in pages():
        assert set(re.findall(r"\bAC\d{3}\b", page.text)) <= known, page.name
