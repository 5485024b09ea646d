"""The guide in Polish is the guide in English: same sections, same commands, same links, same routes and rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from antechamber.policy.load import load
from antechamber.policy.model import Route
from tests.structure.pages import ROOT, Page, pages

ENGLISH, POLISH = "docs/reverse-proxy.md", "docs/pl/reverse-proxy.md"
EACH_LANGUAGE = pytest.mark.parametrize("name", [ENGLISH, POLISH])
SECTIONS = ("nginx", "Nginx Proxy Manager", "Caddy", "HAProxy", "Cloudflare")
"""Headings that are names, and so the same in every language."""


def page(name: str) -> Page:
    return next(one for one in pages() if one.name == name)


def headings(name: str) -> list[str]:
    return re.findall(r"^#+ .*$", page(name).prose(), re.MULTILINE)


def guides_routes() -> list[Route]:
    routes = load({"to": ":3000"}, environment={}, directory=Path("/")).policy.routes
    return [route for route in routes if route.seed]


def targets(name: str) -> list[str]:
    """Where the links lead, other than to the page in the other language."""
    place = (ROOT / name).parent
    local = [link for link in page(name).links() if not link.startswith("https:") and "reverse-proxy.md" not in link]
    return [str((place / link).resolve()) for link in local]


def test_both_guides_have_the_same_sections_in_the_same_order() -> None:
    english, polish = headings(ENGLISH), headings(POLISH)
    assert [line.count("#") for line in english] == [line.count("#") for line in polish]
    for section in SECTIONS:
        (place,) = [number for number, line in enumerate(english) if line.startswith(f"## {section}")][:1]
        assert polish[place].startswith(f"## {section}")


def test_both_guides_have_the_same_commands() -> None:
    assert page(ENGLISH).blocks("") == page(POLISH).blocks("")


def test_both_guides_lead_to_the_same_pages() -> None:
    assert targets(ENGLISH) == targets(POLISH)


def test_both_guides_have_the_same_rows_and_name_the_same_rules() -> None:
    english, polish = page(ENGLISH).text, page(POLISH).text
    assert english.count("\n|") == polish.count("\n|")
    assert english.count("\n- ") == polish.count("\n- ")
    assert re.findall(r"\bAC\d{3}\b", english) == re.findall(r"\bAC\d{3}\b", polish)


@EACH_LANGUAGE
def test_a_guide_names_every_route_that_openchambers_own_guide_names(name: str) -> None:
    routes = guides_routes()
    assert len(routes) == 10
    named = set(page(name).code())
    for route in routes:
        assert route.path in named, route.path


@EACH_LANGUAGE
def test_a_guide_says_until_when_a_route_exists(name: str) -> None:
    for route in guides_routes():
        if route.until:
            assert route.until in page(name).text


def test_each_guide_says_where_the_other_is() -> None:
    assert "pl/reverse-proxy.md" in page(ENGLISH).links()
    assert "../reverse-proxy.md" in page(POLISH).links()
