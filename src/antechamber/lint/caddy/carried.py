"""What is between a browser and its app alone, and must arrive: cookies, the query, the place in an event stream."""

from __future__ import annotations

from collections.abc import Mapping

from antechamber.lint import asked
from antechamber.lint.caddy.matching import words
from antechamber.lint.caddy.places import Places
from antechamber.lint.caddy.walk import Way
from antechamber.lint.reading import unknown
from antechamber.policy.effective import Effective, Source
from antechamber.policy.observation import Observation


def carried(way: Way, places: Places, upstream: str) -> dict[Observation, Effective]:
    """What arrives of it, at the app and back. ``way`` is that of a request with :data:`asked.CARRIED`."""
    seen = {
        Observation.COOKIES: _taken_back(way, places, upstream) or _sent(way, "cookie", places, upstream),
        Observation.LAST_EVENT_ID: _sent(way, "last-event-id", places, upstream),
        Observation.QUERY: _query(way, places, upstream),
    }
    if any("cache-control" in _names(one.get("add")) for one in way.answers):
        place = places.of(["header_down", "+Cache-Control"], upstream)
        seen[Observation.CACHE_CONTROL] = Effective("conflicting", Source.SET, "", place)
    return seen


def _sent(way: Way, name: str, places: Places, upstream: str) -> Effective:
    text = way.request.fields.get(name, "")
    place = places.of(["header_up", f"-{name}"], upstream)
    if text is None:
        return unknown(f"what {name} becomes is known to Caddy only", place)
    return Effective(asked.arrived(name, text), Source.SET if name in way.written else Source.DEFAULT, "", place)


def _taken_back(way: Way, places: Places, upstream: str) -> Effective | None:
    if not any("set-cookie" in {name.lower() for name in words(one.get("delete"))} for one in way.answers):
        return None
    place = places.of(["header_down", "-Set-Cookie"], upstream)
    return Effective(False, Source.SET, "Set-Cookie is taken away", place)


def _query(way: Way, places: Places, upstream: str) -> Effective:
    if way.query_lost:
        return Effective(False, Source.SET, "the rewrite ends in ?, with nothing behind it", places.of(["rewrite"]))
    return Effective(True, Source.DEFAULT, "", places.proxy(upstream))


def _names(operations: object) -> set[str]:
    return {str(name).lower() for name in operations} if isinstance(operations, Mapping) else set()
