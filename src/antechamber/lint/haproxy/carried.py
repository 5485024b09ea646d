"""What is between a browser and its app alone, and must arrive: cookies, the query, the place in an event stream."""

from __future__ import annotations

from collections.abc import Sequence

from antechamber.engines.haproxy.syntax import Line, Section, condition
from antechamber.lint import asked
from antechamber.lint.haproxy.passage import Passage
from antechamber.lint.reading import unknown
from antechamber.policy.effective import Effective, Place, Source
from antechamber.policy.observation import Observation

_CHANGES_QUERY = frozenset({"set-uri", "set-query", "replace-uri", "set-pathq", "replace-pathq", "normalize-uri"})
_WHOLE_BYTES = 16 * 1024 - 1024
"""What is left of HAProxy's buffer of 16 KiB (tune.bufsize) when room for rewriting (tune.maxrewrite) is taken off."""


def carried(
    passage: Passage, on_the_way: Sequence[Section], process: Section | None, place: Place
) -> dict[Observation, Effective]:
    """What arrives of it, at the app and back. ``passage`` is that of a request with :data:`asked.CARRIED`."""
    seen = {
        Observation.COOKIES: _taken_back(on_the_way) or _sent(passage, "cookie", place),
        Observation.LAST_EVENT_ID: _sent(passage, "last-event-id", place),
        Observation.QUERY: _query(on_the_way, place),
    }
    for line in _answers(on_the_way, "add-header", "cache-control"):
        seen[Observation.CACHE_CONTROL] = Effective("conflicting", Source.SET, "", line.place)
    if buffer := process and process.last("tune.bufsize"):
        seen[Observation.HEADER_BLOCK_BYTES] = _header_block(buffer[0])
    return seen


def _sent(passage: Passage, name: str, place: Place) -> Effective:
    line = passage.written.get(name)
    text = passage.fields.get(name, "")
    if text is None:
        return unknown(f"what {name} becomes is known to HAProxy only", line.place if line else place)
    source = Source.SET if line else Source.DEFAULT
    return Effective(asked.arrived(name, text), source, "", line.place if line else place)


def _taken_back(on_the_way: Sequence[Section]) -> Effective | None:
    lines = _answers(on_the_way, "del-header", "set-cookie")
    return Effective(False, Source.SET, "Set-Cookie is taken away", lines[0].place) if lines else None


def _answers(on_the_way: Sequence[Section], how: str, name: str) -> list[Line]:
    """Rules on answers that always hold, about the field ``name``."""
    lines = [line for section in on_the_way for line in section.all("http-response", how)]
    return [
        line for line in lines if line.words[2:3] and line.words[2].lower() == name and not condition(line.words)[1]
    ]


def _query(on_the_way: Sequence[Section], place: Place) -> Effective:
    for line in (one for section in on_the_way for one in section.all("http-request")):
        rule, words = condition(line.words)
        if rule[1:2] and rule[1] in _CHANGES_QUERY:
            if rule[1:] == ("set-uri", "%[path]") and not words:
                return Effective(False, Source.SET, "set-uri names the path, and not the query", line.place)
            return unknown(f"what {rule[1]} leaves of the query is known to HAProxy only", line.place)
    return Effective(True, Source.DEFAULT, "", place)


def _header_block(line: Line) -> Effective:
    if not (line.words[1:2] and line.words[1].isdecimal()):
        return unknown("tune.bufsize is not understood", line.place)
    size = int(line.words[1])
    return Effective(size if size < _WHOLE_BYTES else 0, Source.SET, "tune.bufsize", line.place)
