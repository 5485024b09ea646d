"""Directives as effective values: each with its source, its place, and words for a person who looks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint.nginx.directives import Version
from antechamber.lint.nginx.scopes import Found, Hidden, Scopes
from antechamber.lint.reading import unknown
from antechamber.policy.effective import Effective, Place, Scalar, Source

_ONCE_A_SITE = frozenset(
    {
        "client_body_timeout",
        "client_header_timeout",
        "client_max_body_size",
        "keepalive_timeout",
        "proxy_connect_timeout",
        "proxy_send_timeout",
        "send_timeout",
    }
)
"""What is said for a whole site as a rule: that nobody says it is one fault, not one in each location."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a route is served: the levels around, and the directive that a default would be mended in."""

    scopes: Scopes
    place: Place | None
    site: Place | None
    """The site's own, for what is written once and for all routes."""
    secure: bool = False
    """Whether the site speaks TLS itself."""
    version: Version | None = None
    """Of the nginx that reads the file, if somebody said it."""


def value(spot: Spot, name: str, convert: Callable[[str], Scalar | None], default: Scalar) -> Effective:
    """What the directive ``name`` is set to, by its first argument."""
    match spot.scopes.find(name):
        case Found() as found:
            word = found.last.arguments[0] if found.last.arguments else ""
            converted = convert(word)
            if converted is None:
                return unknown(f"{name} {ascii(word)[1:-1]} is not understood", found.last.place)
            return set_to(converted, found)
        case Hidden() as hidden:
            return unknown(hidden.because, hidden.place)
        case None:
            where = f"nothing sets {name}; nginx's default"
            return by_default(spot, default, where, place=spot.site if name in _ONCE_A_SITE else spot.place)


def set_to(scalar: Scalar, found: Found, directive: Directive | None = None) -> Effective:
    """A value that is written on the level that was found."""
    written = directive or found.last
    where = f"inherited from {found.level}" if found.source is Source.INHERITED else f"in {found.level}"
    return Effective(scalar, found.source, where, written.place)


def by_default(spot: Spot, scalar: Scalar, where: str, *, place: Place | None = None) -> Effective:
    """nginx's default; only likely where an outer level that is not in sight may say otherwise."""
    place = place or spot.place
    if spot.scopes.whole:
        return Effective(scalar, Source.DEFAULT, where, place)
    return Effective(scalar, Source.UNKNOWN, f"{where}, unless a level outside of this file says otherwise", place)


def by_version(spot: Spot, since: Version, *, new: Scalar, old: Scalar, what: str) -> Effective:
    """A default that has changed: certain where the version is known, else the old one, as the likely one."""
    number = ".".join(map(str, since))
    if spot.version is None:
        return Effective(old, Source.UNKNOWN, f"{what}: default of nginx < {number}", spot.place)
    if spot.version < since:
        return by_default(spot, old, f"{what}: default of nginx < {number}")
    return by_default(spot, new, f"{what}: default of nginx since {number}")


def least(one: Effective, other: Effective) -> Effective:
    """The smaller of two numbers, the unknown one if either is."""
    if not isinstance(one.value, int | float):
        return one
    if not isinstance(other.value, int | float):
        return other
    return one if one.value <= other.value else other
