"""What in a path is a name of the app's, and what is the name of a thing in it.

``/room/7f3c9e02/ws`` becomes ``/room/:id/ws``. A segment that may be a token counts as an id as well: a profile is
shown to others, and a route that is named too loosely does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

Segments = tuple[str, ...]

ID = ":id"
_DEEPEST = 12
_LITERAL = re.compile(r"[A-Za-z0-9._~-]{1,48}")
_ID = re.compile(
    r"""
      [0-9]+
    | [0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}         # a UUID (RFC 9562)
    | (?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}                            # hex
    | [A-Za-z]{1,8}_[0-9]+                                         # ses_1
    | [A-Za-z]{1,8}_(?=[A-Za-z]*[0-9])[0-9A-Za-z]{8,}              # ses_6f1e0cKq
    """,
    re.VERBOSE,
)
_READABLE = re.compile(r"[0-9]{1,4}|[A-Za-z]{1,32}[0-9]{0,2}")
_LONG_WORD = re.compile(r"[a-z]{21}|[A-Z]{21}")
"""``internationalization`` has twenty letters."""
_UNSPEAKABLE = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}", re.IGNORECASE)
_TURN = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])")
_MOST_TURNS = 3
"""Between letters and digits: ``v1beta2`` has three."""
_SHORTEST_TOKEN = 16
_NUMBERED_SIBLINGS = 3
_SIBLINGS = 5


def segments_of(path: str) -> Segments:
    """The segments of ``path`` with ids named; a slash at its end makes the last one ``*``, as does great depth."""
    pieces = [piece for piece in path.split("/") if piece not in ("", ".", "..")]
    found = [piece if is_name(piece) else ID for piece in pieces[:_DEEPEST]]
    endless = len(pieces) > _DEEPEST or (bool(found) and path.endswith("/"))
    return (*found, "*") if endless else tuple(found)


def is_name(segment: str) -> bool:
    """Whether somebody chose this word when the app was written. Anything that may be a token is none."""
    if not _LITERAL.fullmatch(segment) or _ID.fullmatch(segment) or len(_TURN.findall(segment)) > _MOST_TURNS:
        return False
    return len(segment) < _SHORTEST_TOKEN or all(map(_is_readable, re.split(r"[-_.~]", segment)))


def _is_readable(piece: str) -> bool:
    if not piece:
        return True
    capitals = sum(character.isupper() for character in piece)
    return (
        _READABLE.fullmatch(piece) is not None
        and _UNSPEAKABLE.search(piece) is None
        and _LONG_WORD.search(piece) is None
        and (piece.isupper() or capitals <= len(piece) // 4 + 1)
    )


def path_of(segments: Segments) -> str:
    """The route's path; a second id in it is ``:id2``."""
    written, ids = [], 0
    for segment in segments:
        ids += segment == ID
        written.append(f"{ID}{ids}" if segment == ID and ids > 1 else segment)
    return "/" + "/".join(written)


def siblings_folded(paths: Iterable[Segments]) -> dict[Segments, Segments]:
    """Each path with the segment in which several of them differ as an id: ``/room/a1/ws``, ``/room/b1/ws`` and
    ``/room/c1/ws`` are one route. The first segment is never one."""
    found = {path: path for path in paths}
    for at in range(1, max(map(len, found), default=0)):
        families: dict[tuple[Segments, Segments], set[str]] = {}
        for path in found.values():
            if at < len(path):
                families.setdefault((path[:at], path[at + 1 :]), set()).add(path[at])
        for one, path in found.items():
            if at < len(path) and _are_things(families[path[:at], path[at + 1 :]]):
                found[one] = (*path[:at], ID, *path[at + 1 :])
    return found


def _are_things(names: Set[str]) -> bool:
    """Whether ``names`` are of things, not of routes: an app may well have three sockets that differ in a word."""
    numbered = {name for name in names if any(character.isdigit() for character in name)}
    return "*" not in names and (len(numbered) >= _NUMBERED_SIBLINGS or len(names) >= _SIBLINGS)


def common_prefix(paths: Iterable[Segments]) -> Segments:
    """The names that all ``paths`` begin with."""
    found: list[str] = []
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1 or level[0] in (ID, "*"):
            break
        found.append(level[0])
    return tuple(found)
