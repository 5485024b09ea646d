"""The three samples of OpenChamber's guide, in other words: same directives on the same levels, every defect found.

Which defects those are was measured on the real engines; each test names one.
"""

from __future__ import annotations

import pytest

from tests.lint.linting import SAMPLES, ids, judged, line_of, where

SOCKETS = {"/api/event/ws", "/api/global/event/ws", "/api/terminal/ws"}
STREAMS = {"/api/event", "/api/global/event", "/api/notifications/stream", "/api/openchamber/events"}
TERMINAL = "/api/terminal/:sessionId/stream"
NGINX = (SAMPLES / "nginx-guide.conf").read_text()
NPM = (SAMPLES / "npm-advanced.conf").read_text()


def test_live_routes_lose_every_field_by_setting_one_of_their_own() -> None:
    """N1, D1: the finding stands at the line that ends the inheritance, on exactly the live routes."""
    lost = where(judged(NGINX), "AC509")
    assert lost == {
        line_of(NGINX, "Upgrade", after="= /api/event/ws"): {"/api/event/ws"},
        line_of(NGINX, "Upgrade", after="= /api/global/event/ws"): {"/api/global/event/ws"},
        line_of(NGINX, "Upgrade", after="= /api/terminal/ws"): {"/api/terminal/ws"},
        line_of(NGINX, 'Cache-Control "no-cache"', after="(notifications"): STREAMS,
        line_of(NGINX, 'Cache-Control "no-cache"', after="terminal/.+/stream"): {TERMINAL},
    }


def test_what_follows_from_lost_fields_stands_under_that_finding() -> None:
    """N2, N3: the 403 of the sockets, and that a client can answer the origin check itself."""
    for finding in judged(NGINX).fired("AC509"):
        assert {"AC501", "AC502", "AC503", "AC504", "AC508"} <= {one.rule.id for one in finding.consequences}


def test_the_evidence_says_where_the_field_is_set_and_what_ends_it() -> None:
    (finding, *_) = judged(NGINX).fired("AC509")
    outer = line_of(NGINX, "Host $host")
    assert f"it is set at line {outer}" in finding.evidence[0]
    assert "inherits none" in finding.evidence[0]


def test_an_address_that_is_appended_to_can_be_forged() -> None:
    """N4: on the routes that inherit the server's fields."""
    (routes,) = [
        paths
        for line, paths in where(judged(NGINX), "AC502").items()
        if line == line_of(NGINX, "$proxy_add_x_forwarded_for")
    ]
    assert {"/api/fs/upload", "/*", "/auth/session"} <= routes
    assert not SOCKETS & routes


def test_a_host_without_its_port_is_found() -> None:
    """N5."""
    assert line_of(NGINX, "X-Forwarded-Host $host") in where(judged(NGINX), "AC507")


def test_sockets_that_no_location_names_do_not_upgrade() -> None:
    """N7, D5: an upgrade is for three paths only."""
    (line,) = where(judged(NGINX), "AC101")
    assert where(judged(NGINX), "AC101")[line] == {
        "/api/dictation/ws",
        "/api/dev-tunnel",
        "/api/openchamber/realtime-proxy/ws",
    }
    assert line == line_of(NGINX, "Connection")


def test_every_upgrade_is_passed_on_where_one_is() -> None:
    """N8: h2c as well."""
    assert set().union(*where(judged(NGINX), "AC102").values()) == SOCKETS


def test_the_body_limit_is_below_the_apps_and_the_buffer_is_memory() -> None:
    """N11, P3."""
    assert set(where(judged(NGINX), "AC301")) == {line_of(NGINX, "client_max_body_size")}
    assert set(where(judged(NGINX), "AC307")) == {line_of(NGINX, "client_body_buffer_size")}


def test_a_hint_that_nobody_reads_and_a_second_cache_control_are_found() -> None:
    """N12, N13."""
    found = judged(NGINX)
    assert line_of(NGINX, "add_header X-Accel-Buffering", after="(notifications") in where(found, "AC211")
    assert line_of(NGINX, "add_header Cache-Control", after="(notifications") in where(found, "AC610")


def test_what_a_client_says_in_forwarded_and_in_look_alikes_is_passed() -> None:
    """N16."""
    for rule in ("AC505", "AC506"):
        assert {"/*", "/api/event/ws", "/api/event"} <= set().union(*where(judged(NGINX), rule).values())


def test_an_event_stream_that_no_location_names_is_buffered() -> None:
    """N18."""
    (line,) = where(judged(NGINX), "AC201")
    assert where(judged(NGINX), "AC201")[line] == {"/api/openchamber/realtime-proxy/sse"}
    assert line == line_of(NGINX, "location /api {")


def test_the_text_for_the_advanced_tab_has_the_same_defects() -> None:
    """P4."""
    assert ids(judged(NPM)) >= ids(judged(NGINX)) - {"AC401"}
    assert len(where(judged(NPM), "AC509")) == 8


def test_what_the_sample_gets_right_is_not_complained_of() -> None:
    found = ids(judged(NGINX))
    assert not found & {"AC302", "AC402", "AC403", "AC601", "AC602", "AC405", "AC407", "AC408", "AC406", "AC801"}


@pytest.mark.parametrize("version", [(1, 22, 1), (1, 31, 3)])
def test_every_version_has_the_inheritance_trap(version: tuple[int, ...]) -> None:
    assert len(where(judged(NGINX, version=version), "AC509")) == 5
