"""Lines for people, on standard error; nobody need be there to read them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable


def tell(line: str) -> None:
    with contextlib.suppress(OSError):
        print(f"antechamber: {line}", file=sys.stderr, flush=True)


def quote(lines: Iterable[str]) -> None:
    """Somebody else's words, set in."""
    with contextlib.suppress(OSError):
        for line in lines:
            print(f"  {line}", file=sys.stderr, flush=True)
