"""Durations, sizes and counts: how they are written, read and shown.

A duration without a unit is in seconds. A size with a single letter is counted in steps of 1024, as nginx reads it
(``50M`` in OpenChamber's published guide is nginx's 50 MiB, https://nginx.org/en/docs/syntax.html); ``MiB`` says the
same aloud, ``MB`` is the SI million (IEC 80000-13).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from antechamber.policy.value import ValueProblem, quoted, text_of

_LONGEST_TEXT = 40
"""No sane quantity is longer; the bound keeps parsing of hostile text linear."""

_SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_DURATION_PART = re.compile(rf"({_NUMBER})(ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_NUMBER}(?:ms|s|m|h|d))+")
_PLAIN = re.compile(_NUMBER)
_SIZE = re.compile(rf"({_NUMBER}) ?([A-Za-z]*)")

_BYTES = {"": 1, "b": 1}
for _step, _letter in enumerate("kmgt", start=1):
    _BYTES |= {_letter: 1024**_step, f"{_letter}ib": 1024**_step, f"{_letter}b": 1000**_step}


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds as a float, between ``least_s`` and ``most_s``."""

    least_s: float = 0.01
    most_s: float = 30 * 86400.0
    metavar: str = "DURATION"
    forms: str = "seconds (`60`), or numbers with `ms`, `s`, `m`, `h`, `d`: `500ms`, `90s`, `1h30m`"

    def parse(self, raw: object, *, base: Path) -> float:
        way_out = "Write seconds (60) or a number with ms, s, m, h or d, such as 90s or 1h30m."
        seconds = float(_seconds(raw, way_out))
        if seconds == 0:
            raise ValueProblem("zero is not a duration: it would end everything at once", _at_least(self.least_s))
        if seconds < self.least_s:
            raise ValueProblem(f"{quoted(raw)} is too short", _at_least(self.least_s))
        if seconds > self.most_s:
            raise ValueProblem(f"{quoted(raw)} is too long", f"The most is {show_duration(self.most_s)}.")
        return seconds


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes as an integer, between ``least`` and ``most``."""

    least: int = 1
    most: int = 1024**5
    metavar: str = "SIZE"
    forms: str = (
        "bytes (`1048576`), `k` `M` `G` `T` or `KiB` `MiB` `GiB` `TiB` in steps of 1024 (`50M` is nginx's 50 MiB), "
        "`KB` `MB` `GB` `TB` in steps of 1000"
    )

    def parse(self, raw: object, *, base: Path) -> int:
        count = _bytes(raw)
        if count < self.least:
            problem = "zero is not a size" if count == 0 else f"{quoted(raw)} is too small"
            raise ValueProblem(problem, f"The least is {show_size(self.least)}.")
        if count > self.most:
            raise ValueProblem(f"{quoted(raw)} is too large", f"The most is {show_size(self.most)}.")
        return count


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number, between ``least`` and ``most``."""

    least: int = 1
    most: int = 1_000_000
    metavar: str = "COUNT"
    forms: str = "a whole number"

    def parse(self, raw: object, *, base: Path) -> int:
        way_out = f"Write a whole number from {self.least} to {self.most}."
        text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
        digits = text_of(text, what="a count", way_out=way_out)
        if len(digits) > _LONGEST_TEXT or re.fullmatch(r"[0-9]+", digits) is None:
            raise ValueProblem(f"{quoted(digits)} is not a count", way_out)
        if not self.least <= int(digits) <= self.most:
            raise ValueProblem(f"{quoted(digits)} is out of range", way_out)
        return int(digits)


def show_duration(seconds: float) -> str:
    """``seconds`` in the largest unit that keeps it whole: ``1h``, ``90s``, ``500ms``."""
    milliseconds = round(seconds * 1000)
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("s", 1000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def show_size(count: int) -> str:
    """``count`` bytes in the largest binary unit that keeps it whole: ``140MiB``, ``16KiB``, ``1000 bytes``."""
    for step in range(4, 0, -1):
        if count and count % 1024**step == 0:
            return f"{count // 1024**step}{'KMGT'[step - 1]}iB"
    return f"{count} byte" if count == 1 else f"{count} bytes"


def _seconds(raw: object, way_out: str) -> Decimal:
    text = _number_text(raw, what="a duration", way_out=way_out)
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _DURATION.fullmatch(text):
        return sum((Decimal(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(text)), Decimal(0))
    raise ValueProblem(f"{quoted(text)} is not a duration", way_out)


def _bytes(raw: object) -> int:
    way_out = "Write bytes (1048576) or a number with a unit, such as 140MiB, 50M or 300MB."
    text = _number_text(raw, what="a size", way_out=way_out)
    found = _SIZE.fullmatch(text)
    unit = found[2].lower() if found else ""
    if found is None or unit not in _BYTES:
        raise ValueProblem(f"{quoted(text)} is not a size", way_out)
    count = Decimal(found[1]) * _BYTES[unit]
    if count != int(count):
        raise ValueProblem(f"{quoted(text)} is not a whole number of bytes", way_out)
    return int(count)


def _number_text(raw: object, *, what: str, way_out: str) -> str:
    """``raw`` as text for the grammars above; numbers of a TOML file are taken as they stand."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raw = format(Decimal(str(raw)), "f") if math.isfinite(raw) else str(raw)
    text = text_of(raw, what=what, way_out=way_out)
    if text.startswith("-"):
        raise ValueProblem(f"{quoted(text)} is negative", way_out)
    if len(text) > _LONGEST_TEXT:
        raise ValueProblem(f"{quoted(text)} is not {what}", way_out)
    return text


def _at_least(seconds: float) -> str:
    return f"The least is {show_duration(seconds)}."
