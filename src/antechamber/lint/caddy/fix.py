"""Faults mended in the text of a Caddyfile, as far as that is safe.

Safe is what cannot take anything from another app: what Caddy does better by itself is left to it, limits are raised,
strangers' fields are dropped on the way to the app. Each round reads the text with Caddy and mends one kind of fault,
until a round changes nothing; a text that Caddy would not load any more is never given back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from antechamber.engines.nginx.syntax import Directive, every
from antechamber.engines.values import field_name, short_time
from antechamber.errors import ConfigError
from antechamber.lint.caddy.read import read_caddyfile
from antechamber.lint.caddy.syntax import parse
from antechamber.lint.choice import Wanted
from antechamber.lint.judge import judged_sites, lint
from antechamber.lint.nginx.edit import Edit, after, applied, before, removed, replaced, within
from antechamber.lint.reading import Reading
from antechamber.lint.source import Source
from antechamber.policy.effective import Place, body_limit_bytes, silence_s
from antechamber.policy.model import Policy
from antechamber.rules.verdict import Fired

_MOST_ROUNDS = 30
_ENVIRONMENT = re.compile(r"\{\$\w+:(.+)\}")
"""A variable with what holds where the environment has none, which is what Caddy read here."""
_FOREIGN = "@antechamber_foreign"
_ONLY_WEBSOCKETS = (
    "# AC101, AC102: an upgrade goes through if it is a WebSocket's.",
    f"{_FOREIGN} not header_regexp Upgrade (?i)^websocket$",
    f"request_header {_FOREIGN} -Upgrade",
)
_TAKEN_AWAY: Mapping[str, frozenset[str]] = {
    "AC201": frozenset({"response_buffers", "buffer_responses"}),
    "AC302": frozenset({"request_buffers", "buffer_requests"}),
    "AC501": frozenset({"header_up host"}),
    "AC502": frozenset({"header_up x-forwarded-for"}),
    "AC503": frozenset({"header_up x-forwarded-proto"}),
    "AC504": frozenset({"header_up x-forwarded-host"}),
    "AC507": frozenset({"header_up host", "header_up x-forwarded-host"}),
    "AC508": frozenset({"header_up x-forwarded-host", "header_up x-forwarded-proto"}),
    "AC510": frozenset({"header_up x-forwarded-for"}),
    "AC511": frozenset({"header_up x-forwarded-for"}),
    "AC601": frozenset({"encode"}),
}
"""What Caddy does better without: a line that a finding is about goes if it begins so."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text, and what is then read of it."""

    text: str
    reading: Reading


def fixed(source: Source, program: str, policy: Policy, wanted: Wanted, *, outer_cdn: bool = False) -> Fixed:
    """What is safe to mend, mended. Raises :class:`ConfigError` if Caddy would not load the result."""
    text, reading = source.text, read_caddyfile(source, program)
    loaded = not reading.faults
    for _ in range(_MOST_ROUNDS):
        round_ = _Round(reading, policy, wanted, source.name, text, outer_cdn=outer_cdn)
        changed = applied(text, round_.edits())
        if changed == text:
            break
        text = changed
        reading = read_caddyfile(Source(source.name, text, source.path), program)
    if reading.faults and loaded:
        raise ConfigError(
            "what would be changed does not load, so nothing was", place=source.name, way_out="Mend it by each fix."
        )
    return Fixed(text, reading)


