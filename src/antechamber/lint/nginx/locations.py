"""Which location serves a path, as nginx finds it (ngx_http_core_find_location).

The exact one; else the longest prefix, and within it the same again; unless that found an exact or regular one or said
``^~``, the first regular expression of the level, and within it the same again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint.pattern import Unsupported, matches

_MOST_REGEXES = 500
"""On one level, for one path: people have dozens. More are not tried, and then nobody can tell."""


class Manner(StrEnum):
    """How a location is compared with a path; the word that is written for it."""

    PREFIX = ""
    PREFIX_FINAL = "^~"
    EXACT = "="
    REGEX = "~"
    REGEX_CASELESS = "~*"
    NAMED = "@"

    @property
    def regular(self) -> bool:
        return self in (Manner.REGEX, Manner.REGEX_CASELESS)


@dataclass(frozen=True, slots=True)
class Location:
    """A location directive, taken apart."""

    manner: Manner
    pattern: str
    directive: Directive

    def takes(self, path: str) -> bool:
        """Whether its own pattern fits, whatever stands around it. Raises :class:`Unsupported`."""
        match self.manner:
            case Manner.EXACT:
                return path == self.pattern
            case Manner.PREFIX | Manner.PREFIX_FINAL:
                return path.startswith(self.pattern)
            case Manner.REGEX | Manner.REGEX_CASELESS:
                return matches(self.pattern, path, ignore_case=self.manner is Manner.REGEX_CASELESS)
            case Manner.NAMED:
                return False


def location_of(directive: Directive) -> Location | None:
    """A location directive's manner and pattern; ``None`` for what nginx would refuse."""
    match directive.arguments:
        case (("=" | "^~" | "~" | "~*") as manner, pattern):
            return Location(Manner(manner), pattern, directive)
        case (pattern,):
            for glued in (Manner.REGEX_CASELESS, Manner.REGEX, Manner.PREFIX_FINAL, Manner.EXACT, Manner.NAMED):
                if pattern.startswith(glued) and len(pattern) > len(glued):
                    return Location(glued, pattern.removeprefix(glued), directive)
            return Location(Manner.PREFIX, pattern, directive)
    return None


def locations_of(directives: Iterable[Directive]) -> list[Location]:
    """The locations of a level, in their order."""
    found = (location_of(directive) for directive in directives if directive.name == "location")
    return [location for location in found if location is not None]


@dataclass(frozen=True, slots=True)
class Chain:
    """The locations that a path leads into, outermost first; empty where none takes it."""

    locations: tuple[Location, ...]
    settled: bool = False
    """Whether the search ended here: an exact or a regular one was found."""


def find(directives: Sequence[Directive], path: str) -> Chain:
    """The locations of ``path`` below a server or a location. Raises :class:`Unsupported`."""
    locations = locations_of(directives)
    for location in locations:
        if location.manner is Manner.EXACT and location.takes(path):
            return Chain((location,), settled=True)
    chain, may_be_regular = Chain(()), True
    prefixes = [one for one in locations if one.manner in (Manner.PREFIX, Manner.PREFIX_FINAL) and one.takes(path)]
    if prefixes:
        longest = max(prefixes, key=lambda one: len(one.pattern))
        nested = find(longest.directive.block, path)
        chain = Chain((longest, *nested.locations), nested.settled)
        may_be_regular = longest.manner is Manner.PREFIX
    if chain.settled or not may_be_regular:
        return chain
    for number, location in enumerate(one for one in locations if one.manner.regular):
        if number >= _MOST_REGEXES:
            raise Unsupported
        if location.takes(path):
            return Chain((location, *find(location.directive.block, path).locations), settled=True)
    return chain


def named(directives: Iterable[Directive], name: str) -> Location | None:
    """The location ``@name`` of a server."""
    return next(
        (one for one in locations_of(directives) if one.manner is Manner.NAMED and one.pattern == name.lstrip("@")),
        None,
    )
