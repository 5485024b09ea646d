"""The levels around a place of a configuration, and what holds there.

A level may have an include that was not read: then whether it sets something cannot be told, and neither can what an
outer level says about it. So there are three answers: found, hidden, and set nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint.nginx.directives import ADDED_UP
from antechamber.policy.effective import Place, Source

_ABOUT_OTHER_THINGS = re.compile(
    r"mime\.types|fastcgi|uwsgi|scgi|ssl|letsencrypt|acme|certbot|koi-|win-utf|modules-|security|geoip|crowdsec|fail2ban"
)
"""Names of usual include files that say nothing about how a request is passed on."""

_MAKERS = ("map", "geo", "split_clients", "auth_request_set", "js_set", "perl_set")
"""The directives that make a variable wherever they stand; ``set`` acts in its turn."""

_NAMES = {"http": "the http block", "server": "the server block", "location": "the location around", "if": "the if"}


@dataclass(frozen=True, slots=True)
class Found:
    """The directives of one name that hold, all of one level."""

    directives: tuple[Directive, ...]
    source: Source
    level: str
    """The level in words."""

    @property
    def last(self) -> Directive:
        return self.directives[-1]


@dataclass(frozen=True, slots=True)
class Hidden:
    """Something that was not read may say it."""

    because: str
    place: Place | None


class Level:
    """What stands between one pair of braces."""

    def __init__(self, name: str, directives: Iterable[Directive], directive: Directive | None = None) -> None:
        self.name = name
        self.directive = directive
        self.directives = tuple(directives)
        self._by_name: dict[str, list[Directive]] = {}
        for one in self.directives:
            self._by_name.setdefault(one.name, []).append(one)
        includes = self._by_name.get("include", [])
        self.unread = [one for one in includes if not _ABOUT_OTHER_THINGS.search(" ".join(one.arguments))]

    def all(self, name: str) -> list[Directive]:
        return self._by_name.get(name, [])

    @cached_property
    def makers(self) -> Mapping[str, Directive]:
        """What makes a variable here, by the variable's name in lower case: the first that does."""
        made: dict[str, Directive] = {}
        for name in _MAKERS:
            for directive in self.all(name):
                if len(directive.words) > 1:
                    word = directive.words[1] if name.endswith("set") else directive.words[-1]
                    made.setdefault(word.lstrip("$").lower(), directive)
        return made

    def first(self, *names: str) -> Directive | None:
        return next((found[0] for name in names if (found := self._by_name.get(name))), None)


@dataclass(frozen=True, slots=True)
class Scopes:
    """Levels around a place, innermost first: ifs, locations, server, http, main."""

    levels: tuple[Level, ...]
    whole: bool
    """Whether the outermost level is in sight; a site's file is included in an http block that is not."""

    def find(self, name: str) -> Found | Hidden | None:
        """What holds, where a level that has the directive inherits none of it."""
        for depth, level in enumerate(self.levels):
            if found := level.all(name):
                source = Source.INHERITED if depth else Source.SET
                return Found(tuple(found), source, _NAMES.get(level.name, level.name))
            if level.unread:
                include = level.unread[0]
                return Hidden(f"include {' '.join(include.arguments)} was not read", include.place)
        return None

    def added_up(self, name: str) -> list[Directive]:
        """All of a kind that outer and inner levels have together, in the order in which they act."""
        assert name in ADDED_UP
        return [directive for level in reversed(self.levels) for directive in level.all(name)]

    @property
    def innermost(self) -> Level:
        return self.levels[0]

    def inside(self, level: Level) -> Scopes:
        return Scopes((level, *self.levels), self.whole)
