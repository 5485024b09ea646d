"""These tests run on uvloop, as the edge does, with names that a test makes up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.edge.names import NamingLoop
from tests.edge.two import Certificate, issue


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": NamingLoop}


@pytest.fixture
async def names() -> dict[str, list[str]]:
    """Names for this test and their addresses; a name without any is one that the resolver never answers."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, NamingLoop)
    return loop.names


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For a server called ``edge.test``."""
    return issue(tmp_path_factory.mktemp("tls"))
