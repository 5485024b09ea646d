"""An ``add_header`` in a location drops the site's own Strict-Transport-Security there (nginx inherits all or none)."""

from __future__ import annotations

from tests.lint.linting import judged, line_of

SITE = """\
server {
    listen 443 ssl;
    server_name chamber.example;
    add_header Strict-Transport-Security "max-age=31536000" always;
    location /api/event {
        add_header X-Team "blue" always;
        proxy_pass http://127.0.0.1:3000;
    }
    location / {
        proxy_pass http://127.0.0.1:3000;
    }
}
"""


def lines(text: str) -> set[int]:
    """Where AC708 is said."""
    return {one.place.line for one in judged(text).fired("AC708") if one.place}


def test_a_location_that_drops_the_sites_own_is_told_at_its_add_header() -> None:
    assert lines(SITE) == {line_of(SITE, "X-Team")}


def test_a_location_that_says_it_again_drops_nothing() -> None:
    again = 'add_header X-Team "blue" always;\n        add_header Strict-Transport-Security "max-age=31536000" always;'
    assert lines(SITE.replace('add_header X-Team "blue" always;', again)) == set()


def test_a_location_without_a_field_of_its_own_inherits_it() -> None:
    assert lines(SITE.replace('        add_header X-Team "blue" always;\n', "")) == set()


def test_a_site_that_never_said_it_has_dropped_nothing() -> None:
    never = SITE.replace('    add_header Strict-Transport-Security "max-age=31536000" always;\n', "")
    assert lines(never) == set()


def test_over_plain_http_it_means_nothing() -> None:
    assert lines(SITE.replace("443 ssl", "80")) == set()
