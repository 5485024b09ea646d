"""A recording that a real browser made of a real page: what is learned from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from antechamber.cli.main import main
from antechamber.policy.load import load
from antechamber.policy.model import Kind
from tests.browser.acts import say
from tests.browser.conftest import PATIENCE_MS
from tests.browser.proxies import chamber

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.matrix


def test_the_page_of_the_chamber_makes_a_profile_with_its_live_routes(
    chromium: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every live route that the page opens is known under its own path, with the kind that the built-in profile gives
    it."""
    recording = tmp_path / "chamber.har"
    with chamber(tmp_path) as (url, _):
        context = chromium.new_context(record_har_path=recording)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        say(page, "a message of mine")
        context.close()
    assert main(["learn", str(recording), "-o", str(tmp_path / "learned.toml")]) == 0
    assert "learned.toml" in capsys.readouterr().err
    text = (tmp_path / "learned.toml").read_text()
    assert "a message of mine" in recording.read_text()
    assert "a message of mine" not in text
    flags = {"profile": str(tmp_path / "learned.toml"), "to": ":3000"}
    learned = {route.path: route.kind for route in load(flags, environment={}, directory=tmp_path).policy.routes}
    known = {
        route.path: route.kind for route in load({"to": ":3000"}, environment={}, directory=tmp_path).policy.routes
    }
    live = {path: kind for path, kind in learned.items() if kind.live}
    assert set(live.values()) == {Kind.WEBSOCKET, Kind.SSE}
    assert live.items() <= known.items()
    assert learned["/api/*"] is Kind.API
    assert learned["/*"] is Kind.PAGE
