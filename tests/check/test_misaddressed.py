"""Addresses with the wrong scheme: nothing of the app is judged there, and the right address is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from antechamber.errors import UnreachableError
from tests.check.asking import ask, named
from tests.check.test_tls import secure

ROUTES = ("/*", "/auth/session", "/api/event")


@contextlib.asynccontextmanager
async def answering(answer: str) -> AsyncIterator[str]:
    """A server that says ``answer`` to everything, ``{port}`` in it being its own."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer.format(port=port).encode())
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


async def test_http_at_a_port_of_https_is_told_with_the_address_to_check(chamber: str, tmp_path: Path) -> None:
    """nginx answers it 400 with a page, the edge closes: neither is a fault of any route."""
    certificate = trustme.CA().issue_cert("127.0.0.1")
    async with secure(chamber, certificate, tmp_path / "site") as url:
        plain = url.replace("https:", "http:")
        with pytest.raises(UnreachableError, match=f"it speaks TLS: check {url}"):
            await ask(plain, chamber, named(chamber, *ROUTES))


async def test_https_at_a_port_of_http_is_told_with_the_address_to_check(chamber: str) -> None:
    secure_url = chamber.replace("http:", "https:")
    with pytest.raises(UnreachableError, match=f"it speaks plain http: check {chamber}"):
        await ask(secure_url, chamber, named(chamber, *ROUTES))


async def test_an_http_address_that_leads_to_https_is_not_the_one_to_check(chamber: str) -> None:
    """ "Force SSL": live routes answer with a redirect too, and a page of HTML in it, which is no fault of theirs."""
    moved = "HTTP/1.1 301 Moved Permanently\r\nLocation: https://127.0.0.1:8443/\r\nContent-Length: 0\r\n\r\n"
    async with answering(moved) as url:
        with pytest.raises(UnreachableError, match=r"it leads to https: check https://127\.0\.0\.1:8443"):
            await ask(url, chamber, named(chamber, *ROUTES))


async def test_a_redirect_on_the_same_address_is_judged(chamber: str) -> None:
    """It comes back to where it began: a finding, not a wrong address."""
    moved = "HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1:{port}/\r\nContent-Length: 0\r\n\r\n"
    async with answering(moved) as url:
        inquiry = await ask(url, chamber, named(chamber, *ROUTES))
    assert [finding.rule.id for finding in inquiry.assessment().findings] == ["AC709"]


async def test_another_site_that_answers_404_is_an_app_that_is_not_reached(chamber: str) -> None:
    """A proxy's default site, or a router without a rule for the name: not an upgrade lost, nor a path rewritten."""
    page = "<title>404</title>"
    missing = f"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n{page}"
    async with answering(missing) as url:
        inquiry = await ask(url, chamber, named(chamber, *ROUTES, "/api/event/ws"))
    assert [finding.rule.id for finding in inquiry.assessment().findings] == ["AC517"]
