"""Which route a path belongs to: exact paths first, then named segments, then the longest prefix.

On the hot path this is one dictionary lookup. A route decides limits only, never whether a request may pass: an app may
read paths more loosely than this does (Express ignores case), so a route's limit is care for the app, not a lock. A
path that apps are known to resolve in two ways gets the smaller limits of both (:func:`resolved`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from antechamber.policy.model import Kind, Route

_MEMO_ENTRIES = 1024
_MEMO_PATH_LENGTH = 256
"""Together they bound what clients can make us remember to well under a megabyte."""

_UNRESERVED = re.compile(r"%(2[dDeE]|3[0-9]|[46][1-9a-fA-F]|5[0-9aAfF]|7[0-9aAeE])")
"""Percent-encoded letters, digits, ``-``, ``.``, ``_`` and ``~``: the same path as without (RFC 3986, 6.2.2.2)."""

_READ_OTHERWISE = re.compile(r"/[./]|\\|;|%2[eEfF]|%5[cC]")
"""What apps and the servers in front of them resolve before they route, and a few of them only."""
_SEPARATOR = re.compile(r"[\\/]|%2[fF]|%5[cC]")

_FALLBACK = Route(name="everything", path="/*", kind=Kind.PAGE)


def resolved(path: str) -> str:
    """A path as an app may read it that resolves more than this edge does; most paths are read in one way only.

    Dot segments are removed (RFC 3986, 5.2.4), encoded separators and backslashes count as slashes, several slashes as
    one, and what stands behind a ``;`` goes.
    """
    if _READ_OTHERWISE.search(path) is None:
        return path
    segments: list[str] = []
    pieces = [piece.partition(";")[0] for piece in _SEPARATOR.split(_decoded(path))]
    for piece in pieces:
        if piece == "..":
            del segments[-1:]
        elif piece not in ("", "."):
            segments.append(piece)
    is_folder = pieces[-1] in ("", ".", "..") and segments
    return "/" + "/".join(segments) + ("/" if is_folder else "")


def _decoded(path: str) -> str:
    return _UNRESERVED.sub(lambda found: chr(int(found[1], 16)), path) if "%" in path else path


class Matcher:
    """Finds the route of a path. One per policy; not meant for several threads."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[str, Route] = {}
        self._patterns: dict[int, list[tuple[list[str], Route]]] = {}
        self._prefixes: list[tuple[list[str], Route]] = []
        self._memo: dict[str, Route] = {}
        for route in routes:
            self._add(route)
        self._prefixes.sort(key=lambda entry: (-len(entry[0]), _looseness(entry[0])))
        for patterns in self._patterns.values():
            patterns.sort(key=lambda entry: _looseness(entry[0]))
        self._depth = max((len(segments) for segments, _ in self._prefixes), default=0)
        self._deepest_pattern = max(self._patterns, default=0)

    def match(self, path: str) -> Route:
        """The route of ``path`` (without its query); a page route where the policy has none."""
        route = self._exact.get(path) or self._memo.get(path)
        if route is None:
            route = self._search(path)
            if len(path) <= _MEMO_PATH_LENGTH:
                if len(self._memo) >= _MEMO_ENTRIES:
                    self._memo.clear()
                self._memo[path] = route
        return route

    def _add(self, route: Route) -> None:
        if route.path.endswith("/*"):
            self._prefixes.append((route.path.removesuffix("/*").split("/"), route))
        elif "/:" in route.path:
            segments = route.path.split("/")
            self._patterns.setdefault(len(segments), []).append((segments, route))
        else:
            self._exact[route.path] = route

    def _search(self, path: str) -> Route:
        path = _decoded(path)
        if route := self._exact.get(path):
            return route
        # No more pieces than any route has: the work does not grow with the number of slashes sent.
        pieces = path.split("/", max(self._depth, self._deepest_pattern) + 1)
        for pattern, route in self._patterns.get(len(pieces), ()):
            if _fits(pattern, pieces):
                return route
        for prefix, route in self._prefixes:
            if len(pieces) >= len(prefix) and _fits(prefix, pieces):
                return route
        return _FALLBACK


def covers(path: str, example: str) -> bool:
    """Whether a route of ``path`` stands for the path ``example``."""
    return Matcher([Route(name=path, path=path, kind=Kind.PAGE)]).match(example).path == path


def _fits(pattern: list[str], pieces: list[str]) -> bool:
    """Whether each piece is what the pattern says at its place; a named segment takes any piece that is not empty."""
    return all(
        ours == theirs or (theirs != "" and ours.startswith(":")) for ours, theirs in zip(pattern, pieces, strict=False)
    )


def _looseness(segments: list[str]) -> tuple[bool, ...]:
    """Sorts a literal segment before a named one, from the left."""
    return tuple(segment.startswith(":") for segment in segments)
