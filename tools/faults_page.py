"""docs/fault-matrix.md, made from what ``make matrix`` and ``make soak`` have recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.rules_pages import page_of

from antechamber.rules.catalogue import rule

DOCS = Path(__file__).parent.parent / "docs"
FAULTS = DOCS / "fault-matrix.json"
SOAK = DOCS / "soak.json"

INTRODUCTION = """\
# Fault matrix

<!-- Made by tools/generate_docs.py from docs/fault-matrix.json and docs/soak.json. Do not edit. -->

Each fault was given to a real proxy, one at a time, by one change of the configuration that Antechamber renders for it;
or to [a bad hop](hop.md), by a flag. Behind it stood the reference app with a password. `antechamber check` then looked
through it, signed in, with direct access, at some routes of each kind. A cell counts only if the expected rule fires as
the *root* finding on the expected routes and nothing else fires; where the wire cannot show a fault, nothing may fire.

No cell is made by hand: `make matrix` runs them all and writes them down, and a test fails when a cell is missing.
"""

Row = Mapping[str, object]


def render() -> str:
    return "\n".join([INTRODUCTION, *_faults(_read(FAULTS)), *_soak(_read(SOAK)), ""])


def _read(file: Path) -> list[Row]:
    rows: list[Row] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return rows


def _faults(rows: list[Row]) -> Iterator[str]:
    for engine in dict.fromkeys(str(row["engine"]) for row in rows):
        cells = [row for row in rows if row["engine"] == engine]
        found = sum(not row["unseen"] for row in cells)
        yield f"## {engine}\n"
        yield f"{len(cells)} faults, {found} of them found, {len(cells) - found} that the wire cannot show.\n"
        yield "| fault | rule | found | what was seen | on |"
        yield "|---|---|---|---|---|"
        yield from (_cell(row) for row in cells)
        yield ""


def _cell(row: Row) -> str:
    identifier = str(row["rule"])
    named = link(identifier)
    if row["unseen"]:
        return f"| {_safe(row['fault'])} | {named} | not on the wire | {_safe(row['unseen'])} | {row['on']} |"
    roots = row["roots"]
    assert isinstance(roots, list)
    beside = [one for one in roots if one != identifier]
    where = f"on {row['routes']} of {row['looked_at']} routes"
    also = f", beside it {', '.join(beside)}" if beside else ""
    return f"| {_safe(row['fault'])} | {named} | {where}{also} | {_safe(row['evidence'])} | {row['on']} |"


def link(identifier: str) -> str:
    """A rule's id and name, leading to its documentation."""
    named = rule(identifier)
    return f"[{named.id}](rules/{page_of(named.family)}#{named.id.lower()}-{named.name}) {named.name}"


def _safe(text: object) -> str:
    """Text in a cell: pipes would end it, and angle brackets would be tags."""
    return str(text).replace("|", "\\|").replace("<", "&lt;")


def _soak(rows: list[Row]) -> Iterator[str]:
    yield "## Soak\n"
    yield "Through each engine with its rendered configuration: a stream and a socket on which nothing passes for so"
    yield "long, no heartbeat and no ping, and then something both ways. `make soak` runs it.\n"
    yield "| engine | what | silence | outcome | on |"
    yield "|---|---|---|---|---|"
    for row in rows:
        yield f"| {row['engine']} | {row['kind']} | {row['silence_s']} s | {row['outcome'] or 'lived'} | {row['on']} |"
