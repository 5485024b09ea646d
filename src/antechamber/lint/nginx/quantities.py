"""Times and sizes as nginx writes them (https://nginx.org/en/docs/syntax.html)."""

from __future__ import annotations

import re

_PART = re.compile(r"(\d{1,12})(ms|[smhdwMy]?)\s*")
_SECONDS = {"ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "M": 2592000.0}
_SECONDS["y"] = 31536000.0
_SIZE = re.compile(r"(\d{1,15})([kKmMgG]?)")
_BYTES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def seconds(text: str) -> float | None:
    """The seconds of ``1h30m``, ``90s``, ``90`` or ``500ms``; ``None`` for what nginx would refuse."""
    at, total = 0, 0.0
    while found := _PART.match(text, at):
        total += int(found[1]) * _SECONDS[found[2]]
        at = found.end()
    return total if text and at == len(text) else None


def octets(text: str) -> int | None:
    """The bytes of ``50M``, ``512k`` or ``1048576``; ``None`` for what nginx would refuse."""
    found = _SIZE.fullmatch(text)
    return int(found[1]) * _BYTES[found[2].lower()] if found else None
