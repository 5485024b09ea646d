"""Headless Chromium, and pages that fail on what a person's console would show in red."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREENSHOTS = Path(__file__).parents[2] / ".cache" / "screenshots"
PATIENCE_MS = 45_000
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

OpenPage = Callable[..., AbstractContextManager["Page"]]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for each file: Playwright's loop runs in this thread, and no asynchronous test could run beside it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("CHROMIUM IS MISSING: the page was not tested in a browser. On Debian: apt-get install chromium")
    if find_spec("playwright") is None:
        pytest.skip("PLAYWRIGHT IS MISSING: the page was not tested in a browser. Install antechamber[dev]")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> OpenPage:
    """``with open_page(url, dark=True) as page``: a script that fails, or a call to elsewhere, fails the test.

    ``strange``: the server's certificate need not be one that browsers know."""

    @contextmanager
    def opened(url: str, *, dark: bool = False, phone: bool = False, strange: bool = False) -> Iterator[Page]:
        manner: dict[str, Any] = {"viewport": PHONE if phone else DESK, "color_scheme": "dark" if dark else "light"}
        manner["ignore_https_errors"] = strange
        if phone:
            manner |= {"device_scale_factor": 2, "is_mobile": True, "has_touch": True}
        context = chromium.new_context(**manner)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.on(
            "request", lambda asked: wrong.append(f"elsewhere: {asked.url}") if _elsewhere(asked.url, url) else None
        )
        page.goto(url)
        try:
            yield page
        finally:
            context.close()
        assert not wrong, wrong

    return opened


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep what is seen now, for people: ``.cache/screenshots/``."""

    def keep(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    return keep


def _elsewhere(asked: str, url: str) -> bool:
    """Whether a request leaves the page's own host and port."""
    return urlsplit(asked).scheme not in ("data", "blob") and urlsplit(asked).netloc != urlsplit(url).netloc
