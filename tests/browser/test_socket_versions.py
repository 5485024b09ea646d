"""What AC108 says of browsers, in one: offered extended CONNECT, it opens WebSockets so, and tries nothing else."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.check.test_socket_versions import FAULTS, SOCKET, haproxy_rule
from tests.engines.apps import PASSWORD, TOKEN, chamber_with
from tests.engines.binaries import BUILDS
from tests.engines.deployed import deployed, policy_of
from tests.engines.test_conformance import certificate

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(120)]

OPEN = """
async ([path, password]) => {
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password }) };
  await fetch('/auth/session', asked);
  return new Promise((done) => {
    const socket = new WebSocket('wss://' + location.host + path);
    socket.onmessage = (said) => done(said.data);
    socket.onclose = (over) => done('closed with ' + over.code);
  });
}
"""


@asynccontextmanager
async def page_of(url: str) -> AsyncIterator[Page]:
    """A page of the site in headless Chromium, which speaks HTTP/2 to it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or find_spec("playwright") is None:
        pytest.skip("CHROMIUM OR PLAYWRIGHT IS MISSING: no browser opened a WebSocket over HTTP/2")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = await (await browser.new_context(ignore_https_errors=True)).new_page()
        await page.goto(url)
        yield page
        await browser.close()


@pytest.mark.parametrize(
    ("change", "comes"),
    [
        (("", ""), '"type":"ready"'),
        (("global\n", "global\n    h2-workaround-bogus-websocket-clients\n"), '"type":"ready"'),
        *((haproxy_rule(line), "closed with 1006") for line, _ in FAULTS.values()),
    ],
    ids=["sound", "not offered", *FAULTS],
)
async def test_a_browser_opens_over_http2_what_is_offered_there_and_over_http1_what_is_not(
    change: tuple[str, str], comes: str, tmp_path: Path
) -> None:
    (build,) = (one for one in BUILDS if one.key == "haproxy")
    tls = certificate(trustme.CA(), tmp_path)
    with chamber_with(TOKEN, tmp_path) as app:
        async with (
            deployed(build, policy_of({"to": app}), tmp_path, tls=tls, change=change) as port,
            page_of(f"https://127.0.0.1:{port}/health") as page,
        ):
            assert comes in await page.evaluate(OPEN, [SOCKET, PASSWORD])
