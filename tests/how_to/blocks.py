"""Configurations as they stand on the how-to pages."""

from __future__ import annotations

from tests.structure.pages import pages


def block(page: str, language: str) -> str:
    """The only block of a page in ``language``."""
    (found,) = next(one for one in pages() if one.name == f"docs/how-to/{page}").blocks(language)
    return found


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """``text`` with each left side, which must stand in it, replaced by the right side."""
    for old, new in pairs:
        assert old in text, f"the page's block no longer has {old!r}"
        text = text.replace(old, new)
    return text
