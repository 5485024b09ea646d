"""One server block, or a text that is meant to be included in one, as a site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from antechamber.engines.nginx.syntax import Directive, every
from antechamber.lint.asked import Asking
from antechamber.lint.nginx.carried import carried
from antechamber.lint.nginx.directives import Version
from antechamber.lint.nginx.fields import fields
from antechamber.lint.nginx.forwarding import Forwarding
from antechamber.lint.nginx.locations import Location, Manner, locations_of
from antechamber.lint.nginx.quantities import octets
from antechamber.lint.nginx.scopes import Found, Level, Scopes
from antechamber.lint.nginx.serving import Destination, Served, Unclear, destination
from antechamber.lint.nginx.values import Spot, set_to
from antechamber.lint.nginx.variables import Variables
from antechamber.lint.pattern import Unsupported
from antechamber.lint.reading import unknown
from antechamber.lint.requests import asking_for, neighbours, sample_path
from antechamber.policy.effective import Effective, EffectiveRoute, Place, PolicyField, Source
from antechamber.policy.model import Policy, Route
from antechamber.policy.observation import Observation

_OLD_TLS = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"})
_HTTP2_ON_ITS_OWN: Version = (1, 25, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One ``listen``, as far as it matters here."""

    secure: bool
    http2: bool
    place: Place


