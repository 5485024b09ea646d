"""A browser over HTTP/2: pages, event streams, uploads and WebSockets (RFC 8441) on one connection through the edge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.acts import answer_grows, type_in_terminal
from tests.browser.conftest import OpenPage
from tests.browser.proxies import chamber
from tests.edge.two import issue
from tests.integration.programs import edge

pytestmark = pytest.mark.slow

BELOW = "/.well-known/antechamber/edge/"


@pytest.fixture
def secure_edge(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An edge with TLS and its check on, before a chamber; and its access log."""
    certificate, log = issue(tmp_path), tmp_path / "access.log"
    with (
        chamber(tmp_path) as (upstream, _),
        edge(
            *("--to", upstream, "--browser-check", "on", "--access-log", str(log), "--access-log-format", "json"),
            *("--tls-certificate", str(certificate.chain), "--tls-key", str(certificate.key)),
            cwd=tmp_path,
        ) as (url, _),
    ):
        yield url, log


def test_everything_live_is_well_over_http2_sockets_included(
    secure_edge: tuple[str, Path], open_page: OpenPage
) -> None:
    url, log = secure_edge
    with open_page(url + BELOW, strange=True) as page:
        page.wait_for_selector(f".route[data-path='{BELOW}socket'][data-health=well]")
        page.wait_for_selector(f".route[data-path='{BELOW}stream'][data-health=well] canvas")
        page.wait_for_selector(".route[data-path='/api/terminal/ws'][data-health=well]")
        page.wait_for_selector(".upload-result:has-text('2 MiB passed')")
        page.wait_for_selector(".route[data-path='/api/event'][data-health=well]")
        assert "h2" in page.evaluate("() => performance.getEntriesByType('resource').map(one => one.nextHopProtocol)")
    with open_page(url, strange=True) as page:
        assert len(answer_grows(page, "Does the answer stream in over HTTP/2?")) > 10
        type_in_terminal(page, "echo $((6 * 7))", "42")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line.get("protocol") for line in lines if line["status"] == 200} == {"HTTP/2.0"}
    sockets = [line for line in lines if line["shape"] == "tunnel" and line["event"] == "open"]
    assert sockets
    assert {line.get("protocol") for line in sockets} == {"HTTP/2.0"}, "the browser opened them over HTTP/2"
