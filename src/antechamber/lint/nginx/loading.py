"""What keeps nginx from loading a configuration, as far as a file shows it: the same directive twice on one level.

A proxy that does not load serves nothing; Nginx Proxy Manager then takes the host off line without a word. ``nginx -t``
finds more than this; what it finds here is what happens when a text meets a template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint.nginx.directives import ONCE
from antechamber.lint.nginx.locations import location_of
from antechamber.policy.effective import Effective, Place, Source

_OTHER_GRAMMARS = frozenset({"map", "geo", "types", "split_clients", "charset_map", "match"})


def faults(top: Iterable[Directive]) -> Iterator[Effective]:
    """A value for each fault, whose place is the second of the two."""
    seen: dict[object, Directive] = {}
    for directive in top:
        key, what = _identity(directive)
        if key is not None and (first := seen.get(key)):
            where = f"{what} is a duplicate of line {first.place.line}"
            if first.place.file != directive.place.file:
                where += f" of {first.place.file}"
            yield Effective(False, Source.SET, where, directive.place)
        elif key is not None:
            seen[key] = directive
        if directive.name == "http" and (misplaced := _misplaced(directive)):
            yield Effective(
                False, Source.SET, '"location" directive is not allowed here: no server is around it', misplaced
            )
        if directive.name not in _OTHER_GRAMMARS:
            yield from faults(directive.block)


def _misplaced(http: Directive) -> Place | None:
    """The first location that stands in an http block itself."""
    return next((one.place for one in http.block if one.name == "location"), None)


def _identity(directive: Directive) -> tuple[object, str]:
    if directive.name in ONCE:
        return directive.name, f'"{directive.name}"'
    if directive.name == "upstream":
        return directive.words, f'upstream "{" ".join(directive.arguments)}"'
    if directive.name == "location" and (location := location_of(directive)):
        exact = "^~" if location.manner == "" else location.manner  # a prefix, with and without it, is one
        return ("location", exact, location.pattern), f'location "{" ".join(directive.arguments)}"'
    return None, ""
