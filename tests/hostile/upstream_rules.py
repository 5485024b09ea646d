"""``forwarded_as``: what a case demands of the requests that reached the origin. One function per key.

Each takes the demanded value and what arrived and yields a sentence for each breach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.hostile.corpus import Json, expand, table, words
from tests.hostile.strict import Seen

MANAGED = (
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-real-ip",
    "forwarded",
    "via",
)
"""Fields that a proxy sets itself; what it sets on a plain request is the baseline."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The complete requests of a case, and what the proxy adds to a plain one."""

    requests: list[Seen]
    baseline: Mapping[str, str]

    @property
    def first(self) -> Seen:
        return self.requests[0]


Rule = Callable[[object, Arrival], Iterator[str]]


def breaches(demands: Json, arrival: Arrival) -> list[str]:
    """Every demand that the arrival breaks, as sentences; an unknown demand is a KeyError."""
    return [breach for key, value in demands.items() for breach in RULES[key](value, arrival)]


def method(value: object, arrival: Arrival) -> Iterator[str]:
    if arrival.first.method != value:
        yield f"upstream method {arrival.first.method[:40]!r}, want {value!r}"


def target(value: object, arrival: Arrival) -> Iterator[str]:
    if arrival.first.target.encode("latin-1") != expand(str(value)):
        yield f"upstream target {arrival.first.target[:80]!r}"


def target_any_of(value: object, arrival: Arrival) -> Iterator[str]:
    if arrival.first.target not in words(value):
        yield f"upstream target {arrival.first.target[:80]!r}"


def target_not_contains(value: object, arrival: Arrival) -> Iterator[str]:
    if str(value) in arrival.first.target:
        yield f"upstream target {arrival.first.target[:80]!r}"


def targets(value: object, arrival: Arrival) -> Iterator[str]:
    got = [seen.target for seen in arrival.requests]
    if got != words(value):
        yield f"upstream targets {got}"


def requests(value: object, arrival: Arrival) -> Iterator[str]:
    if len(arrival.requests) != value:
        yield f"{len(arrival.requests)} requests at the origin, want {value}"


def version_any_of(value: object, arrival: Arrival) -> Iterator[str]:
    if arrival.first.version not in words(value):
        yield f"upstream version {arrival.first.version!r}"


def body(value: object, arrival: Arrival) -> Iterator[str]:
    if arrival.first.body != expand(str(value)):
        yield f"upstream body {arrival.first.body[:60]!r} ({len(arrival.first.body)} bytes)"


def body_any_of(value: object, arrival: Arrival) -> Iterator[str]:
    if arrival.first.body not in [expand(text) for text in words(value)]:
        yield f"upstream body {arrival.first.body[:60]!r}"


def header_absent(value: object, arrival: Arrival) -> Iterator[str]:
    for name in words(value):
        if arrival.first.all(name):
            yield f"{name} reached the origin"


def header_present(value: object, arrival: Arrival) -> Iterator[str]:
    for name in words(value):
        if not arrival.first.all(name):
            yield f"no {name} at the origin"


def header_equals(value: object, arrival: Arrival) -> Iterator[str]:
    for name, wanted in table(value).items():
        got = [text.encode("latin-1") for text in arrival.first.all(name)]
        if got != [expand(str(wanted))]:
            yield f"upstream {name} is {[text[:60] for text in got]}"


def header_any_of(value: object, arrival: Arrival) -> Iterator[str]:
    for name, allowed in table(value).items():
        got = arrival.first.all(name)
        if got and got[0] not in words(allowed):
            yield f"upstream {name} is {got[0][:60]!r}"


def header_joined(value: object, arrival: Arrival) -> Iterator[str]:
    for name, wanted in table(value).items():
        if re.sub(r"\s*,\s*", ", ", arrival.first.joined(name)) != wanted:
            yield f"upstream {name} is {arrival.first.all(name)}"


def header_squeezed(value: object, arrival: Arrival) -> Iterator[str]:
    for name, wanted in table(value).items():
        if re.sub(r"\s+", " ", arrival.first.joined(name)) != wanted:
            yield f"upstream {name} is {arrival.first.all(name)}"


