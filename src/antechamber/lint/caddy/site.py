"""A host of a Caddy server as a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from antechamber.lint import asked
from antechamber.lint.caddy.by_hand import by_hand
from antechamber.lint.caddy.carried import carried
from antechamber.lint.caddy.matching import Request, Tree, in_network, items, path_fits, path_patterns, words
from antechamber.lint.caddy.places import Places
from antechamber.lint.caddy.walk import UPSTREAM, Way, walked
from antechamber.lint.pattern import Unsupported
from antechamber.lint.reading import unknown
from antechamber.lint.requests import asking_for, neighbours, sample_path
from antechamber.policy.effective import (
    ANY_TOKEN,
    APP_ONLY,
    AS_SEEN,
    NO_LIMIT,
    Effective,
    EffectiveRoute,
    Place,
    PolicyField,
    Scalar,
    Source,
)
from antechamber.policy.model import Kind, Policy, Route
from antechamber.policy.observation import Observation

TOO = "Caddy too"
DIAL_S, CLIENT_IDLE_S, UPSTREAM_IDLE_S = 3.0, 300.0, 120.0
"""Caddy's defaults (https://caddyserver.com/docs/json/apps/http/servers/)."""
OVERWRITTEN = "the last proxy's address instead of the client's"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaddySite:
    """What a server does with one host name; an empty name is every other."""

    server: Tree
    apps: Tree
    host: str
    places: Places
    fragment: bool = False

    @property
    def place(self) -> Place | None:
        return self.places.of([self.host]) if self.host else self.places.proxy("")

    @property
    def names(self) -> tuple[str, ...]:
        return (self.host,) if self.host else ()

    @property
    def upstreams(self) -> tuple[str, ...]:
        found = [_dial(one) for one in _handlers(self._routes(), "reverse_proxy")]
        return tuple(dict.fromkeys(dial for dials in found for dial in dials))

    def singles_out(self, path: str) -> bool:
        sample, beside = sample_path(path), neighbours(path)
        for route in every_route(self._routes()):
            for how, pattern in path_patterns(route):
                try:
                    if path_fits(how, pattern, sample) and not any(path_fits(how, pattern, one) for one in beside):
                        return True
                except Unsupported:
                    continue
        return False

    def effective(self, route: Route, policy: Policy) -> EffectiveRoute | None:
        way = self._way(route, {})
        if way.unclear:
            return EffectiveRoute(route.path, dict.fromkeys(PolicyField, unknown(way.unclear, self.place)))
        if way.proxy is None:
            return None
        upstream = next(iter(_dial(way.proxy)), "")
        seen = carried(self._way(route, asked.CARRIED), self.places, upstream)
        seen |= by_hand(way.proxy, self.places, upstream)
        return EffectiveRoute(route.path, _Look(self, route, way.proxy).fields(policy, way), seen)

    def observations(self) -> Mapping[Observation, Effective]:
        if not self.host or not any(port.endswith(":443") for port in words(self.server.get("listen"))):
            return {}
        return {
            Observation.HTTP_VERSIONS: Effective("h2,http/1.1", Source.DEFAULT, "", self.place),
            Observation.HTTP_REDIRECTED: Effective(True, Source.DEFAULT, "Caddy redirects by itself", self.place),
        }

    def _routes(self) -> list[Tree]:
        return [one for one in items(self.server.get("routes")) if self._is_for_host(one)]

    def _is_for_host(self, route: Tree) -> bool:
        hosts = [name for one in items(route.get("match")) for name in words(one.get("host"))]
        return not hosts or self.host in hosts

    def _way(self, route: Route, more: Mapping[str, str], *, scheme: str = "", peer: str = asked.PEER) -> Way:
        """Caddy drops what strangers say in X-Forwarded-* before it sets its own."""
        asking = asking_for(route)
        host = f"{self.host}:8443" if self.host else asked.HOST
        fields: dict[str, str | None] = {**asked.LIES, **asking.fields, **more}
        secure = any(port.endswith(":443") for port in words(self.server.get("listen")))
        request = Request(
            path=asking.path, host=host, peer=peer, scheme=scheme or ("https" if secure else "http"), fields=fields
        )
        return walked(self._routes(), request)

    def trusted(self) -> list[str]:
        source = self.server.get("trusted_proxies")
        return words(source.get("ranges")) if isinstance(source, Mapping) else []


