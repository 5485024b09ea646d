"""What a run has seen, kept for the support matrix: a line of JSON for each cell, if ``MATRIX_RECORD`` names a file.

``make matrix`` sets it, and tools/matrix_results.py makes docs/matrix.json of the lines. Any test may add cells.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One thing seen on one build. ``row`` is a policy field and what was seen of it, or a rule's id."""

    table: str
    """``fields`` or ``rules``."""
    row: str
    field: str = ""
    build: str
    version: str
    """The engine's own version."""
    scheme: str
    http: str
    """The version of HTTP that the client spoke."""
    outcome: str
    """``holds``, ``differs as declared``, or what is wrong."""


def record(cell: Cell) -> None:
    """Keep ``cell``, if a file for it is named."""
    if path := os.environ.get("MATRIX_RECORD"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(cell)) + "\n")
