"""docs/lint-and-check.md, made from what check saw of each fault and what lint says of the same file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypedDict

from tools.faults_page import FAULTS, NOT_IN_A_CELL, link, safe

SAID = Path(__file__).parent.parent / "docs" / "lint-and-check.json"

INTRODUCTION = """\
# Lint and check, fault by fault

<!-- Made by tools/generate_docs.py from docs/lint-and-check.json and docs/fault-matrix.json. Do not edit. -->

The faults of the [fault matrix](fault-matrix.md), each one change of a rendered configuration: `antechamber check`
looked through the real engine, `antechamber lint` read the file, both for the same routes. They agree where the same
rules are the root findings; wherever they do not, the last column says why. A test asks lint again in every run, and
fails where this page does not say what lint says, where a reason is missing, and where one is no longer needed.

On how many routes is not compared: lint judges what the file says of a route, check what the route's own traffic shows.
An answer of few octets is never compressed, and a route that takes no body is never refused one.
"""


class Cell(TypedDict):
    """What of a recorded cell is told here."""

    engine: str
    fault: str
    rule: str
    roots: list[str]
    unseen: str
    checked: bool


_GATE = "a password before the app is meant as a rule; that a person's browser does not get past it, the wire says only"
_OWN_ANSWER = "what a proxy answers by itself is passed to no app: lint lists these routes, and judges none of them"
_COMPRESSED = "a file says that the proxy compresses event streams (AC601), a wire that one came compressed (AC604)"
_FRESHNESS = "lint does not work out what becomes of Cache-Control: what the app says of an answer is not in the file"
_LOCATION = "lint does not work out what becomes of Location: where the app's redirects lead is not in the file"

EXPLAINED: Mapping[str, str] = {
    "nginx: the app at another address": "whether the app listens at an address is in no file",
    "nginx: HTTP/1.0 to the app": "AC302: in HTTP/1.0 a body of unknown length goes to the disk first; check announces "
    "the length of what it sends",
    "nginx: uploads held": "AC307: how much of a body is kept in memory is written in the file, and seen on no wire",
    "nginx: gzip on event streams": _COMPRESSED,
    "nginx: everything cached": "AC201: the file has a buffer and a cache on live routes too, of which nothing shows "
    "on the wire before a stream has ended; AC306: to fill its cache nginx goes on when the client has left",
    "nginx: browsers told to keep every answer": _FRESHNESS,
    "nginx: a page for event streams": _OWN_ANSWER,
    "nginx: a second password": _GATE,
    "nginx: redirects to the inner address": _LOCATION,
    "caddy: flush_interval -1": "nor has lint a word about it",
    "caddy: answers end at an age of three seconds": "Caddy calls it the limit on writing, and lint reads it so; what "
    "it counts is the whole answer (AC204), and the wait for its head too (AC402)",
    "caddy: uploads end at an age of two seconds": "AC410: lint reads read_body as the limit on a pause; what it "
    "counts is the whole body",
    "caddy: sockets end at an age of three seconds": "how old a socket may become is nothing that lint reads of a file",
    "caddy: no X-Forwarded-Host": "lint passes it for the same reason",
    "caddy: answers held": "AC517: that sockets then get no answer either is in no line of the file",
    "caddy: gzip on event streams": _COMPRESSED,
    "caddy: a page for event streams": _OWN_ANSWER,
    "caddy: a second password": _GATE,
    "caddy: browsers told to keep every answer": _FRESHNESS,
    "caddy: redirects to the inner address": _LOCATION,
    "haproxy: gzip on event streams": _COMPRESSED,
    "haproxy: a page for event streams": _OWN_ANSWER,
    "haproxy: a second password": _GATE,
    "haproxy: browsers told to keep every answer": _FRESHNESS,
    "haproxy: redirects to the inner address": _LOCATION,
    "haproxy: departures not looked for": "whether HAProxy looks for them without the option depends on its version",
}
"""Why lint says something else than check of a fault, and why it finds nothing where neither does."""

ELSEWHERE: Mapping[str, str] = {
    "AC602": "beside AC608, where everything is cached",
    "AC403": "below AC409, where the limit is of seconds; a check waits for no minute",
}
"""Of rules that no cell is about, and are below another or beside it: where."""


class Verdict(Enum):
    """How the two compare."""

    AGREE = "agree"
    MORE = "agree, and one says more"
    OTHER = "another rule"
    LINT_ALONE = "lint alone"
    CHECK_ALONE = "check alone"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault."""

    engine: str
    fault: str
    rule: str
    check: tuple[str, ...]
    lint: tuple[str, ...]
    unseen: str
    """Why the wire cannot show it."""

    @property
    def key(self) -> str:
        return f"{self.engine}: {self.fault}"

    @property
    def verdict(self) -> Verdict:
        seen, read = self.rule in self.check, self.rule in self.lint
        if seen and read:
            return Verdict.AGREE if self.check == self.lint else Verdict.MORE
        if seen:
            return Verdict.OTHER if self.lint else Verdict.CHECK_ALONE
        return Verdict.LINT_ALONE if self.lint else Verdict.NEITHER

    @property
    def needs_a_reason(self) -> bool:
        """Whether the wire's own reason (``unseen``) does not say all."""
        plain = self.verdict is Verdict.LINT_ALONE and self.lint == (self.rule,)
        return self.verdict is not Verdict.AGREE and not plain


