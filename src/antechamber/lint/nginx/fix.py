"""Faults mended in the text of an nginx configuration, as far as that is safe.

Safe is what cannot take anything from another app: values are raised, fields are set to what the proxy itself sees, a
location that lost its fields by setting one of its own inherits them again. It is done in rounds, each of which reads
the text anew and mends one kind of fault, until a round changes nothing: so it is idempotent by construction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from antechamber.engines.nginx.quoting import size
from antechamber.engines.nginx.syntax import Directive, every
from antechamber.engines.values import field_name, short_time
from antechamber.lint.choice import Wanted
from antechamber.lint.judge import judged_sites, lint
from antechamber.lint.nginx.around import drawn_around
from antechamber.lint.nginx.edit import Edit, after, applied, before, removed, replaced, within
from antechamber.lint.nginx.loading import faults
from antechamber.lint.nginx.quantities import octets, seconds
from antechamber.lint.nginx.read import NginxReading
from antechamber.lint.nginx.scopes import Level
from antechamber.lint.nginx.serving import Served
from antechamber.lint.nginx.site import NginxSite
from antechamber.policy.effective import PolicyField, body_limit_bytes, silence_s
from antechamber.policy.model import Policy, Route
from antechamber.rules.verdict import Fired

_MOST_ROUNDS = 40

_UPGRADE, _CONNECTION = "$antechamber_upgrade", "$antechamber_connection"
_ONLY_WEBSOCKETS = (
    "# AC101, AC102: an upgrade goes through if it is a WebSocket's.",
    f'set {_UPGRADE} "";',
    f'set {_CONNECTION} "";',
    "if ($http_upgrade ~* ^websocket$) {",
    f"    set {_UPGRADE} websocket;",
    f"    set {_CONNECTION} upgrade;",
    "}",
)
"""At server level, where a text that is included in a server may have it; a map could stand in http only."""

_HTTP_ONLY = frozenset(
    {
        "geo",
        "include",
        "limit_conn_zone",
        "limit_req_zone",
        "log_format",
        "map",
        "map_hash_bucket_size",
        "proxy_cache_path",
        "server_names_hash_bucket_size",
        "server_names_hash_max_size",
        "split_clients",
        "upstream",
        "variables_hash_max_size",
    }
)
"""Must not stand in a server; an include may hold one of these."""

_FIELDS: Mapping[PolicyField, tuple[tuple[str, str], ...]] = {
    PolicyField.HOST: (("Host", "$http_host"),),
    PolicyField.CLIENT_ADDRESS: (("X-Real-IP", "$remote_addr"), ("X-Forwarded-For", "$remote_addr")),
    PolicyField.FORWARDED_PROTO: (("X-Forwarded-Proto", "$scheme"),),
    PolicyField.FORWARDED_HOST: (("X-Forwarded-Host", "$http_host"),),
    PolicyField.FORWARDED: (("Forwarded", '""'),),
    PolicyField.UPGRADES: (("Upgrade", _UPGRADE), ("Connection", _CONNECTION)),
}
_OF_A_CLIENT = frozenset({"accept", "cache-control"})
"""What browsers send on an event stream by themselves (HTML, server-sent events): nobody misses the line."""
_TAKEN_BACK = _OF_A_CLIENT | {name.lower() for fields in _FIELDS.values() for name, _ in fields}

_BY_RULE: Mapping[str, tuple[PolicyField, ...]] = {
    "AC101": (PolicyField.UPGRADES,),
    "AC102": (PolicyField.UPGRADES,),
    "AC103": (PolicyField.UPGRADES,),
    "AC501": (PolicyField.HOST,),
    "AC502": (PolicyField.CLIENT_ADDRESS,),
    "AC503": (PolicyField.FORWARDED_PROTO,),
    "AC504": (PolicyField.FORWARDED_HOST,),
    "AC505": (PolicyField.FORWARDED,),
    "AC506": (PolicyField.LOOK_ALIKES,),
    "AC507": (PolicyField.HOST, PolicyField.FORWARDED_HOST),
    "AC508": (PolicyField.FORWARDED_HOST, PolicyField.FORWARDED_PROTO),
    "AC509": tuple(_FIELDS),
    "AC510": (PolicyField.CLIENT_ADDRESS,),
    "AC511": (PolicyField.CLIENT_ADDRESS,),
}


@dataclass(frozen=True, slots=True)
class _Setting:
    """A directive that mends a rule."""

    name: str
    value: Callable[[Policy, Route], str]
    once: bool = False
    """Whether it belongs on the site's level if nothing says it yet."""