@dataclass(slots=True, kw_only=True)
class NginxSite:
    """A server block with the levels around it."""

    block: tuple[Directive, ...]
    """What stands in its braces; all of a fragment."""
    directive: Directive | None
    """The server directive; ``None`` for a fragment."""
    outside: Scopes
    """The http level and the main one, as far as they are in sight."""
    others: tuple[Directive, ...] = ()
    """The other servers of the same configuration."""
    version: Version | None = None
    _level: Level = field(init=False)
    _locations: tuple[Location, ...] = field(init=False)
    """Those that a path may lead to, at any depth."""

    def __post_init__(self) -> None:
        self._level = Level("server", self.block, self.directive)
        found = locations_of(every(self.block))
        self._locations = tuple(one for one in found if one.manner is not Manner.NAMED)

    @property
    def fragment(self) -> bool:
        return self.directive is None

    @property
    def stands_alone(self) -> bool:
        """Whether nothing of what will stand around a fragment is in sight."""
        return self.fragment and self.outside.innermost.directive is None

    @property
    def place(self) -> Place | None:
        return self.directive.place if self.directive else (self.block[0].place if self.block else None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for one in self._level.all("server_name") for name in one.arguments)

    @property
    def upstreams(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for directive in every(self.block):
            if directive.name == "proxy_pass" and directive.arguments:
                target = self._authority(directive, Asking(path="/"))
                found[target] = None
                if upstream := self._upstream(target):
                    found |= {one.arguments[0]: None for one in upstream.all("server") if one.arguments}
        return tuple(found)

    def singles_out(self, path: str) -> bool:
        """Whether a location, at any depth, fits ``path`` and none of the paths beside it."""
        sample, beside = sample_path(path), neighbours(path)
        for location in self._locations:
            try:
                if location.takes(sample) and not any(location.takes(other) for other in beside):
                    return True
            except Unsupported:
                continue
        return False

    @property
    def level(self) -> Level:
        """The server's own level."""
        return self._level

    def destination(self, route: Route) -> Destination:
        """Where a request on ``route`` goes."""
        return destination(self.block, self._around(), asking_for(route))

    def effective(self, route: Route, policy: Policy) -> EffectiveRoute | None:
        asking = asking_for(route)
        found = self.destination(route)
        match found:
            case None:
                return None
            case Unclear():
                gap = unknown(found.because, found.place)
                return EffectiveRoute(route.path, dict.fromkeys(PolicyField, gap))
            case Served():
                spot = Spot(
                    found.scopes, found.place, self.place, any(one.secure for one in self._listeners()), self.version
                )
                host = self._authority(found.proxy_pass, asking, found.scopes)
                upstream = self._upstream(host)
                values = fields(spot, asking, policy, upstream=upstream, host=host, names=self.names)
                forwarding = Forwarding(spot, asking, host, names=self.names)
                seen = self._on_route(spot) | carried(spot, asking, found.proxy_pass, forwarding)
                return EffectiveRoute(route.path, values, seen)

    def observations(self) -> Mapping[Observation, Effective]:
        listeners = self._listeners()
        seen: dict[Observation, Effective] = {}
        secure = [one for one in listeners if one.secure]
        if listeners and not secure:
            return {}
        if secure:
            seen[Observation.HTTP_VERSIONS] = self._http_versions(secure)
            seen[Observation.TLS] = self._tls(secure[0])
            if (redirected := self._redirected(listeners)) is not None:
                seen[Observation.HTTP_REDIRECTED] = redirected
            if (kept := self._hsts()) is not None:
                seen[Observation.HSTS] = kept
        return seen

    def _around(self) -> Scopes:
        return self.outside.inside(self._level)

    def _authority(self, proxy_pass: Directive, asking: Asking, scopes: Scopes | None = None) -> str:
        """What is between the scheme and the path, variables filled in where that can be done."""
        word = proxy_pass.arguments[0] if proxy_pass.arguments else ""
        text = Variables(asking, scopes or self._around()).text(word) or word
        rest = text.partition("://")[2] or text
        return rest if rest.startswith("unix:") else rest.partition("/")[0]

    def _upstream(self, name: str) -> Level | None:
        for level in self.outside.levels:
            for upstream in level.all("upstream"):
                if upstream.arguments[:1] == (name,):
                    return Level("upstream", upstream.block, upstream)
        return None

    def _on_route(self, spot: Spot) -> dict[Observation, Effective]:
        """What only a configuration shows, or shows as well as a wire does."""
        seen: dict[Observation, Effective] = {}
        memory = spot.scopes.find("client_body_buffer_size")
        if isinstance(memory, Found):
            seen[Observation.BODY_MEMORY_BYTES] = set_to(octets(memory.last.arguments[0]) or 0, memory)
        added = spot.scopes.find("add_header")
        if isinstance(added, Found):
            seen |= _on_added_headers(spot, added)
        return seen

    def _listeners(self) -> list[Listener]:
        legacy = self._level.all("ssl")
        everywhere = bool(legacy) and legacy[-1].arguments == ("on",)
        return [
            Listener(secure=everywhere or "ssl" in one.arguments, http2="http2" in one.arguments, place=one.place)
            for one in self._level.all("listen")
            if "quic" not in one.arguments
        ]

    def _http_versions(self, secure: list[Listener]) -> Effective:
        found = self._around().find("http2")
        on = isinstance(found, Found) and found.last.arguments == ("on",)
        if on or any(one.http2 for one in secure):
            return Effective("h2,http/1.1", Source.SET, "", secure[0].place)
        return Effective("http/1.1", Source.DEFAULT, "nothing switches http2 on", secure[0].place)

    def _tls(self, listener: Listener) -> Effective:
        found = self._around().find("ssl_protocols")
        if isinstance(found, Found):
            old = _OLD_TLS & set(found.last.arguments)
            return set_to("old" if old else "sound", found)
        return Effective(None, Source.UNKNOWN, "the certificate is seen on the wire only", listener.place)

    def _hsts(self) -> Effective | None:
        """Whether every location that passes something on sends the server's own; one that adds a field has none."""
        found = self._around().find("add_header")
        if not isinstance(found, Found) or not _names_hsts(found.directives):
            return None
        for one in every(self.block):
            level = Level("location", one.block, one)
            own = level.all("add_header")
            if one.name == "location" and level.all("proxy_pass") and own and not _names_hsts(own):
                return Effective("dropped", Source.SET, "a location with an add_header inherits none", own[0].place)
        return set_to(True, found)

    def _redirected(self, listeners: list[Listener]) -> Effective | None:
        """Whether plain http leads to https: this server speaks https only, or another of its name redirects."""
        plain = [one for one in listeners if not one.secure]
        if plain:
            leads = any(one.name == "if" and _redirects(one.block) for one in self.block)
            return Effective(leads, Source.SET, "http and https are answered by one server block", plain[0].place)
        for other in self.others:
            level = Level("server", other.block, other)
            names = {name for one in level.all("server_name") for name in one.arguments}
            if names & set(self.names) and _redirects(tuple(other.block)):
                return Effective(True, Source.SET, "another server block redirects", other.place)
        return None


def _on_added_headers(spot: Spot, added: Found) -> dict[Observation, Effective]:
    """``add_header`` adds: beside the app's own Cache-Control, and behind the decision about the buffer."""
    seen: dict[Observation, Effective] = {}
    by_name = {one.arguments[0].lower(): one for one in added.directives if one.arguments}
    if accel := by_name.get("x-accel-buffering"):
        seen[Observation.ACCEL_ADDED] = set_to(True, added, accel)
    hidden = spot.scopes.find("proxy_hide_header")
    taken = (
        [one.arguments[0].lower() for one in hidden.directives if one.arguments] if isinstance(hidden, Found) else []
    )
    if (own := by_name.get("cache-control")) and "cache-control" not in taken:
        seen[Observation.CACHE_CONTROL] = set_to("conflicting", added, own)
    return seen


def _names_hsts(headers: Iterable[Directive]) -> bool:
    return any(one.arguments[:1] and one.arguments[0].lower() == "strict-transport-security" for one in headers)


def _redirects(block: tuple[Directive, ...]) -> bool:
    return any(
        one.name in ("return", "rewrite") and any(word.startswith("https://") for word in one.arguments)
        for one in every(block)
    )
