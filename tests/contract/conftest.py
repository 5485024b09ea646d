"""The server under contract: ours, started for the tests, or whichever ``--chamber-url`` names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser.proxies import chamber

DEADLINE_S = 40.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, how to get in, and a directory of its own for files and terminals."""

    url: str
    password: str
    directory: str

    @property
    def sockets(self) -> str:
        return self.url.replace("http", "ws", 1)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    option = request.config.getoption
    url, password, directory = option("--chamber-url"), option("--chamber-password"), option("--chamber-directory")
    if url:
        yield Server(url.rstrip("/"), password, directory or ".")
        return
    root: Path = tmp_path_factory.mktemp("contract")
    with chamber(root, "--root", str(root), "--as-of", "today", password="correct horse battery") as (own, _):
        yield Server(own, "correct horse battery", str(root))


@pytest.fixture
async def guest(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not logged in."""
    async with httpx.AsyncClient(base_url=server.url, timeout=DEADLINE_S, trust_env=False) as client:
        yield client


@pytest.fixture
async def member(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is, if that server asks for a password."""
    async with httpx.AsyncClient(base_url=server.url, timeout=DEADLINE_S, trust_env=False) as client:
        if server.password:
            answer = await client.post("/auth/session", json={"password": server.password})
            assert answer.status_code == 200, answer.text
        yield client
