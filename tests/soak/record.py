"""What the soaks saw, kept in ``docs/soak.json``: the newest result of each engine, kind and silence."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "docs" / "soak.json"


@dataclass(frozen=True, slots=True)
class Held:
    """One connection through one engine. ``outcome`` is empty if it lived, else what ended it."""

    engine: str
    kind: str
    silence_s: int
    outcome: str
    on: str
    """The day, in ISO 8601."""


def record(held: Iterable[Held]) -> None:
    """Put results beside those that are kept; the same cell is replaced."""
    kept = {_cell(one): one for one in (*recorded(), *held)}
    lines = [asdict(kept[cell]) for cell in sorted(kept)]
    RESULTS.write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")


def recorded() -> list[Held]:
    """All that is kept."""
    if not RESULTS.exists():
        return []
    return [Held(**line) for line in json.loads(RESULTS.read_text(encoding="utf-8"))]


def _cell(one: Held) -> tuple[int, str, str]:
    return one.silence_s, one.engine, one.kind
