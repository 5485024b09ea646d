"""Which faults the tests have shown on the wire, so that one without a test is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

SHOWN: set[str] = set()

Test = TypeVar("Test", bound=Callable[..., object])


def shows(*flags: str) -> Callable[[Test], Test]:
    """Marks a test that sees these faults on the wire."""
    SHOWN.update(flags)
    return lambda test: test
