"""The edge's own check in the browser, in front of any app: what is live from here, and where it breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.proxies import FAULTS, chamber, through_nginx
from tests.integration.programs import edge

pytestmark = pytest.mark.slow

BELOW = "/.well-known/antechamber/edge/"


@pytest.fixture
def checked_edge(tmp_path: Path) -> Iterator[str]:
    """An edge with its check on, before a chamber."""
    with (
        chamber(tmp_path) as (upstream, _),
        edge("--to", upstream, "--access-log", "off", "--browser-check", "on", cwd=tmp_path) as (url, _),
    ):
        yield url


def test_the_check_shows_the_edges_own_ways_and_the_apps_routes_and_can_be_copied(
    checked_edge: str, open_page: OpenPage
) -> None:
    with open_page(checked_edge + BELOW) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.wait_for_selector(f".route[data-path='{BELOW}socket'][data-health=well]")
        page.wait_for_selector(f".route[data-path='{BELOW}stream'][data-health=well] canvas")
        page.wait_for_selector(".route[data-path='/api/global/event/ws'][data-health=well]")
        page.wait_for_selector(".route[data-path='/api/terminal/ws'][data-health=well]")
        page.wait_for_selector(".upload-result:has-text('2 MiB passed')")
        page.wait_for_selector(".route[data-path='/api/event'][data-health=well]")
        page.click("button:has-text('Copy the result')")
        page.wait_for_selector("text=Copied.")
        text = page.evaluate("() => navigator.clipboard.readText()")
        assert "Nothing is wrong as far as this browser can see." in text
        assert "/api/notifications/stream" in text
        assert "[x] WebSockets pass the proxy" in text


def test_what_stands_before_the_edge_is_seen_by_the_check(
    checked_edge: str, open_page: OpenPage, tmp_path: Path
) -> None:
    """An outer proxy that drops upgrades: the edge's own socket fails as the app's do, so the app is not at fault."""
    (lost,) = (fault for fault in FAULTS if fault.code == "upgrade-lost")
    (tmp_path / "outer").mkdir()
    with through_nginx(checked_edge, tmp_path / "outer", lost) as url, open_page(url + BELOW) as page:
        page.wait_for_selector(f".route[data-path='{BELOW}socket'][data-health=broken]")
        page.wait_for_selector(".fault[data-code=upgrade-lost]:has-text('Symptom 1')")
        page.wait_for_selector(f".route[data-path='{BELOW}stream'][data-health=well]")
