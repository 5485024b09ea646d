#!/usr/bin/env python3
"""Writes the pages of docs/ that are made from code: tools/generate_docs.py [--check]

With --check nothing is written; a page that is not fresh is named and the exit code is 1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import (  # noqa: E402  (the path above makes them importable)
    agreement_page,
    engines_page,
    faults_page,
    hop_page,
    matrix_page,
    options_page,
    profiles_page,
    rules_pages,
)

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/engines.md": engines_page.render,
    "docs/fault-matrix.md": faults_page.render,
    "docs/hop.md": hop_page.render,
    "docs/lint-and-check.md": agreement_page.render,
    "docs/options.md": options_page.render,
    "docs/support-matrix.md": matrix_page.render,
    "docs/profiles.md": profiles_page.render,
    **rules_pages.PAGES,
}


def stale() -> list[str]:
    """The pages whose file is not what the code says."""
    return [name for name, render in PAGES.items() if _written(ROOT / name) != render()]


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    pages = stale()
    for name in pages:
        if arguments:
            print(f"{name} is not fresh: run make fix", file=sys.stderr)
        else:
            (ROOT / name).parent.mkdir(exist_ok=True)
            (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
            print(f"wrote {name}")
    return 1 if arguments and pages else 0


def _written(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
