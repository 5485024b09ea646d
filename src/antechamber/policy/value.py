"""What a typed option value is: a name for its place on a page, a sentence on its forms, and a parser.

Every option is text on the command line and in the environment, and text, number or list in a file. One parser per
type turns all of them into the same plain value, so a size means the same wherever it is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)

_SHOWN = 60
"""How much of a wrong value is quoted back: enough to recognise it, never a screenful."""


class ValueProblem(ValueError):
    """A value that its type refuses: what is wrong, and (as a sentence) what to write instead."""

    def __init__(self, problem: str, way_out: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.way_out = way_out


class ValueType(Protocol[T_co]):
    """A type of option value."""

    @property
    def metavar(self) -> str:
        """The stand-in for the value in usage lines, such as ``DURATION``."""

    @property
    def forms(self) -> str:
        """One sentence for the documentation: which spellings are accepted."""

    def parse(self, raw: object, *, base: Path) -> T_co:
        """The value, or :class:`ValueProblem`. Relative paths are relative to ``base``."""


def quoted(raw: object) -> str:
    """A wrong value as it is shown in a message: one line, bounded, unprintable characters escaped."""
    text = raw if isinstance(raw, str) else repr(raw)
    text = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text[: _SHOWN + 1])
    return f'"{text[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{text}"'


def text_of(raw: object, *, what: str, way_out: str) -> str:
    """``raw`` as non-empty text without surrounding blanks; ``what`` names the type for the message."""
    if not isinstance(raw, str):
        raise ValueProblem(f"{_noun(raw)} is not {what}", way_out)
    text = raw.strip()
    if not text:
        raise ValueProblem(f"the value is empty, not {what}", way_out)
    return text


def items_of(raw: object, *, what: str, way_out: str) -> list[str]:
    """``raw`` as a list of non-empty texts: a TOML array, or text with commas between the items."""
    parts = raw if isinstance(raw, list | tuple) else [raw]
    items: list[str] = []
    for part in parts:
        text = text_of(part, what=what, way_out=way_out)
        items += [piece.strip() for piece in text.split(",")]
    if "" in items:
        raise ValueProblem(f"{quoted(','.join(items))} has an empty item", way_out)
    return items


def _noun(raw: object) -> str:
    match raw:
        case bool():
            return f"a true/false value ({str(raw).lower()})"
        case int() | float():
            return f"the bare number {raw}" if len(str(raw)) <= _SHOWN else "a bare number"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(raw).__name__}"
