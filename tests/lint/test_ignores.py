"""``# antechamber: ignore``: what a person has looked at is not told again, and what is not there is told."""

from __future__ import annotations

import pytest

from antechamber.lint.kind import Kind
from tests.lint.linting import ids, judged, line_of, where

SITE = """server {
    server_name openchamber.example.com;
    proxy_http_version 1.1;
    %s
    location / {
        proxy_pass http://127.0.0.1:3000;   %s
    }
}
"""


def site(above: str = "", behind: str = "") -> str:
    return SITE % (above, behind)


def test_a_finding_is_there_without_a_comment() -> None:
    assert {"AC101", "AC201"} <= ids(judged(site()))


def test_a_comment_on_a_line_of_its_own_is_about_all_that_follows_in_braces() -> None:
    found = ids(judged(site("# antechamber: ignore AC201, AC101 known since May")))
    assert not {"AC101", "AC201"} & found
    assert "AC907" not in found


def test_the_rest_is_still_told() -> None:
    assert "AC101" in ids(judged(site("# antechamber: ignore AC201 known")))


def test_a_comment_behind_a_directive_is_about_its_line_only() -> None:
    text = site(behind="# antechamber: ignore AC201 elsewhere")
    assert where(judged(text), "AC907") == {line_of(text, "proxy_pass"): {"/*"}}
    assert "AC201" in ids(judged(text))


def test_a_comment_that_hides_nothing_is_told_with_its_place() -> None:
    text = site("# antechamber: ignore AC602 we cache nothing")
    (finding,) = judged(text).fired("AC907")
    assert str(finding.place) == f"site.conf:{line_of(text, 'AC602')}:5"
    assert "AC602" in finding.evidence[0]


def test_a_comment_without_a_rule_is_told() -> None:
    assert "AC907" in ids(judged(site("# antechamber: ignore everything")))


def test_a_comment_in_an_haproxy_section_is_about_that_section() -> None:
    text = """defaults
  mode http
  timeout connect 30s
  timeout client 1h
  timeout server 30s
frontend openchamber
  bind :80
  default_backend app
# antechamber: ignore AC402, AC403 a test machine
backend app
  server one 127.0.0.1:3000
"""
    found = judged(text, kind=Kind.HAPROXY)
    assert "AC403" in ids(found), "it stands in defaults, which no comment is about"
    moved = text.replace("  timeout server 30s\n", "").replace("backend app\n", "backend app\n  timeout server 30s\n")
    assert "AC403" not in ids(
        judged(moved.replace("default_backend app\n  timeout server 30s\n", "default_backend app\n"))
    )


@pytest.mark.parametrize(
    "comment", ["# antechamber ignore AC201", "# antechamber: AC201", "# x antechamber: ignore AC201"]
)
def test_what_is_no_such_comment_changes_nothing(comment: str) -> None:
    assert "AC201" in ids(judged(site(comment)))
    assert "AC907" not in ids(judged(site(comment)))
