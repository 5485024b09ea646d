"""What the matrix saw, kept in ``docs/fault-matrix.json`` with its date: the newest result of every cell.

Written only where ``MATRIX_RECORD`` is set, as ``make matrix`` does: an ordinary run of the tests changes no page.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.matrix.checking import Checked
from tests.matrix.sabotage import Sabotage

RESULTS = Path(__file__).parents[2] / "docs" / "fault-matrix.json"
RECORDING = bool(os.environ.get("MATRIX_RECORD"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One cell. ``routes`` is how many routes the rule fired on, of ``looked_at``."""

    engine: str
    fault: str
    rule: str
    where: str
    unseen: str
    roots: list[str]
    below: list[str]
    routes: int
    looked_at: int
    evidence: str
    on: str
    """The day, in ISO 8601."""


def record(cell: Sabotage, checked: Checked, *, looked_at: int) -> None:
    """Put a result beside those that are kept; the same cell is replaced. Several processes may do so at once."""
    if not RECORDING:
        return
    result = Result(
        engine=cell.engine,
        fault=cell.fault,
        rule=cell.rule,
        where=cell.on.value,
        unseen=cell.unseen,
        roots=sorted(checked.roots),
        below=sorted(checked.below),
        routes=len(checked.roots.get(cell.rule, ())),
        looked_at=looked_at,
        evidence=without_ports(checked.evidence.get(cell.rule, "")),
        on=datetime.now(UTC).date().isoformat(),
    )
    RESULTS.touch()
    with RESULTS.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = {(one.engine, one.fault): one for one in _read(file.read())} | {(result.engine, result.fault): result}
        file.seek(0)
        file.write(json.dumps([asdict(kept[key]) for key in sorted(kept)], indent=1, ensure_ascii=False) + "\n")
        file.truncate()


def recorded() -> list[Result]:
    """All that is kept."""
    return _read(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []


def _read(text: str) -> list[Result]:
    return [Result(**line) for line in json.loads(text or "[]")]


def without_ports(text: str) -> str:
    """Ports are other ones in every run."""
    return re.sub(r"(127\.0\.0\.1):[0-9]+", r"\1:PORT", text)
