"""Restarts under open pages: everything comes back by itself, nothing is shown twice, nothing is missing."""

from __future__ import annotations

import json
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.acts import all_wiring_green, go, say
from tests.browser.conftest import OpenPage
from tests.browser.proxies import chamber, through_edge
from tests.engines.deployed import free_port
from tests.integration.programs import edge

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.matrix]


def shown(page: Page) -> list[str]:
    """The ids of the messages on the page, in order."""
    ids: list[str] = page.locator("article[data-id]").evaluate_all("all => all.map((each) => each.dataset.id)")
    return ids


def post(upstream: str, session: str, text: str) -> None:
    """Somebody else says something, past the proxy."""
    body = json.dumps({"parts": [{"type": "text", "text": text}]}).encode()
    fields = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{upstream}/api/session/{session}/message", body, fields)
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200


def test_a_restart_of_the_edge_loses_nothing_and_shows_nothing_twice(open_page: OpenPage, tmp_path: Path) -> None:
    port = free_port()
    flags = ("--listen", f"127.0.0.1:{port}", "--access-log", "off")
    with chamber(tmp_path) as (upstream, _), ExitStack() as later:
        with edge("--to", upstream, *flags, cwd=tmp_path):
            page = later.enter_context(open_page(f"http://127.0.0.1:{port}"))
            say(page, "before the restart")
            session = page.url.rpartition("/")[2]
            go(page, "terminal")
            page.wait_for_selector(".xterm-rows:has-text('$')")
            page.keyboard.type("echo first-$((20 + 3))\n")
            page.wait_for_selector(".xterm-rows:has-text('first-23')")
        page.wait_for_selector("#connection:text('no live connection')")
        post(upstream, session, "posted while the page was away")
        with edge("--to", upstream, *flags, cwd=tmp_path):
            page.wait_for_selector("#connection:text('live by WebSocket')")
            page.go_back()
            page.wait_for_selector("article.user:has-text('posted while the page was away')")
            say(page, "after the restart")
            assert len(shown(page)) == len(set(shown(page))) == 5
            go(page, "terminal")
            page.keyboard.type("echo second-$((20 + 4))\n")
            page.wait_for_selector(".xterm-rows:has-text('second-24')")
            assert page.inner_text(".xterm-rows").count("first-23") == 1
            later.close()


def test_after_a_restart_of_the_chamber_the_page_is_live_again_and_says_what_is_gone(
    open_page: OpenPage, tmp_path: Path
) -> None:
    with ExitStack() as later:
        with chamber(tmp_path) as (upstream, _):
            url = later.enter_context(through_edge(upstream, tmp_path))
            page = later.enter_context(open_page(url))
            say(page, "before the restart")
            go(page, "terminal")
            page.wait_for_selector(".xterm-rows:has-text('$')")
            go(page, "conversation")
        page.wait_for_selector("#connection:text('no live connection')")
        with chamber(tmp_path, port=int(upstream.rpartition(":")[2])):
            page.wait_for_selector("#connection:text('live by WebSocket')")
            page.wait_for_selector("text=The chamber was restarted.")
            say(page, "after the restart")
            assert len(shown(page)) == len(set(shown(page))) == 2
            go(page, "terminal")
            page.keyboard.type("echo new-$((20 + 5))\n")
            page.wait_for_selector(".xterm-rows:has-text('new-25')")
            all_wiring_green(page)
            later.close()