@dataclass(frozen=True, slots=True)
class _Look:
    """What arrives behind one route, and which limits hold there."""

    site: CaddySite
    route: Route
    proxy: Tree

    @property
    def _upstream(self) -> str:
        return next(iter(_dial(self.proxy)), "")

    @property
    def _transport(self) -> Tree:
        found = self.proxy.get("transport")
        return found if isinstance(found, Mapping) else {}

    def fields(self, policy: Policy, way: Way) -> dict[PolicyField, Effective]:
        server, transport = self.site.server, self._transport
        keepalive = transport.get("keep_alive")
        idle = keepalive.get("idle_timeout") if isinstance(keepalive, Mapping) else None
        read = self._time(transport, "read_timeout", NO_LIMIT)
        head = self._time(transport, "response_header_timeout", NO_LIMIT)
        return {
            PolicyField.HOST: self._host(way),
            PolicyField.CLIENT_ADDRESS: self._address(way),
            PolicyField.FORWARDED_PROTO: self._proto(way),
            PolicyField.FORWARDED_HOST: self._forwarded_host(way),
            PolicyField.FORWARDED: self._effective(way, "forwarded", asked.forwarded),
            PolicyField.LOOK_ALIKES: self._look_alikes(sorted(policy.untrusted_fields)),
            PolicyField.UPGRADES: self._upgrades(sorted(policy.upgrade_tokens)),
            PolicyField.RESPONSE_STREAMED: self._streamed(),
            PolicyField.REQUEST_STREAMED: self._absent("request_buffers", "buffer_requests"),
            PolicyField.BODY_LIMIT_BYTES: self._body_limit(way),
            PolicyField.CONNECT_S: self._time(transport, "dial_timeout", DIAL_S),
            PolicyField.REQUEST_HEAD_S: self._time(server, "read_header_timeout", NO_LIMIT),
            PolicyField.BODY_IDLE_S: self._time(server, "read_timeout", NO_LIMIT),
            PolicyField.RESPONSE_S: _sooner(head, read),
            PolicyField.STREAM_IDLE_S: read,
            PolicyField.SEND_S: self._time(server, "write_timeout", NO_LIMIT),
            PolicyField.KEEPALIVE_IDLE_S: self._time(server, "idle_timeout", CLIENT_IDLE_S),
            PolicyField.UPSTREAM_IDLE_S: self._seconds(idle, UPSTREAM_IDLE_S, "keepalive"),
            PolicyField.DRAIN_S: self._drain(),
            PolicyField.COMPRESSION: self._met(way, "encode"),
            PolicyField.CACHE: self._met(way, "cache"),
            PolicyField.NO_TRANSFORM: Effective(None, Source.UNKNOWN, "what is done with answers is not read"),
        }

    def _effective(self, way: Way, name: str, meaning: object) -> Effective:
        assert callable(meaning)
        text = way.request.fields.get(name, "")
        taken_away = self.site.places.of(["header_up", f"-{name}"], self._upstream)
        place = self.site.places.of(["header_up", name], self._upstream) if text else taken_away
        if text is None:
            return unknown(f"what {name} becomes is known to Caddy only", place)
        written = name in way.written or place != self.site.places.proxy(self._upstream)
        source = Source.SET if written else Source.DEFAULT
        return Effective(meaning(text), source, "" if written else f"nothing sets {name}", place)

    def _host(self, way: Way) -> Effective:
        if "host" not in way.request.fields:
            place = self.site.places.proxy(self._upstream)
            return Effective("as asked", Source.DEFAULT, "Caddy keeps it", place)
        return self._effective(way, "host", lambda text: asked.host(self._plain(text)))

    def _plain(self, text: str) -> str:
        """The site's own name as that of the made-up request."""
        return text.replace(self.site.host, asked.HOST.partition(":")[0]) if self.site.host else text

    def _public(self, text: str) -> str:
        """A name that is written down may be the public one; the app's own address is not."""
        return text if UPSTREAM in text else asked.forwarded_host(self._plain(text))

    def _replaced(self, way: Way, name: str) -> bool:
        """Whether Caddy's own value of a forwarded field stands: nobody sets or deletes it."""
        return name not in way.written

    def _address(self, way: Way) -> Effective:
        forwarded = self._effective(way, "x-forwarded-for", asked.address)
        if self._replaced(way, "x-forwarded-for"):
            forwarded = replace(forwarded, value=AS_SEEN, where="Caddy replaces it")
        real = self._effective(way, "x-real-ip", asked.address)
        for name, one in (("x-forwarded-for", forwarded), ("x-real-ip", real)):
            if one.value == AS_SEEN and self._overwrites(name):
                return replace(one, value=OVERWRITTEN)
        return next((one for one in (forwarded, real) if one.value != AS_SEEN), forwarded)

    def _overwrites(self, name: str) -> bool:
        """Whether a chain that a trusted proxy sends is thrown away."""
        trusted = self.site.trusted()
        peer = next((one.partition("/")[0] for one in trusted if in_network(one.partition("/")[0], one)), "")
        if not peer:
            return False
        told = {"x-forwarded-for": asked.PEER, "x-real-ip": asked.PEER, "antechamber client ip": asked.PEER}
        way = self.site._way(self.route, told, peer=peer)
        return way.request.fields.get(name) == peer

    def _proto(self, way: Way) -> Effective:
        name = "x-forwarded-proto"
        told = []
        for scheme, lie in (("https", "http"), ("http", "https")):
            seen = self.site._way(self.route, {name: lie}, scheme=scheme)
            told.append(seen.request.fields.get(name, "") if name in seen.written else scheme)  # Caddy's own
        effective = self._effective(way, name, lambda text: text)
        if told[0] is None or told[1] is None:
            return replace(effective, value=None)
        if told == ["http", "http"] and not self.site.fragment:
            return replace(effective, value=AS_SEEN)
        return replace(effective, value=asked.proto(told[0], told[1]))

    def _forwarded_host(self, way: Way) -> Effective:
        found = self._effective(way, "x-forwarded-host", self._public)
        known = self._replaced(way, "x-forwarded-host") or self._is_constant("X-Forwarded-Host")
        return replace(found, value=AS_SEEN) if known else found

    def _is_constant(self, name: str) -> bool:
        """Whether the proxy sets a field to what the operator knows of the outside."""
        rules = self.proxy.get("headers")
        for inner in ("request", "set"):
            rules = rules.get(inner) if isinstance(rules, Mapping) else None
        texts = words(rules.get(name)) if isinstance(rules, Mapping) else []
        return any(texts) and not any("{" in text for text in texts)

    def _look_alikes(self, names: list[str]) -> Effective:
        way = self.site._way(self.route, dict.fromkeys(names, asked.LIE))
        left = way.request.fields
        dropped = [name for name in names if (text := left.get(name, "")) is not None and asked.LIE not in text]
        return Effective(",".join(dropped), Source.SET, "", self.site.places.proxy(self._upstream))

    def _upgrades(self, tokens: list[str]) -> Effective:
        place = self.site.places.proxy(self._upstream)
        relayed = []
        for token in (*tokens, asked.FOREIGN):
            way = self.site._way(self.route, {"upgrade": token, "connection": "Upgrade"})
            text = way.request.fields.get("upgrade", "")
            if text is None or way.unclear:
                return unknown("what Upgrade becomes is known to Caddy only", place)
            if text == token:
                relayed.append(token)
        shown = ANY_TOKEN if asked.FOREIGN in relayed else ",".join(sorted(relayed))
        return Effective(shown, Source.DEFAULT, "Caddy passes upgrades on by itself", place)

    def _streamed(self) -> Effective:
        found = self._absent("response_buffers", "buffer_responses")
        if found.value is True and self.proxy.get("flush_interval") == -1:
            return Effective(True, Source.SET, "", self.site.places.of(["flush_interval"], self._upstream))
        return found

    def _absent(self, *names: str) -> Effective:
        for name in names:
            if self.proxy.get(name):
                return Effective(False, Source.SET, "", self.site.places.of([name], self._upstream))
        return Effective(True, Source.DEFAULT, "", self.site.places.proxy(self._upstream))

    def _body_limit(self, way: Way) -> Effective:
        if not way.body_limits:
            return Effective(NO_LIMIT, Source.DEFAULT, "", self.site.places.proxy(self._upstream))
        return Effective(min(way.body_limits), Source.SET, "", self.site.places.of(["max_size"]))

    def _time(self, tree: Tree, name: str, default: Scalar) -> Effective:
        return self._seconds(tree.get(name), default, name)

    def _seconds(self, nanoseconds: object, default: Scalar, name: str) -> Effective:
        words_of = {"read_header_timeout": "read_header", "idle_timeout": "idle"}.get(name, name)
        if isinstance(nanoseconds, int | float) and nanoseconds > 0:
            return Effective(nanoseconds / 1e9, Source.SET, "", self.site.places.of([words_of], self._upstream))
        return Effective(default, Source.DEFAULT, f"{name} is not set", self.site.places.proxy(self._upstream))

    def _drain(self) -> Effective:
        """A reload ends WebSockets at once unless told otherwise; all else is waited for."""
        if self.route.kind is Kind.WEBSOCKET:
            return self._seconds(self.proxy.get("stream_close_delay"), 0.0, "stream_close_delay")
        http = self.site.apps.get("http")
        grace = http.get("grace_period") if isinstance(http, Mapping) else None
        return self._seconds(grace, NO_LIMIT, "grace_period")

    def _met(self, way: Way, handler: str) -> Effective:
        if handler in way.handlers:
            return Effective(TOO, Source.SET, "", self.site.places.of([handler]))
        return Effective(APP_ONLY, Source.DEFAULT, "", self.site.places.proxy(self._upstream))


def _sooner(one: Effective, other: Effective) -> Effective:
    if not isinstance(one.value, float):
        return other
    return other if isinstance(other.value, float) and other.value < one.value else one


def _dial(proxy: Tree) -> list[str]:
    return [str(one["dial"]) for one in items(proxy.get("upstreams")) if isinstance(one.get("dial"), str)]


def every_route(routes: object, depth: int = 0) -> Iterator[Tree]:
    for route in items(routes) if depth < 40 else ():
        yield route
        for handler in items(route.get("handle")):
            yield from every_route(handler.get("routes"), depth + 1)


def _handlers(routes: object, name: str) -> Iterator[Tree]:
    for route in every_route(routes):
        yield from (one for one in items(route.get("handle")) if one.get("handler") == name)
