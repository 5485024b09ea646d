"""From the routes of a policy to the few blocks that a configuration needs.

A profile names some thirty routes; most have the limits of the prefix around them. A route needs a block of its own
only if it differs from what would match in its place. The order is that of :mod:`antechamber.policy.match`: exact
paths, then named segments, then the longest prefix, so engines that take the first match need nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Generic, TypeVar

from antechamber.errors import ConfigError
from antechamber.policy.model import Kind, Policy, Route

S = TypeVar("S", bound=Hashable)

_SPECIAL = frozenset(".+*?()[]{}^$|\\")
"""What a regular expression of PCRE or RE2 reads as more than itself."""


@dataclass(frozen=True, slots=True)
class Block(Generic[S]):
    """Routes that share their settings; all of one shape (exact, named segments or prefixes)."""

    routes: tuple[Route, ...]
    settings: S

    @property
    def live(self) -> bool:
        return any(route.kind.live for route in self.routes)

    @property
    def kind(self) -> Kind:
        return self.routes[0].kind

    @property
    def exact(self) -> bool:
        return _shape(self.routes[0]) == 0

    @property
    def regex(self) -> str:
        """One regular expression for all routes, whose named segments take anything but a slash."""
        return pattern(self.routes)


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """Blocks in the order in which they are to be tried, and the settings of everything else."""

    blocks: tuple[Block[S], ...]
    otherwise: S


def plan(policy: Policy, settings_of: Callable[[Route], S]) -> Plan[S]:
    """The blocks that ``policy`` needs in an engine where ``settings_of`` a route is what can differ."""
    for route in policy.routes:
        _require_plain(route)
    everything = next((route for route in policy.routes if route.path == "/*"), None)
    otherwise = settings_of(everything or Route(name="everything", path="/*", kind=Kind.PAGE))
    ordered = sorted((route for route in policy.routes if route.path != "/*"), key=_specificity)
    kept = _needed(ordered, settings_of, otherwise)
    return Plan(tuple(_blocks(kept, settings_of)), otherwise)


def pattern(routes: Sequence[Route]) -> str:
    """The regular expression that matches what ``routes`` name, all of one shape."""
    if _shape(routes[0]) == 2:
        assert len(routes) == 1, "prefixes are not grouped"
        return f"^{_segments(routes[0].path.removesuffix('/*'))}(?:/|$)"
    if len(routes) == 1:
        return f"^{_segments(routes[0].path)}$"
    paths = [route.path for route in routes]
    shared = _shared(paths)
    rest = "|".join(_segments(path.removeprefix(shared)) for path in paths)
    return f"^{_segments(shared)}(?:{rest})$"


def _require_plain(route: Route) -> None:
    """Engines decode a path before they match it, so a percent sign would match something else in each of them."""
    if "%" in route.path:
        raise ConfigError(
            f'the route "{route.path}" has a percent-encoded character, which engines do not match alike',
            way_out="Write the route with a named segment in its place, such as /files/:name.",
        )


def _needed(ordered: Sequence[Route], settings_of: Callable[[Route], S], otherwise: S) -> list[Route]:
    """The routes that differ from what would match in their place."""
    kept: list[Route] = []
    for route in reversed(ordered):
        if _differs(route, kept, settings_of, otherwise):
            kept.insert(0, route)
    return kept


def _differs(route: Route, looser: Iterable[Route], settings_of: Callable[[Route], S], otherwise: S) -> bool:
    for other in looser:
        if not _overlap(route.path, other.path):
            continue
        if settings_of(other) != settings_of(route):
            return True
        if _covers(other.path, route.path):
            return False
    return settings_of(route) != otherwise


def _blocks(kept: Sequence[Route], settings_of: Callable[[Route], S]) -> Iterable[Block[S]]:
    exact = [route for route in kept if _shape(route) == 0]
    groups: dict[tuple[S, Kind | None], list[Route]] = {}
    for route in exact:
        groups.setdefault((settings_of(route), route.kind if route.kind.live else None), []).append(route)
    yield from (Block(tuple(routes), settings) for (settings, _), routes in groups.items())
    yield from (Block((route,), settings_of(route)) for route in kept if _shape(route) != 0)


def _shape(route: Route) -> int:
    """0 exact, 1 with named segments, 2 prefix."""
    if route.path.endswith("/*"):
        return 2
    return 1 if "/:" in route.path else 0


def _specificity(route: Route) -> tuple[int, int, tuple[bool, ...]]:
    if _shape(route) == 0:  # each matches one path: their order does not matter
        return 0, 0, ()
    segments = route.path.removesuffix("/*").split("/")
    return _shape(route), -len(segments), tuple(segment.startswith(":") for segment in segments)


def _overlap(left: str, right: str) -> bool:
    """Whether some path belongs to both."""
    ours, theirs = left.removesuffix("/*").split("/"), right.removesuffix("/*").split("/")
    if not left.endswith("/*") and len(ours) < len(theirs):
        return False
    if not right.endswith("/*") and len(theirs) < len(ours):
        return False
    return all(a == b or a[:1] == ":" or b[:1] == ":" for a, b in zip(ours, theirs, strict=False))


def _covers(outer: str, inner: str) -> bool:
    """Whether every path of ``inner`` belongs to ``outer`` as well."""
    if inner.endswith("/*") and not outer.endswith("/*"):
        return False
    ours, theirs = outer.removesuffix("/*").split("/"), inner.removesuffix("/*").split("/")
    long_enough = len(theirs) >= len(ours) if outer.endswith("/*") else len(theirs) == len(ours)
    return long_enough and all(a == b or a[:1] == ":" for a, b in zip(ours, theirs, strict=False))


def _shared(paths: Sequence[str]) -> str:
    """The directories that all paths start with, with their last slash."""
    return commonprefix(paths).rpartition("/")[0] + "/"  # noqa: RUF071  (cut at its last slash, so characters will do)


def _segments(path: str) -> str:
    return "/".join("[^/]+" if segment.startswith(":") else _escaped(segment) for segment in path.split("/"))


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)
