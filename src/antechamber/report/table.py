"""The table of routes: one row a route, what was seen directly beside what was seen through the chain.

It fits into 80 columns; where there is room it says more. Numbers are milliseconds. What differs is told below the
table in whole sentences, as no column is wide enough for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

ROOMY = 110
"""Columns from which on the fields that arrived are listed by name."""


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


def show(rows: Sequence[Row], console: Console, *, title: str) -> None:
    """Print the table, and below it a sentence for each row that has one."""
    roomy = console.width >= ROOMY
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1), title=title, title_justify="left"
    )
    table.add_column("route", overflow="fold", ratio=1 if not roomy else None)
    table.add_column("kind", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("first byte\nms, direct / through" if roomy else "first byte\nms", justify="right", no_wrap=True)
    table.add_column("event lag\nms, direct / through" if roomy else "event lag\nms", justify="right", no_wrap=True)
    table.add_column("headers that arrived" if roomy else "headers\narrived", overflow="fold")
    for row in rows:
        table.add_row(row.route, row.kind, Text(row.verdict, row.mark.value), *_figures(row), _fields(row, roomy=roomy))
    console.print(table)
    if not roomy:
        console.print("first byte and event lag: directly / through the chain", style="dim")
    for row in rows:
        if row.why:
            console.print(_reason(row))


def _figures(row: Row) -> tuple[str, str]:
    return str(row.first_byte), str(row.lag)


def _fields(row: Row, *, roomy: bool) -> RenderableType:
    if row.missing:
        return Text(f"not {', '.join(row.missing)}", Mark.BAD.value)
    if not row.arrived:
        return "-"
    return shortened(row.arrived) if roomy else f"all {len(row.arrived)}"


def _reason(row: Row) -> Padding:
    text = Text.assemble((row.route, row.mark.value), ": ", row.why)
    return Padding(text, (0, 0, 0, 2))


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
