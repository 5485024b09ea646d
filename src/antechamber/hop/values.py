"""Types of values that only a hop's faults have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from antechamber.policy.value import ValueProblem, items_of, quoted, text_of

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_THESE = frozenset({"host", "content-length", "transfer-encoding"})
"""Without these a message means something else, or nothing: that is not a fault that a proxy has."""


@dataclass(frozen=True, slots=True)
class FieldNames:
    """Names of header fields, in lower case."""

    metavar: str = "NAME"
    forms: str = "a field's name; several with commas, as a list, or by repeating the flag"

    def parse(self, raw: object, *, base: Path) -> frozenset[str]:
        way_out = "Write a name such as X-Forwarded-For."
        if isinstance(raw, set | frozenset):
            raw = sorted(raw)
        items = items_of(raw, what="a field's name", way_out=way_out)
        for item in items:
            if _TOKEN.fullmatch(item) is None:
                raise ValueProblem(f"{quoted(item)} is not a field's name", way_out)
            if item.lower() in _NOT_THESE:
                raise ValueProblem(f"{quoted(item)} cannot be left out: it frames or addresses the message")
        return frozenset(item.lower() for item in items)


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The value of a header field."""

    metavar: str = "VALUE"
    forms: str = "a field's value, in visible ASCII"

    def parse(self, raw: object, *, base: Path) -> str:
        text = text_of(raw, what="a field's value", way_out="")
        if not text.isascii() or not text.isprintable():
            raise ValueProblem(f"{quoted(text)} has characters that no field may have")
        return text