def header_contains(value: object, arrival: Arrival) -> Iterator[str]:
    for name, parts in table(value).items():
        joined = "; ".join(arrival.first.all(name))
        yield from (f"upstream {name} lacks {part!r}" for part in words(parts) if part not in joined)


def header_not_contains(value: object, arrival: Arrival) -> Iterator[str]:
    for name, part in table(value).items():
        if str(part).lower() in arrival.first.joined(name).lower():
            yield f"upstream {name} is {arrival.first.all(name)}"


def header_not_equals(value: object, arrival: Arrival) -> Iterator[str]:
    for name, unwanted in table(value).items():
        if unwanted in arrival.first.all(name):
            yield f"upstream {name} is {unwanted!r}"


def header_name_not_contains(value: object, arrival: Arrival) -> Iterator[str]:
    for name, _ in arrival.first.fields:
        if str(value) in name:
            yield f"field name {name!r} reached the origin"


def header_token(value: object, arrival: Arrival) -> Iterator[str]:
    for name, wanted in table(value).items():
        if str(wanted).lower() not in members(arrival.first.joined(name).lower()):
            yield f"upstream {name} is {arrival.first.all(name)}, want the token {wanted!r}"


def host_not(value: object, arrival: Arrival) -> Iterator[str]:
    for host in arrival.first.all("host"):
        if host.rsplit(":", 1)[0].lower() == str(value).lower():
            yield f"upstream Host is {host!r}"


def host_count(value: object, arrival: Arrival) -> Iterator[str]:
    if len(arrival.first.all("host")) != value:
        yield f"{len(arrival.first.all('host'))} Host lines at the origin"


def no_chunk_ext(value: object, arrival: Arrival) -> Iterator[str]:
    if value and arrival.first.extensions:
        yield "a chunk extension reached the origin"


def trailer_bytes_max(value: object, arrival: Arrival) -> Iterator[str]:
    if arrival.first.trailer_bytes > int(str(value)):
        yield f"{arrival.first.trailer_bytes} bytes of trailers reached the origin"


def managed_intact(_: object, arrival: Arrival) -> Iterator[str]:
    """The fields that the proxy adds by itself are there, whatever the client asked to have removed."""
    for name, plain in arrival.baseline.items():
        got = arrival.first.all(name)
        if not got:
            yield f"{name}, added by the proxy, was removed"
        elif name == "x-forwarded-for":
            if last_member(", ".join(got)) != last_member(plain):
                yield f"{name} is {got}"
        elif name not in ("via", "forwarded") and got[-1] != plain:
            yield f"{name} is {got}, want {plain!r}"


def xff_last_is_peer(_: object, arrival: Arrival) -> Iterator[str]:
    got = arrival.first.joined("x-forwarded-for")
    plain = last_member(arrival.baseline.get("x-forwarded-for", "127.0.0.1"))
    if got and last_member(got) != plain:
        yield f"the last X-Forwarded-For element is {last_member(got)!r}, without the client's it is {plain!r}"


def spoof_blocked(value: object, arrival: Arrival) -> Iterator[str]:
    """The client's value is gone; in X-Forwarded-For it may stand before the proxy's own."""
    for name, spoofed in table(value).items():
        chain = members(arrival.first.joined(name))
        believed = chain[-1:] if name.lower() == "x-forwarded-for" else chain
        if spoofed in believed:
            yield f"the client's {name}: {spoofed} reached the origin"


def forwarded_not_last(value: object, arrival: Arrival) -> Iterator[str]:
    if str(value) in last_member(arrival.first.joined("forwarded")):
        yield "the client's Forwarded element is the last one"


def members(text: str) -> list[str]:
    return [member.strip() for member in text.split(",")]


def last_member(text: str) -> str:
    return members(text)[-1]


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        method,
        target,
        target_any_of,
        target_not_contains,
        targets,
        requests,
        version_any_of,
        body,
        body_any_of,
        header_absent,
        header_present,
        header_equals,
        header_any_of,
        header_joined,
        header_squeezed,
        header_contains,
        header_not_contains,
        header_not_equals,
        header_name_not_contains,
        header_token,
        host_not,
        host_count,
        no_chunk_ext,
        trailer_bytes_max,
        managed_intact,
        xff_last_is_peer,
        spoof_blocked,
        forwarded_not_last,
    )
}