def rows() -> list[Row]:
    """Every fault that both were asked about."""
    seen = {(one["engine"], one["fault"]): one for one in _read(FAULTS)}
    return [_row(cell, seen[cell["engine"], cell["fault"]]) for cell in _read(SAID) if cell["checked"]]


def _row(read: Cell, seen: Cell) -> Row:
    return Row(
        engine=read["engine"],
        fault=read["fault"],
        rule=read["rule"],
        check=tuple(seen["roots"]),
        lint=tuple(read["roots"]),
        unseen=seen["unseen"],
    )


def render() -> str:
    return "\n".join([INTRODUCTION, *_totals(), *_engines(), *_only_linted(), ""])


def _totals() -> Iterator[str]:
    everything = rows()
    yield "| | faults |"
    yield "|---|---|"
    for verdict in Verdict:
        yield f"| {verdict.value} | {sum(row.verdict is verdict for row in everything)} |"
    yield ""


def _engines() -> Iterator[str]:
    for engine in dict.fromkeys(row.engine for row in rows()):
        yield f"## {engine}\n"
        yield "| fault | check finds | lint finds | | why they differ |"
        yield "|---|---|---|---|---|"
        for row in (one for one in rows() if one.engine == engine):
            why = "; ".join(part for part in (row.unseen, EXPLAINED.get(row.key, "")) if part)
            lint = "the same" if row.verdict is Verdict.AGREE else _links(row.lint)
            words = (safe(row.fault), _links(row.check), lint, row.verdict.value, safe(why))
            yield f"| {' | '.join(words)} |"
        yield ""


def _links(identifiers: tuple[str, ...]) -> str:
    return ", ".join(link(identifier) for identifier in identifiers) or "nothing"


def _only_linted() -> Iterator[str]:
    yield "## Faults that only lint is given\n"
    yield "| engine | change | lint finds | on the wire |"
    yield "|---|---|---|---|"
    for cell in _read(SAID):
        if not cell["checked"]:
            words = (cell["engine"], safe(cell["fault"]), link(cell["rule"]), safe(on_the_wire(cell)))
            yield f"| {' | '.join(words)} |"
    yield ""


def on_the_wire(cell: Cell) -> str:
    """What check makes of the rule of a change that it was not asked about."""
    same = [row for row in rows() if row.rule == cell["rule"]]
    seen = [row for row in same if not row.unseen]
    here = [row.fault for row in seen if row.engine == cell["engine"]]
    if here:
        return f"the same rule, of: {', '.join(here)}"
    if seen:
        return f"the same rule, of {', '.join(row.key for row in seen)}"
    if same:
        return same[0].unseen
    return NOT_IN_A_CELL.get(cell["rule"]) or ELSEWHERE[cell["rule"]]


def _read(file: Path) -> list[Cell]:
    cells: list[Cell] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return cells
