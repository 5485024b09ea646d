"""The reference app with a password, once for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.apps import TOKEN, chamber_with


@pytest.fixture(scope="module")
def chamber(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the reference app."""
    with chamber_with(TOKEN, tmp_path_factory.mktemp("chamber")) as url:
        yield url
