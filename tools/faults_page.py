"""docs/fault-matrix.md, made from what ``make matrix`` and ``make soak`` have recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.rules_pages import address_of

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

_PLAIN = "the cells are over plain http; tests/check/test_tls.py"
_DOUBT = "says what could not be told, and is no finding; tests/check"
_ADVICE = "advice, which is no finding"

NOT_IN_A_CELL: Mapping[str, str] = {
    "AC108": "the cells are over plain http, where browsers speak HTTP/1.1 alone; tests/check/test_socket_versions.py",
    "AC208": _ADVICE,
    "AC209": _ADVICE,
    "AC210": "it is about names of a service that cannot be reached from here",
    "AC211": _ADVICE,
    "AC303": _ADVICE,
    "AC305": "no proxy here changes an upload",
    "AC307": "nothing on the wire says where a body is kept: lint reads it in a file",
    "AC401": "an app that is up accepts at once, whatever the limit: lint reads it in a file",
    "AC405": _ADVICE,
    "AC406": "it takes two requests on one connection to the app, which no client chooses: lint reads it in a file",
    "AC407": _ADVICE,
    "AC408": _ADVICE,
    "AC510": "it takes an outer proxy that is trusted; tests/check/test_chains.py",
    "AC518": _ADVICE,
    "AC603": "it takes a CDN further out; tests/matrix/test_home_chain.py",
    "AC607": "the app's streams do not end, and a cache keeps what has ended",
    "AC701": _PLAIN,
    "AC702": _PLAIN,
    "AC703": _ADVICE,
    "AC704": _PLAIN,
    "AC705": _PLAIN,
    "AC706": _PLAIN,
    "AC707": _PLAIN,
    "AC708": _ADVICE,
    "AC709": "it takes two layers; tests/matrix/test_home_chain.py",
    "AC801": "it takes a reload; tests/supervise",
    "AC802": "a configuration that does not load serves nothing: lint says so of a file",
    **dict.fromkeys(("AC901", "AC902", "AC903", "AC904", "AC905", "AC906"), _DOUBT),
    "AC907": "it is about a comment in a file: lint's own",
}
"""Rules that no cell has fired, and why or where else they do. A test fails where one of them is not needed here."""

Row = Mapping[str, object]


def render() -> str:
    return "\n".join([INTRODUCTION, *_faults(_read(FAULTS)), *_others(), *_soak(_read(SOAK)), ""])


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
        return f"| {safe(row['fault'])} | {named} | not on the wire | {safe(row['unseen'])} | {row['on']} |"
    roots = row["roots"]
    assert isinstance(roots, list)
    beside = [one for one in roots if one != identifier]
    where = f"on {row['routes']} of {row['looked_at']} routes"
    also = f", beside it {', '.join(beside)}" if beside else ""
    return f"| {safe(row['fault'])} | {named} | {where}{also} | {safe(row['evidence'])} | {row['on']} |"


def link(identifier: str) -> str:
    """A rule's id and name, leading to its documentation."""
    named = rule(identifier)
    return f"[{named.id}](rules/{address_of(named)}) {named.name}"


def safe(text: object) -> str:
    """Text in a cell: pipes would end it, and angle brackets would be tags."""
    return str(text).replace("|", "\\|").replace("<", "&lt;")


def _others() -> Iterator[str]:
    yield "## Rules that no cell fires\n"
    yield "| rule | why |"
    yield "|---|---|"
    yield from (f"| {link(identifier)} | {why} |" for identifier, why in NOT_IN_A_CELL.items())
    yield ""


def _soak(rows: list[Row]) -> Iterator[str]:
    yield "## Soak\n"
    yield "Through each engine with its rendered configuration: a stream and a socket on which nothing passes for so"
    yield "long, no heartbeat and no ping, and then something both ways. `make soak` runs it.\n"
    yield "| engine | what | silence | outcome | on |"
    yield "|---|---|---|---|---|"
    for row in rows:
        yield f"| {row['engine']} | {row['kind']} | {row['silence_s']} s | {row['outcome'] or 'lived'} | {row['on']} |"
