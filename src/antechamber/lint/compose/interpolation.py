"""``${NAME:-default}`` in a compose file (https://docs.docker.com/reference/compose-file/interpolation/).

What the environment holds is not known here; what stands behind ``:-`` holds where it holds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DEEPEST = 8
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: as it stands there, or a variable with what holds without it."""

    start: int
    end: int
    text: str | None
    """What it comes to; ``None`` for a variable that only the environment knows."""
    name: str = ""
    """The variable's."""


def resolved(text: str) -> str | None:
    """``text`` with its defaults; ``None`` where a variable has none."""
    parts = list(parts_of(text))
    if any(part.text is None for part in parts):
        return None
    return "".join(part.text or "" for part in parts)


def parts_of(text: str, depth: int = 0) -> Iterator[Part]:
    """The pieces of ``text``, one behind the other."""
    at = 0
    while at < len(text):
        mark = text.find("$", at)
        if mark < 0:
            yield Part(at, len(text), text[at:])
            return
        if mark > at:
            yield Part(at, mark, text[at:mark])
        part = _variable(text, mark, depth)
        yield part
        at = part.end


def _variable(text: str, mark: int, depth: int) -> Part:
    if text.startswith("$$", mark):
        return Part(mark, mark + 2, "$")
    if not text.startswith("${", mark):
        found = _NAME.match(text, mark + 1)
        return Part(mark, found.end(), None, found[0]) if found else Part(mark, mark + 1, "$")
    end = _closing(text, mark + 2)
    inner = text[mark + 2 : end]
    name = _NAME.match(inner)
    if end >= len(text) or name is None:
        return Part(mark, min(end + 1, len(text)), None, ascii(inner)[1:-1])
    rest = inner[name.end() :]
    for sign in (":-", "-"):
        if rest.startswith(sign) and depth < _DEEPEST:
            default = rest.removeprefix(sign)
            inside = list(parts_of(default, depth + 1))
            known = all(one.text is not None for one in inside)
            return Part(mark, end + 1, "".join(one.text or "" for one in inside) if known else None, name[0])
    return Part(mark, end + 1, None, name[0])


def _closing(text: str, at: int) -> int:
    depth = 1
    for index in range(at, len(text)):
        if text.startswith("${", index):
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return len(text)