class _Round:
    """One look at the text, and the first kind of fault that can be mended."""

    def __init__(
        self, reading: Reading, policy: Policy, wanted: Wanted, name: str, text: str, *, outer_cdn: bool
    ) -> None:
        self._policy = policy
        self._name = name
        self._text = text
        self._sites = judged_sites(reading, policy, wanted)
        verdicts = lint(reading, policy, wanted, outer_cdn=outer_cdn).verdicts
        self._fired = [one for one in verdicts if isinstance(one.verdict, Fired)]
        self._top = parse(text, file=name)

    def edits(self) -> list[Edit]:
        for kind in (self._lines, self._upgrades, self._limits, self._body, self._proxies, self._address):
            if edits := list(kind()):
                return edits
        return []

    def _ids(self) -> set[str]:
        return {one.rule.id for one in self._fired}

    def _address(self) -> Iterator[Edit]:
        """A text without an address is no Caddyfile; it gets the public one, or every name over plain http. Comes last:
        without one it is known to be the app's."""
        if "AC802" not in self._ids() or not any(site.fragment for site in self._sites):
            return
        origin = self._policy.public_origin
        address = f"{origin.scheme}://{origin.host}" if origin else ":80"
        told = "" if origin else " The name of the site in its place gets a certificate as well."
        plain = not any(mark in self._text for mark in ("`", "<<"))  # a text of several lines is left as it is
        lines = self._text.rstrip("\n").split("\n")
        inner = "\n".join(f"\t{line}" if line.strip() and plain else line for line in lines)
        yield Edit(self._name, 0, len(self._text), f"# AC802: where the site is.{told}\n{address} {{\n{inner}\n}}\n")

    def _lines(self) -> Iterator[Edit]:
        """A line that a finding is about, where Caddy does better by itself."""
        wanted: dict[Place, frozenset[str]] = {}
        for one in self._fired:
            if one.rule.id in _TAKEN_AWAY and isinstance(one.verdict, Fired) and one.verdict.place:
                place = one.verdict.place
                wanted[place] = wanted.get(place, frozenset()) | _TAKEN_AWAY[one.rule.id]
        for statement in self._own():
            starts = wanted.get(statement.place, frozenset())
            words = [word.lower() for word in statement.words]
            if words[0] in starts or " ".join(words[:2]) in starts:
                yield removed(statement, self._text)

    def _own(self) -> Iterator[Directive]:
        """What is about the app alone: in a proxy that leads to it, or in a site; others import a snippet as well."""
        yield from (inner for proxy in self._targets() for inner in every(proxy.block))
        for site in self._top:
            if not site.name.startswith("("):
                yield from (one for one in every([site]) if one.name == "encode")

    def _targets(self) -> list[Directive]:
        """The proxies that lead to the app."""
        dials = {upstream for site in self._sites for upstream in site.upstreams}
        found = [one for one in every(self._top) if one.name == "reverse_proxy"]
        return [one for one in found if any(_leads_to(word, dials) for word in _upstreams(one))]

    def _upgrades(self) -> Iterator[Edit]:
        """Beside each proxy, once in a block."""
        if not {"AC101", "AC102"} & self._ids():
            return
        for level in _levels(self._top):
            here = [one for one in level if one in self._targets()]
            if here and not any(one.name == _FOREIGN for one in level):
                yield before(here[0], _ONLY_WEBSOCKETS, self._text)

    def _limits(self) -> Iterator[Edit]:
        """Time limits that are written are raised, one that is missing is written into the transport."""
        ids = self._ids()
        times = self._policy.timeouts
        longest = max(silence_s(self._policy, route) for route in self._policy.routes)
        wanted = {
            "AC401": ("dial_timeout", times.connect_s),
            "AC402": ("response_header_timeout", longest),
            "AC403": ("read_timeout", longest),
            "AC406": ("keepalive", times.upstream_idle_s),
        }
        for proxy in self._targets():
            transport = next((one for one in proxy.block if one.words[:2] == ("transport", "http")), None)
            inside = {one.name: one for one in transport.block} if transport else {}
            missing = []
            for identifier, (name, seconds) in wanted.items():
                if identifier not in ids:
                    continue
                statement = f"{name} {short_time(seconds)}"
                if identifier == "AC402" and name not in inside and "read_timeout" in inside:
                    name, statement = "read_timeout", f"read_timeout {short_time(seconds)}"
                if name in inside and " ".join(inside[name].words) != statement:
                    yield replaced(inside[name], statement)
                elif name not in inside and identifier in ("AC401", "AC406"):
                    missing.append(statement)
            if missing and transport is None:
                block = ("transport http {", *(f"\t{one}" for one in missing), "}")
                yield self._inside(proxy, block)
            elif missing and transport is not None:
                yield self._inside(transport, missing)

    def _body(self) -> Iterator[Edit]:
        largest = max(body_limit_bytes(self._policy, route) for route in self._policy.routes)
        places = self._places("AC301")
        for statement in every(self._top):
            if statement.name == "max_size" and statement.place in places:
                yield replaced(statement, f"max_size {largest}")

    def _proxies(self) -> Iterator[Edit]:
        """What is said to the app of a request, and how long a socket outlives a reload."""
        ids = self._ids()
        asked: list[tuple[Callable[[Directive], bool], str]] = []
        if {"AC502", "AC510", "AC511"} & ids:
            asked.append((_sets("x-real-ip"), "header_up X-Real-IP {client_ip}"))
        if "AC505" in ids:
            asked.append((_sets("-forwarded"), "header_up -Forwarded"))
        if "AC506" in ids:
            for name in sorted(self._policy.untrusted_fields):
                asked.append((_sets(f"-{name}"), f"header_up -{field_name(name)}"))
        if "AC801" in ids:
            delay = f"stream_close_delay {short_time(self._policy.timeouts.stream_idle_s)}"
            asked.append((lambda one: one.name == "stream_close_delay", delay))
        for proxy in self._targets():
            missing = []
            for is_it, statement in asked:
                present = next((one for one in proxy.block if is_it(one)), None)
                if present is None:
                    missing.append(statement)
                elif " ".join(present.words) != statement:
                    yield replaced(present, statement)
            if missing:
                yield self._inside(proxy, missing)

    def _inside(self, statement: Directive, lines: Sequence[str]) -> Edit:
        """``lines`` as the last of a block, which is opened if there is none."""
        if statement.braces is None:
            end = statement.span[1]
            start = self._text.rfind("\n", 0, statement.span[0]) + 1
            indent = self._text[start : statement.span[0]]
            indent = indent if not indent.strip() else ""
            inner = "".join(f"{indent}\t{line}\n" for line in lines)
            return Edit(self._name, end, end, f" {{\n{inner}{indent}}}")
        if statement.block:
            return after(statement.block[-1], lines, self._text)
        return within(statement, lines, self._text)

    def _places(self, identifier: str) -> set[Place | None]:
        return {
            one.verdict.place for one in self._fired if one.rule.id == identifier and isinstance(one.verdict, Fired)
        }


def _sets(name: str) -> Callable[[Directive], bool]:
    return lambda one: one.name == "header_up" and one.words[1:2] != () and one.words[1].lower() == name


def _upstreams(proxy: Directive) -> list[str]:
    """The words that may be upstreams; a matcher is none."""
    words = [one for one in proxy.arguments if not one.startswith(("@", "/")) and one != "*"]
    return [*words, *(word for one in proxy.block if one.name == "to" for word in one.arguments)]


def _leads_to(word: str, dials: set[str]) -> bool:
    if default := _ENVIRONMENT.fullmatch(word):
        word = default[1]
    bare = (word.partition("://")[2] or word).removesuffix("/")
    return bare in dials or f"{bare}:80" in dials or f"{bare}:443" in dials


def _levels(statements: tuple[Directive, ...]) -> Iterator[tuple[Directive, ...]]:
    yield statements
    for statement in statements:
        yield from _levels(statement.block)
