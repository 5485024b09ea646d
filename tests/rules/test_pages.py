"""The pages under docs/rules are made from the catalogue, all of them, and say all of it."""

from __future__ import annotations

from pathlib import Path

from tools.rules_pages import PAGES

from antechamber.rules.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent.parent


def test_every_page_on_rules_is_made_and_fresh() -> None:
    written = {f"docs/rules/{file.name}" for file in (ROOT / "docs" / "rules").iterdir()}
    assert written == set(PAGES)
    for name, render in PAGES.items():
        assert (ROOT / name).read_text(encoding="utf-8") == render(), f"{name} is not fresh: run make fix"


def test_every_rule_is_in_the_index_and_has_its_heading() -> None:
    index = PAGES["docs/rules/README.md"]()
    pages = "".join(render() for name, render in PAGES.items() if not name.endswith("README.md"))
    for one in CATALOGUE:
        assert f"#{one.id.lower()}-{one.name})" in index
        assert pages.count(f"\n## {one.id} {one.name}\n") == 1
