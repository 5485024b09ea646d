#!/usr/bin/env python3
"""Makes docs/matrix.json of what a run has recorded: tools/matrix_results.py LINES

LINES is the file that ``MATRIX_RECORD`` named during the run (tests/engines/record.py). A cell that was recorded twice
keeps what is worse: one run must not hide what another has shown.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent.parent / "docs" / "matrix.json"

WORSE = ("not applicable", "holds", "cannot tell", "differs as declared", "differs", "fires")
"""Outcomes, the worst last."""

Cell = Mapping[str, str]


def results(cells: Iterable[Cell], *, date: str) -> dict[str, object]:
    """The content of docs/matrix.json: the builds with their versions, then a cell for each thing seen."""
    kept: dict[tuple[str, ...], Cell] = {}
    for cell in cells:
        key = tuple(cell[name] for name in ("table", "row", "field", "build", "scheme", "http"))
        earlier = kept.get(key)
        if earlier is None or WORSE.index(cell["outcome"]) > WORSE.index(earlier["outcome"]):
            kept[key] = cell
    versions = {cell["build"]: cell["version"] for cell in kept.values()}
    without_version = [{name: value for name, value in cell.items() if name != "version"} for cell in kept.values()]
    return {
        "date": date,
        "builds": dict(sorted(versions.items())),
        "cells": sorted(without_version, key=lambda cell: list(cell.values())),
    }


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print(__doc__, file=sys.stderr)
        return 2
    cells = [json.loads(line) for line in Path(arguments[0]).read_text(encoding="utf-8").splitlines()]
    made = results(cells, date=datetime.now(UTC).date().isoformat())
    RESULTS.write_text(text_of(made), encoding="utf-8")
    print(f"wrote {RESULTS}: {len(cells)} cells")
    return 0


def text_of(made: Mapping[str, object]) -> str:
    """One cell a line, so that a change of one is a change of one line."""
    cells = made["cells"]
    assert isinstance(cells, list)
    lines = ",\n".join(f"    {json.dumps(cell)}" for cell in cells)
    head = json.dumps({"date": made["date"], "builds": made["builds"]}, indent=2).removesuffix("\n}")
    return f'{head},\n  "cells": [\n{lines}\n  ]\n}}\n'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
