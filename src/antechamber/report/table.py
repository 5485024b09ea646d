"""The table of routes: one row a route, what was seen directly beside what was seen through the chain.

It fits into 80 columns; where there is room it says more. Numbers are milliseconds. What differs is told below the
table in whole sentences, as no column is wide enough for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

ROOMY = 100
"""Columns from which on the table's head explains its figures; below it a line under the table does."""


class Mark(Enum):
    """How a row stands out; the value is its style."""

    GOOD = "green"
    BAD = "bold red"
    UNSURE = "yellow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A figure directly and through, in seconds."""

    direct_s: float | None
    through_s: float | None

    def __str__(self) -> str:
        if self.direct_s is None and self.through_s is None:
            return "-"
        return f"{_ms(self.direct_s)} / {_ms(self.through_s)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One route. ``why`` is told below the table."""

    route: str
    kind: str
    verdict: str
    mark: Mark
    first_byte: Pair
    lag: Pair
    arrived: tuple[str, ...]
    missing: tuple[str, ...]
    why: str = ""


def show(rows: Sequence[Row], console: Console, *, title: str, wanted: Sequence[str]) -> None:
    """Print the table, and below it a sentence for each row that has one. ``wanted`` are the fields that can arrive."""
    roomy = console.width >= ROOMY
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("route", overflow="fold")
    table.add_column("kind", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("first byte\nms, direct / through" if roomy else "first byte", justify="right", no_wrap=True)
    table.add_column("event lag\nms, direct / through" if roomy else "event lag", justify="right", no_wrap=True)
    table.add_column("headers that\narrived" if roomy else "headers", no_wrap=True)
    for row in rows:
        verdict = Text(row.verdict, row.mark.value)
        table.add_row(Text(row.route), row.kind, verdict, str(row.first_byte), str(row.lag), _fields(row, wanted))
    console.print(Text(title, "bold"), end="\n\n")
    console.print(table)
    console.print()
    if not roomy:
        console.print("First byte and event lag in ms: directly / through the chain.", style="dim")
    console.print(f"Headers: {shortened(wanted)}.", style="dim", highlight=False)
    for row in rows:
        if row.why:
            console.print(_reason(row))


def _fields(row: Row, wanted: Sequence[str]) -> Text:
    if not row.arrived:
        return Text("-")
    count = "all" if len(row.arrived) == len(wanted) else f"{len(row.arrived)} of"
    return Text(f"{count} {len(wanted)}", Mark.BAD.value if row.missing else "")


def _reason(row: Row) -> Padding:
    wrong = f"; not as they must be: {shortened(row.missing)}" if row.missing else ""
    text = Text.assemble((row.route, row.mark.value), ": ", row.why, wrong)
    return Padding(text, (0, 0, 0, 2), expand=False)


def shortened(names: Sequence[str]) -> str:
    """Field names with a common start written once: ``X-Forwarded-For/-Proto/-Host``."""
    words: list[str] = []
    start = ""
    for name in names:
        stem, _, last = name.rpartition("-")
        if stem and stem == start:
            words[-1] += f"/-{last}"
        else:
            words.append(name)
        start = stem
    return ", ".join(words)


def _ms(seconds: float | None) -> str:
    if seconds is None:
        return "none"
    milliseconds = max(seconds, 0.0) * 1000
    return f"{milliseconds:.1f}" if milliseconds < 100 else f"{milliseconds:.0f}"
