"""The reference app with a password, as the engines' own tests have it, and a session with it."""

from __future__ import annotations

import pytest

from tests.engines.conftest import chamber
from tests.how_to.app import App, logged_in

__all__ = ["chamber"]


@pytest.fixture
async def app(chamber: str) -> App:
    return await logged_in(chamber)
