"""The real OpenCode, once for all that look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.opencode import OpenCode, opencode


@pytest.fixture(scope="session")
def real_opencode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCode]:
    """A running server; skips where npm is missing."""
    with opencode(tmp_path_factory.mktemp("opencode")) as app:
        yield app
