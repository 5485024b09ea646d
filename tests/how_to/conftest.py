"""The reference app with a password, as the engines' own tests have it."""

from __future__ import annotations

from tests.engines.conftest import app, chamber

__all__ = ["app", "chamber"]
