"""Who opens the folder of documentation finds every page from its index."""

from __future__ import annotations

import pytest

from tests.structure.pages import ROOT, Page, pages

INDEX = ROOT / "docs" / "README.md"
WITH_AN_INDEX_OF_THEIR_OWN = ("docs/decisions/", "docs/rules/")

LISTED = [
    page
    for page in pages()
    if page.name.startswith("docs/") and page.path != INDEX and not page.name.startswith(WITH_AN_INDEX_OF_THEIR_OWN)
]


@pytest.mark.parametrize("page", LISTED, ids=lambda page: page.name)
def test_every_page_is_in_the_index(page: Page) -> None:
    index = next(one for one in pages() if one.path == INDEX)
    assert page.path in {(INDEX.parent / link).resolve() for link in index.links()}
