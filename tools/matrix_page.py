"""docs/support-matrix.md, made from docs/matrix.json: what a run of ``make matrix`` has seen on the real engines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tools.matrix_results import RESULTS, WORSE

from antechamber.engines.registry import ENGINES
from antechamber.policy.effective import PolicyField
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.rule import Severity

INTRODUCTION = """\
# Support matrix

<!-- Made by tools/generate_docs.py from docs/matrix.json, which make matrix writes. Do not edit. -->

What was seen on {date}, on real engines that ran the configurations that `antechamber config` writes, in front of the
reference app with a password. What each engine *declares* is on the page on [engines](engines.md); a test fails where
the two disagree.

- **yes**: it holds, over http and https, whichever version of HTTP the client spoke.
- **declared**: it differs, and the engine's declaration says so.
- **advice**: the check says that it could be better (no HTTP/2 without TLS, say); that is no fault.
- **?**: not to be told from outside, or not within seconds; **–**: it does not apply there.
"""

SEEN_ELSEWHERE: Mapping[PolicyField, str] = {
    PolicyField.CONNECT_S: "a test of its own fills the queue of a listening socket, so that no connection is accepted",
    PolicyField.RESPONSE_STREAMED: "the rules on event streams, below",
    PolicyField.REQUEST_STREAMED: "the rules on bodies, below",
    PolicyField.DRAIN_S: "each engine is reloaded and stopped under 200 open streams (tests/supervise)",
}
"""Fields that no line of the first table looks at, and who does."""

NOT_RUN: Mapping[str, str] = {
    "npm": "its text runs under a real nginx in what NPM 2.15 writes around it (tests/engines/test_npm.py); NPM's own "
    "image was not run",
    "cloudflare": "nothing was applied to a live account: its page is made from Cloudflare's documentation",
}
"""Engines that are not in the run, and why."""


@dataclass(frozen=True, slots=True)
class Results:
    """What docs/matrix.json holds."""

    date: str
    builds: Mapping[str, str]
    cells: Sequence[Mapping[str, str]]

    def outcomes(self, table: str, row: str, build: str) -> dict[str, str]:
        """What was seen, by how the client came."""
        return {
            f"{cell['scheme']} {cell['http']}": cell["outcome"]
            for cell in self.cells
            if (cell["table"], cell["row"], cell["build"]) == (table, row, build)
        }

    def rows(self, table: str, field: str = "") -> list[str]:
        return list(
            dict.fromkeys(
                cell["row"] for cell in self.cells if cell["table"] == table and (not field or cell["field"] == field)
            )
        )


def results() -> Results:
    read = json.loads(RESULTS.read_text(encoding="utf-8"))
    return Results(read["date"], read["builds"], read["cells"])


def render() -> str:
    seen = results()
    parts = (INTRODUCTION.format(date=seen.date), *_builds(seen), *_fields(seen), *_rules(seen), *_others())
    return "\n".join([*parts, ""])


def _builds(seen: Results) -> Iterator[str]:
    yield "| build | version |"
    yield "|---|---|"
    yield from (f"| {build} | {version} |" for build, version in seen.builds.items())


def _fields(seen: Results) -> Iterator[str]:
    yield "\n## Fields of a policy\n"
    yield "Time limits were set to a second, and seen over plain HTTP/1.1.\n"
    yield _head("field | what was looked at", seen)
    for field in PolicyField:
        if field in SEEN_ELSEWHERE:
            yield f"| {field.value} | not by a line of this table, because: {SEEN_ELSEWHERE[field]} |" + " |" * len(
                seen.builds
            )
        for row in seen.rows("fields", field.value):
            yield f"| {field.value} | {row} | " + _cells(seen, "fields", row) + " |"


def _rules(seen: Results) -> Iterator[str]:
    yield "\n## Rules\n"
    yield "No rule may fire through a configuration of ours. In brackets: where only some ways in were as said.\n"
    yield _head("rule | fault", seen)
    for rule in CATALOGUE:
        cells = _cells(seen, "rules", rule.id)
        if rule.severity is Severity.ADVICE:
            cells = cells.replace("**fires**", "advice")
        yield f"| {rule.id} | {rule.name} | {cells} |"


def _others() -> Iterator[str]:
    yield "\n## Engines that were not run\n"
    yield from (f"- {one.title}: {NOT_RUN[one.name]}." for one in ENGINES if one.name in NOT_RUN)


def _head(first: str, seen: Results) -> str:
    return f"| {first} | " + " | ".join(seen.builds) + " |\n" + "|---" * (2 + len(seen.builds)) + "|"


def _cells(seen: Results, table: str, row: str) -> str:
    return " | ".join(_cell(seen.outcomes(table, row, build)) for build in seen.builds)


_SHORT = {
    "holds": "yes",
    "differs as declared": "declared",
    "differs": "**no**",
    "fires": "**fires**",
    "cannot tell": "?",
    "not applicable": "–",
}


def _cell(outcomes: Mapping[str, str]) -> str:
    """One word if all ways in agree; the worse word first, with the ways that it is true of."""
    told = {way: outcome for way, outcome in outcomes.items() if outcome != "not applicable"}
    words = sorted(set(told.values()), key=WORSE.index, reverse=True)
    if len(words) < 2:
        return _SHORT[words[0]] if words else "–"
    return ", ".join(
        f"{_SHORT[word]} ({', '.join(way for way, outcome in told.items() if outcome == word)})" for word in words
    )
