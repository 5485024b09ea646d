"""A text that stands in a compose file itself (``content: |``), as a source whose lines are lines of that file.

What stands before it is left blank, so every place in it is a place of the compose file. Compose replaces ``$$`` with
``$`` before anything else reads the text; what that moves to the left is moved back (:class:`Columns`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from antechamber.lint.compose.document import Text
from antechamber.lint.compose.interpolation import parts_of
from antechamber.lint.source import Source
from antechamber.policy.effective import Place

UNKNOWN_VARIABLE = "$compose_{name}"
"""Stands where only the environment of Compose knows what does: no reader can work it out."""


def inlined(content: Text, around: Source) -> Source | None:
    """The text with blank lines above it; ``None`` for one whose lines are not lines of the file."""
    if not content.literal:
        return None
    lines = [*[""] * content.place.line, *(_line(one) for one in _raw(content, around))]
    return Source(around.name, "\n".join(lines) + "\n")


def taken_away(content: Text, around: Source) -> Iterator[tuple[Place, str]]:
    """Variables that Compose puts something else in the place of: each with its name and its place."""
    for number, line in enumerate(_raw(content, around), start=content.place.line + 1):
        for part in parts_of(line):
            if part.name:
                yield Place(around.name, number, part.start + 1), line[part.start : part.end]


def _raw(content: Text, around: Source) -> list[str]:
    """The lines of a block as they stand in the file: it ends with its text."""
    first = content.place.line
    return around.lines[first : first + len(content.text.rstrip("\n").split("\n"))]


def _line(line: str) -> str:
    return "".join(
        part.text if part.text is not None else UNKNOWN_VARIABLE.format(name=part.name) for part in parts_of(line)
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a text that was read, as columns of the file in which it stands."""

    source: Source
    made: Mapping[int, int] = field(default_factory=dict)
    """Lines of which a reader was given something else than stands there: each with the column of what that is from."""

    def at(self, place: Place | None) -> Place | None:
        if place is None or place.file != self.source.name or not 1 <= place.line <= len(self.source.lines):
            return place
        if place.line in self.made:
            return replace(place, column=self.made[place.line])
        column = 1
        for part in parts_of(self.source.lines[place.line - 1]):
            shown = part.text if part.text is not None else UNKNOWN_VARIABLE.format(name=part.name)
            if column + len(shown) > place.column:
                inside = place.column - column if len(shown) == part.end - part.start else 0
                return replace(place, column=part.start + 1 + inside)
            column += len(shown)
        return place
