"""``# antechamber: ignore AC203 the app sends it itself``: findings that a person has looked at.

Behind a directive the comment is about that line; on a line of its own, about what follows, with everything in its
braces (in HAProxy's grammar, with everything up to the next section). One that hides nothing is told: it is a fault
that was mended, or an id that was mistyped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from antechamber.policy.effective import Place

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*antechamber:\s*ignore\b[:\s]*((?:AC\d{3}\b[,\s]*)*)(.*)$")
_ID = re.compile(r"AC\d{3}")
_SECTION = re.compile(r"(?:global|defaults|frontend|backend|listen|userlist|peers|resolvers|cache)\b")


@dataclass(slots=True)
class Ignore:
    """One comment, and the lines that it is about."""

    place: Place
    ids: tuple[str, ...]
    reason: str
    first: int
    last: int
    used: set[str] = field(default_factory=set)

    def covers(self, identifier: str, place: Place | None) -> bool:
        if place is None or place.file != self.place.file or identifier not in self.ids:
            return False
        return self.first <= place.line <= self.last

    @property
    def unused(self) -> tuple[str, ...]:
        return tuple(one for one in self.ids if one not in self.used)


class Ignores:
    """All comments of a configuration."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._all = [one for name, text in texts.items() for one in _ignores(name, text)]

    def reason(self, identifier: str, place: Place | None) -> str | None:
        """Why a finding is to be left out; ``None`` if nobody said so. Remembers which comment it was."""
        for ignore in self._all:
            if ignore.covers(identifier, place):
                ignore.used.add(identifier)
                return ignore.reason or "ignored"
        return None

    def complaints(self) -> Iterator[tuple[Place, str]]:
        """Comments that hide nothing, each with what is wrong with it."""
        for ignore in self._all:
            if not ignore.ids:
                yield ignore.place, "the comment names no rule to ignore"
            elif ignore.unused:
                yield ignore.place, f"nothing of {', '.join(ignore.unused)} is found here to ignore"


def _ignores(name: str, text: str) -> Iterable[Ignore]:
    if "antechamber:" not in text:
        return
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if found := _COMMENT.search(line):
            own_line = not line[: found.start()].strip()
            first, last = _what_follows(lines, number) if own_line else (number, number)
            ids = tuple(_ID.findall(found[1]))
            yield Ignore(Place(name, number, found.start() + 1), ids, found[2].strip(), first, last)


def _what_follows(lines: list[str], number: int) -> tuple[int, int]:
    """First and last line of the directive after line ``number``."""
    first = number + 1
    while first <= len(lines) and (not lines[first - 1].strip() or lines[first - 1].lstrip().startswith("#")):
        first += 1
    if first > len(lines):
        return number, number
    if _SECTION.match(lines[first - 1]) and "{" not in lines[first - 1]:
        following = (at for at in range(first, len(lines)) if _SECTION.match(lines[at]))
        return first, next(following, len(lines))
    depth, last = 0, first
    for last in range(first, len(lines) + 1):
        bare = lines[last - 1].partition("#")[0]
        depth += bare.count("{") - bare.count("}")
        if depth <= 0 and (bare.rstrip().endswith((";", "}")) or ";" not in "".join(lines)):
            break
    return first, last
