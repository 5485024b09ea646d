"""The line that a finding is about, and a caret under its column, as compilers show it."""

from __future__ import annotations

from collections.abc import Mapping

from antechamber.policy.effective import Place

_LONGEST = 160


def excerpt(place: Place | None, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Two lines, or none where there is no text for the place. Tabs are shown as one blank, so that the caret fits."""
    text = texts.get(place.file) if place else None
    if place is None or text is None:
        return ()
    lines = text.split("\n")
    if not 1 <= place.line <= len(lines):
        return ()
    shown = "".join(one if one.isprintable() else " " for one in lines[place.line - 1].rstrip())
    number = f"{place.line} | "
    if place.column > _LONGEST:
        return (number + shown[:_LONGEST] + " …",)
    cut = " …" if len(shown) > _LONGEST else ""
    return (number + shown[:_LONGEST] + cut, " " * (len(number) - 2) + "| " + " " * (place.column - 1) + "^")
