"""Where a path ends up in a server: the location, the conditions that hold there, and what it is passed to.

After nginx's phases: what the server level rewrites and returns, the location, what that returns, ``try_files``, then
the proxy. A condition that cannot be worked out is taken not to hold if all it does is to answer, and to hold if it
changes how the request is passed on.
"""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint.asked import Asking
from antechamber.lint.nginx.directives import BODIES_ELSEWHERE
from antechamber.lint.nginx.locations import find, named
from antechamber.lint.nginx.scopes import Level, Scopes
from antechamber.lint.nginx.variables import Variables, holds
from antechamber.lint.pattern import Unsupported, matches
from antechamber.policy.effective import Place

_ANSWERS = frozenset({"return", "rewrite", "break", "set", "access_log", "log_not_found"})
_MOST_HOPS = 10
"""nginx ends an internal redirection after ten."""


@dataclass(frozen=True, slots=True)
class Served:
    """A request is passed on: from these levels, to this word."""

    scopes: Scopes
    place: Place | None
    proxy_pass: Directive


@dataclass(frozen=True, slots=True)
class Unclear:
    """What becomes of it cannot be told."""

    because: str
    place: Place | None


Destination = Served | Unclear | None
"""``None``: nginx answers by itself, from files or with a redirection."""


def destination(server: tuple[Directive, ...], outside: Scopes, asking: Asking) -> Destination:
    """Where a request goes in a server, whose level is the first of ``outside``."""
    answered, scopes = _rewritten(outside, outside.innermost, asking)
    if answered:
        return _after_answer(server, outside, scopes, _status(answered), asking, hops=0)
    return _in_location(server, scopes, asking, hops=0)


def _in_location(server: tuple[Directive, ...], outside: Scopes, asking: Asking, *, hops: int) -> Destination:
    try:
        chain = find(server, asking.path)
    except Unsupported:
        first = outside.innermost.first("location")
        return Unclear("a location's regular expression is not understood", first.place if first else None)
    scopes = outside
    for location in chain.locations:
        scopes = scopes.inside(Level("location", location.directive.block, location.directive))
    return _at(server, outside, scopes, asking, hops=hops)


def _at(server: tuple[Directive, ...], outside: Scopes, scopes: Scopes, asking: Asking, *, hops: int) -> Destination:
    level = scopes.innermost
    answered, scopes = _rewritten(scopes, level, asking)
    if answered:
        return _after_answer(server, outside, scopes, _status(answered), asking, hops=hops)
    if rewrite := _moving(level, asking):
        return Unclear(f"{' '.join(rewrite.words)} moves it elsewhere", rewrite.place)
    # What an if sets counts; what it does not set is the location's, its proxy_pass too.
    proxy_pass = next((found for one in _until_location(scopes) if (found := one.first("proxy_pass"))), None)
    place = level.directive.place if level.directive else (proxy_pass.place if proxy_pass else None)
    if proxy_pass is not None:
        return Served(scopes, place, proxy_pass)
    if level.first(*BODIES_ELSEWHERE):
        return None
    fallback = level.first("try_files")
    if fallback is not None and fallback.arguments:
        last = fallback.arguments[-1]
        if last.startswith("="):
            return _after_answer(server, outside, scopes, last.removeprefix("="), asking, hops=hops)
        if (passed_on := _in_named(server, outside, last, asking, hops=hops)) is not None:
            return passed_on
    if level.unread:
        include = level.unread[0]
        return Unclear(f"include {' '.join(include.arguments)} was not read", include.place)
    return None


def _in_named(server: tuple[Directive, ...], outside: Scopes, name: str, asking: Asking, *, hops: int) -> Destination:
    """Where ``@name`` leads to, if there is one."""
    location = named(server, name) if name.startswith("@") and hops < _MOST_HOPS else None
    if location is None:
        return None
    inside = outside.inside(Level("location", location.directive.block, location.directive))
    return _at(server, outside, inside, asking, hops=hops + 1)


def _after_answer(
    server: tuple[Directive, ...], outside: Scopes, scopes: Scopes, status: str, asking: Asking, *, hops: int
) -> Destination:
    """An answer of nginx's own is its end, unless ``error_page STATUS = @name`` sends the request on."""
    pages = next((found for level in scopes.levels if (found := level.all("error_page"))), [])
    page = next((one for one in pages if status in one.arguments[:-1]), None)
    return None if page is None else _in_named(server, outside, page.arguments[-1], asking, hops=hops)


def _status(answer: Directive) -> str:
    return answer.arguments[0] if answer.arguments else ""


def _until_location(scopes: Scopes) -> list[Level]:
    """The ifs that hold, and the location that they stand in."""
    found = []
    for level in scopes.levels:
        found.append(level)
        if level.name != "if":
            break
    return found


def _rewritten(scopes: Scopes, level: Level, asking: Asking) -> tuple[Directive | None, Scopes]:
    """The ``return`` with which the level answers by itself, and the levels with the conditions that hold."""
    if level.name != "http" and (own := level.first("return")):
        return own, scopes
    variables = Variables(asking, scopes)
    for condition in level.all("if"):
        answer = holds(condition, variables)
        if answer is True or (answer is None and any(one.name not in _ANSWERS for one in condition.block)):
            inner = Level("if", condition.block, condition)
            if answer and (own := inner.first("return")):
                return own, scopes
            if any(one.name not in _ANSWERS for one in condition.block):
                scopes = scopes.inside(inner)
    return None, scopes


def _moving(level: Level, asking: Asking) -> Directive | None:
    """A rewrite that sends the request to another location, or away."""
    for rewrite in level.all("rewrite"):
        if len(rewrite.words) < 3 or rewrite.words[-1] == "break":
            continue
        try:
            if matches(rewrite.words[1], asking.path):
                return rewrite
        except Unsupported:
            return rewrite
    return None
