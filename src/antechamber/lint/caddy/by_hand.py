"""Lines of a Caddyfile that do by hand, and worse, what Caddy does by itself
(https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#defaults).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from antechamber.lint.caddy.matching import Tree, words
from antechamber.lint.caddy.places import Places
from antechamber.policy.effective import Effective, Source
from antechamber.policy.observation import Observation

_OWN = {
    "X-Forwarded-For": "{http.request.remote.host}",
    "X-Forwarded-Proto": "{http.request.scheme}",
    "X-Forwarded-Host": "{http.request.hostport}",
}
"""What Caddy sets, but for the word of a trusted proxy, which these leave out."""


def by_hand(proxy: Tree, places: Places, upstream: str) -> dict[Observation, Effective]:
    """The lines of one proxy, and the place of the first."""
    found = [(line, places.of(start, upstream)) for line, start in _lines(proxy)]
    if not found:
        return {Observation.BY_HAND: Effective("", Source.DEFAULT, "", places.proxy(upstream))}
    told = ", ".join(f"{line} (line {place.line})" for line, place in sorted(found, key=lambda one: one[1].line))
    first = min((place for _, place in found), key=lambda place: place.line)
    return {Observation.BY_HAND: Effective(told, Source.SET, "", first)}


def _lines(proxy: Tree) -> Iterator[tuple[str, list[str]]]:
    """Each line as it would be written, and how it begins."""
    rules: object = proxy
    for inner in ("headers", "request", "set"):
        rules = rules.get(inner) if isinstance(rules, Mapping) else None
    for name, own in _OWN.items():
        if isinstance(rules, Mapping) and words(rules.get(name)) == [own]:
            yield f"header_up {name}", ["header_up", name]
    if proxy.get("flush_interval") == -1:
        yield "flush_interval -1", ["flush_interval"]
    transport = proxy.get("transport")
    for name in ("read_timeout", "write_timeout"):
        if isinstance(transport, Mapping) and transport.get(name):
            yield name, [name]