def _time(seconds: Callable[[Policy, Route], float]) -> Callable[[Policy, Route], str]:
    return lambda policy, route: short_time(math.ceil(seconds(policy, route)))


def _send_s(policy: Policy, route: Route) -> float:
    return policy.timeouts.stream_send_s if route.kind.live else policy.timeouts.send_s


def _longest_send_s(policy: Policy, _: Route) -> float:
    return max(policy.timeouts.stream_send_s, policy.timeouts.send_s)


def _largest_body(policy: Policy, _: Route) -> str:
    return size(max(body_limit_bytes(policy, route) for route in policy.routes))


_SETTINGS: Mapping[str, tuple[_Setting, ...]] = {
    "AC101": (_Setting("proxy_http_version", lambda *_: "1.1", once=True),),
    "AC201": (_Setting("proxy_buffering", lambda *_: "off"),),
    "AC301": (_Setting("client_max_body_size", _largest_body, once=True),),
    "AC302": (
        _Setting("proxy_request_buffering", lambda *_: "off", once=True),
        _Setting("proxy_http_version", lambda *_: "1.1", once=True),
    ),
    "AC401": (_Setting("proxy_connect_timeout", _time(lambda policy, _: policy.timeouts.connect_s), once=True),),
    "AC402": (_Setting("proxy_read_timeout", _time(silence_s)),),
    "AC403": (_Setting("proxy_read_timeout", _time(silence_s)),),
    "AC404": (
        _Setting("proxy_send_timeout", _time(_longest_send_s), once=True),
        _Setting("send_timeout", _time(_longest_send_s), once=True),
    ),
    "AC601": (_Setting("gzip", lambda *_: "off", once=True),),
    "AC602": (_Setting("proxy_cache", lambda *_: "off"),),
}


def fixed(
    reading: NginxReading, policy: Policy, wanted: Wanted, *, outer_cdn: bool = False
) -> tuple[Mapping[str, str], NginxReading]:
    """The texts of all files with what is safe to mend mended, and what is then read."""
    original = dict(reading.config.texts)
    texts = original
    for _ in range(_MOST_ROUNDS):
        look = _Round(reading, policy, wanted, texts, outer_cdn=outer_cdn)
        edits = look.edits() or (look.around() if texts != original else [])
        changed = {name: applied(text, [one for one in edits if one.file == name]) for name, text in texts.items()}
        if changed == texts:
            break
        texts = changed
        reading = reading.again(texts)
    return texts, reading


class _Round:
    """One look at the texts, and the first kind of fault that can be mended."""

    def __init__(
        self, reading: NginxReading, policy: Policy, wanted: Wanted, texts: Mapping[str, str], *, outer_cdn: bool
    ) -> None:
        self._reading = reading
        self._policy = policy
        self._texts = texts
        self._sites = [one for one in judged_sites(reading.reading, policy, wanted) if isinstance(one, NginxSite)]
        self._routes = {route.path: route for route in policy.routes}
        verdicts = lint(reading.reading, policy, wanted, outer_cdn=outer_cdn).verdicts
        self._fired = [one for one in verdicts if isinstance(one.verdict, Fired)]

    def edits(self) -> list[Edit]:
        for kind in (
            self._servers,
            self._duplicates,
            self._leftovers,
            self._traps,
            self._headers,
            self._settings,
            self._upstreams,
        ):
            if edits := list(kind()):
                return edits
        return []

    def around(self) -> list[Edit]:
        """Once everything else is mended: what stands alone is put so that it holds wherever it is pasted."""
        return [edit for site in self._sites for edit in drawn_around(site, self._texts)]

    def _ids(self, path: str | None = None) -> set[str]:
        return {one.rule.id for one in self._fired if path is None or one.path == path}

    def _text(self, directive: Directive) -> str:
        return self._texts[directive.place.file]

    def _servers(self) -> Iterator[Edit]:
        """Locations that stand in an http block get the server that nginx misses around them."""
        for site in self._sites:
            http = site.outside.innermost.directive
            if site.directive is not None or http is None or http.braces is None:
                continue
            first = _after_last(http.block, _HTTP_ONLY)
            if first is None or first.place.file != http.place.file:
                continue
            text = self._text(http)
            yield before(first, ("server {  # AC802", "    listen 80;"), text)
            start = text.rfind("\n", 0, http.braces[1]) + 1
            own_line = not text[start : http.braces[1]].strip()
            at = start if own_line else http.braces[1]
            yield Edit(http.place.file, at, at, "}\n" if own_line else " } ")

    def _duplicates(self) -> Iterator[Edit]:
        """A directive that says the same twice is said once."""
        if "AC802" not in self._ids():
            return
        places = {fault.place for fault in faults(self._reading.config.top)}
        for level in _levels(self._reading.config.top):
            first: dict[str, Directive] = {}
            for directive in level:
                earlier = first.setdefault(directive.name, directive)
                if directive.place in places and earlier.words == directive.words and not directive.braces:
                    yield removed(directive, self._text(directive))

    def _leftovers(self) -> Iterator[Edit]:
        """Lines that do nothing, or nothing good."""
        wanted = {"AC307": "client_body_buffer_size", "AC211": "add_header", "AC610": "add_header"}
        places = {
            one.verdict.place: wanted[one.rule.id]
            for one in self._fired
            if one.rule.id in wanted and isinstance(one.verdict, Fired)
        }
        for directive in every(self._reading.config.top):
            if places.get(directive.place) == directive.name:
                yield removed(directive, self._text(directive))

    def _served(self) -> Iterator[tuple[NginxSite, Route, Served]]:
        for site in self._sites:
            for route in self._policy.routes:
                found = site.destination(route)
                if isinstance(found, Served):
                    yield site, route, found

    def _traps(self) -> Iterator[Edit]:
        """A location that sets fields of its own, all of which the server's level is to set, gives them up."""
        about_fields = set(_BY_RULE)
        for level in {id(one): one for one in self._own_levels(about_fields)}.values():
            for directive in level.all("proxy_set_header"):
                yield removed(directive, self._text(directive))

    def _own_levels(self, rules: set[str]) -> Iterator[Level]:
        for _, route, served in self._served():
            if not self._ids(route.path) & rules:
                continue
            for level in served.scopes.levels:
                own = level.all("proxy_set_header")
                if level.name == "location" and own and all(_is_taken_back(one) for one in own):
                    yield level

    def _headers(self) -> Iterator[Edit]:
        for site in self._sites:
            wrong = self._wrong_fields(site)
            if not wrong:
                continue
            if PolicyField.UPGRADES in wrong and not _sets(site.level, _UPGRADE):
                yield from self._on_top(site, _ONLY_WEBSOCKETS)
            targets = {id(one): one for one in self._header_levels(site)} or {0: site.level}
            for level in targets.values():
                yield from self._in_level(site, level, wrong)

    def _wrong_fields(self, site: NginxSite) -> list[PolicyField]:
        places = {route.path for one, route, _ in self._served() if one is site}
        found = [field for one in self._fired if one.path in places for field in _BY_RULE.get(one.rule.id, ())]
        return list(dict.fromkeys(found))

    def _header_levels(self, site: NginxSite) -> Iterator[Level]:
        """The levels whose fields go up on a route where one is wrong."""
        for one, route, served in self._served():
            if one is not site or not self._ids(route.path) & set(_BY_RULE):
                continue
            levels = [level for level in served.scopes.levels if level.all("proxy_set_header")]
            chosen_level = levels[0] if levels and levels[0].name != "http" else site.level
            yield chosen_level

    def _in_level(self, site: NginxSite, level: Level, wrong: list[PolicyField]) -> Iterator[Edit]:
        own = {one.words[1].lower(): one for one in level.all("proxy_set_header") if len(one.words) == 3}
        added = []
        for name, value in self._lines(site, wrong, alone=not own):
            statement = f"proxy_set_header {name} {value};"
            present = own.get(name.lower())
            twins = [
                one for one in level.all("proxy_set_header") if one.words[1:2] and one.words[1].lower() == name.lower()
            ]
            for twin in twins:
                if twin is not present:  # both would be sent
                    yield removed(twin, self._text(twin))
            if present is None:
                added.append(statement)
            elif present.words[2] != value.strip('"'):
                yield replaced(present, statement)
        if added and own:
            last = level.all("proxy_set_header")[-1]
            yield after(last, added, self._text(last))
        elif added and level is site.level:
            yield from self._on_top(site, added)

    def _lines(self, site: NginxSite, wrong: list[PolicyField], *, alone: bool) -> Iterator[tuple[str, str]]:
        """The fields to set; where there were none, all, for one that is set ends the inheritance of the others."""
        for field, lines in _FIELDS.items():
            if field in wrong or (alone and field is not PolicyField.UPGRADES):
                yield from lines
        if PolicyField.LOOK_ALIKES in wrong or alone:
            yield from ((field_name(name), '""') for name in sorted(self._policy.untrusted_fields))

    def _settings(self) -> Iterator[Edit]:
        done: set[tuple[int, str]] = set()
        for site, route, served in self._served():
            for identifier in sorted(self._ids(route.path) & set(_SETTINGS)):
                for setting in _SETTINGS[identifier]:
                    yield from self._set(site, route, served, setting, done)

    def _set(
        self, site: NginxSite, route: Route, served: Served, setting: _Setting, done: set[tuple[int, str]]
    ) -> Iterator[Edit]:
        value = setting.value(self._policy, route)
        level = next((one for one in served.scopes.levels if one.all(setting.name)), None)
        if level is not None and (level.name in ("location", "if") or (setting.once and level.name == "server")):
            present = level.all(setting.name)[-1]
            if present.arguments[:1] != (value,) and (id(present), "") not in done and _is_weaker(present, value):
                done.add((id(present), ""))
                yield replaced(present, f"{setting.name} {value};")
            return
        if setting.once or not served.scopes.innermost.directive:
            if (id(site), setting.name) not in done:
                done.add((id(site), setting.name))
                yield from self._on_top(site, [f"{setting.name} {value};"])
            return
        block = served.scopes.innermost.directive
        if (id(block), setting.name) not in done:
            done.add((id(block), setting.name))
            yield within(block, [f"{setting.name} {value};"], self._text(block))

    def _upstreams(self) -> Iterator[Edit]:
        """A kept connection is given up before the app does."""
        places = {one.verdict.place for one in self._fired if one.rule.id == "AC406" and isinstance(one.verdict, Fired)}
        wanted = f"keepalive_timeout {short_time(self._policy.timeouts.upstream_idle_s)};"
        for upstream in (one for one in every(self._reading.config.top) if one.name == "upstream" and one.braces):
            stated = [one for one in upstream.block if one.name == "keepalive_timeout"]
            if stated and stated[-1].place in places:
                yield replaced(stated[-1], wanted)
            elif upstream.place in places:
                yield within(upstream, [wanted], self._text(upstream))

    def _on_top(self, site: NginxSite, statements: Iterable[str]) -> Iterator[Edit]:
        """Above the first thing of a site that is served, behind what is said of the site itself."""
        first = next((one for one in site.block if one.name in ("location", "proxy_set_header")), None)
        anchor = first or (site.block[-1] if site.block else None)
        if anchor is not None and anchor.place.file in self._texts:
            yield before(anchor, statements, self._text(anchor))


def _after_last(level: tuple[Directive, ...], names: frozenset[str]) -> Directive | None:
    """The first directive behind all with these names; ``None`` where a location stands before one of them."""
    last = max((index for index, one in enumerate(level) if one.name in names), default=-1)
    if any(one.name == "location" for one in level[: last + 1]):
        return None
    return next(iter(level[last + 1 :]), None)


def _is_taken_back(header: Directive) -> bool:
    return len(header.words) == 3 and header.words[1].lower() in _TAKEN_BACK


def _sets(level: Level, variable: str) -> bool:
    return any(one.arguments[:1] == (variable,) for one in level.all("set"))


def _is_weaker(present: Directive, value: str) -> bool:
    """Whether the new value is another kind of thing, or larger: nothing is ever lowered."""
    convert = octets if present.name == "client_max_body_size" else seconds
    old, new = (convert(word) for word in ((present.arguments or ("",))[0], value))
    return old is None or new is None or old < new or present.name == "proxy_http_version"


def _levels(directives: tuple[Directive, ...]) -> Iterator[tuple[Directive, ...]]:
    yield directives
    for directive in directives:
        yield from _levels(directive.block)
