"""A frontend (or ``listen``) of HAProxy as a site, or one host name of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from antechamber.engines.haproxy.syntax import Line, Section, condition
from antechamber.lint import asked
from antechamber.lint.haproxy.carried import carried
from antechamber.lint.haproxy.conditions import Request, holds
from antechamber.lint.haproxy.fields import limits
from antechamber.lint.haproxy.passage import Passage, passed
from antechamber.lint.pattern import Unsupported, matches
from antechamber.lint.reading import unknown
from antechamber.lint.requests import asking_for, neighbours, sample_path
from antechamber.policy.effective import ANY_TOKEN, Effective, EffectiveRoute, Place, PolicyField, Source
from antechamber.policy.model import Policy, Route
from antechamber.policy.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class HAProxySite:
    """What a frontend does with one host name; an empty name is every other."""

    frontend: Section
    backends: Mapping[str, Section]
    process: Section | None
    host: str = ""

    @property
    def fragment(self) -> bool:
        return False

    @property
    def place(self) -> Place | None:
        return self.frontend.place

    @property
    def names(self) -> tuple[str, ...]:
        return (self.host,) if self.host else ()

    @property
    def upstreams(self) -> tuple[str, ...]:
        names = {
            line.words[1]
            for word in ("use_backend", "default_backend")
            for line in self.frontend.all(word)
            if len(line.words) > 1
        }
        sections = [self.frontend, *(self.backends[name] for name in sorted(names) if name in self.backends)]
        servers = [line for one in sections for line in one.all("server") if len(line.words) > 2]
        return (*dict.fromkeys(line.words[2] for line in servers), *sorted(names), self.frontend.name)

    def singles_out(self, path: str) -> bool:
        sample, beside = sample_path(path), neighbours(path)
        for word in (word for line in self.frontend.lines for word in _patterns(line)):
            try:
                if _takes(word, sample) and not any(_takes(word, other) for other in beside):
                    return True
            except Unsupported:
                continue
        return False

    def effective(self, route: Route, policy: Policy) -> EffectiveRoute | None:
        request = self._request(route, secure=self._secure)
        backend = self._backend(request)
        if isinstance(backend, str):
            gap = unknown(backend, self.place)
            return EffectiveRoute(route.path, dict.fromkeys(PolicyField, gap))
        if backend is None or (not backend.all("server") and not backend.all("server-template")):
            return None
        on_the_way = [self.frontend] if backend is self.frontend else [self.frontend, backend]
        if passed(request, on_the_way).answered:
            return None
        look = _Look(self, route, on_the_way, backend)
        values = look.fields(policy) | limits(self.frontend, backend, self.process, route)
        seen = carried(look.passage(asked.CARRIED), on_the_way, self.process, self.frontend.place)
        return EffectiveRoute(route.path, values, seen)

    def observations(self) -> Mapping[Observation, Effective]:
        binds = [line for line in self.frontend.all("bind") if "ssl" in line.words]
        if not binds:
            return {}
        alpn = [line for line in binds if "h2" in " ".join(line.words)]
        plain = len(binds) < len(self.frontend.all("bind"))
        seen = {
            Observation.HTTP_VERSIONS: Effective(
                "h2,http/1.1" if alpn else "http/1.1", Source.SET, "", (alpn or binds)[0].place
            )
        }
        if plain:
            redirected = bool(passed(self._request_for("/", secure=False), [self.frontend]).answered)
            seen[Observation.HTTP_REDIRECTED] = Effective(redirected, Source.SET, "", self.frontend.place)
        return seen

    @property
    def _secure(self) -> bool:
        return any("ssl" in line.words for line in self.frontend.all("bind"))

    def _request_for(self, path: str, *, secure: bool) -> Request:
        host = f"{self.host}:8443" if self.host else asked.HOST
        return Request(path=path, host=host, peer=asked.PEER, secure=secure, fields={})

    def _request(self, route: Route, *, secure: bool) -> Request:
        asking = asking_for(route)
        return replace(self._request_for(asking.path, secure=secure), fields={**asked.LIES, **asking.fields})

    def _backend(self, request: Request) -> Section | str | None:
        """Where it goes, or why that cannot be told."""
        for line in self.frontend.all("use_backend"):
            rule, words = condition(line.words)
            answer = holds(words, self.frontend.all("acl"), request)
            if answer is None:
                return f"whether {' '.join(words)} holds is not known (line {line.place.line})"
            if answer and len(rule) > 1:
                return self.backends.get(rule[1]) or f"there is no backend {rule[1]} in this file"
        found = self.frontend.last("default_backend")
        if found and len(found[0].words) > 1:
            return self.backends.get(found[0].words[1]) or f"there is no backend {found[0].words[1]} in this file"
        return self.frontend if self.frontend.kind == "listen" else None


@dataclass(frozen=True, slots=True)
class _Look:
    """What arrives behind one route."""

    site: HAProxySite
    route: Route
    on_the_way: Sequence[Section]
    backend: Section

    def fields(self, policy: Policy) -> dict[PolicyField, Effective]:
        passage = self.passage({})
        return {
            PolicyField.HOST: self._as(passage, "host", self._host),
            PolicyField.CLIENT_ADDRESS: self._address(passage),
            PolicyField.FORWARDED_PROTO: self._proto(),
            PolicyField.FORWARDED_HOST: self._as(passage, "x-forwarded-host", self._forwarded_host),
            PolicyField.FORWARDED: self._as(passage, "forwarded", asked.forwarded),
            PolicyField.LOOK_ALIKES: self._look_alikes(sorted(policy.untrusted_fields)),
            PolicyField.UPGRADES: self._upgrades(sorted(policy.upgrade_tokens)),
        }

    def passage(self, more: Mapping[str, str], *, secure: bool | None = None) -> Passage:
        request = self.site._request(self.route, secure=self.site._secure if secure is None else secure)
        return passed(replace(request, fields={**request.fields, **more}), self.on_the_way)

    def _host(self, text: str) -> str:
        return asked.host(text.replace(self.site.host, asked.HOST.partition(":")[0]) if self.site.host else text)

    def _forwarded_host(self, text: str) -> str:
        name = asked.HOST.partition(":")[0]
        return asked.forwarded_host(text.replace(self.site.host, name) if self.site.host else text)

    def _as(self, passage: Passage, name: str, meaning: object) -> Effective:
        text = passage.fields.get(name, "")
        assert callable(meaning)
        return self._effective(passage, name, None if text is None else meaning(text))

    def _effective(self, passage: Passage, name: str, value: str | None) -> Effective:
        line = passage.written.get(name)
        if value is None:
            return unknown(f"what {name} becomes is known to HAProxy only", line.place if line else self.site.place)
        if line is None:
            return Effective(value, Source.DEFAULT, f"no rule sets {name}", self.site.place)
        return Effective(value, Source.SET, f"in line {line.place.line}", line.place)

    def _address(self, passage: Passage) -> Effective:
        both = [self._as(passage, name, asked.address) for name in ("x-forwarded-for", "x-real-ip")]
        return next((one for one in both if one.value != "as seen"), both[0])

    def _proto(self) -> Effective:
        """A frontend with TLS is asked over it only; one that has none both ways, for TLS may end further out."""
        name = "x-forwarded-proto"
        told = []
        for secure, lie in ((True, "http"), (False, "https")):
            passage = self.passage({name: lie}, secure=secure)
            told.append((passage, passage.fields.get(name, "")))
        (passage, https), (_, http) = told
        if https is None or http is None:
            return self._effective(passage, name, None)
        return self._effective(passage, name, asked.proto(https, http))

    def _look_alikes(self, names: Sequence[str]) -> Effective:
        passage = self.passage(dict.fromkeys(names, asked.LIE))
        dropped = [
            name for name in names if (text := passage.fields.get(name, "")) is not None and asked.LIE not in text
        ]
        return Effective(",".join(dropped), Source.SET, "", self.site.place)

    def _upgrades(self, tokens: Sequence[str]) -> Effective:
        relayed = []
        passage = self.passage({})
        for token in (*tokens, asked.FOREIGN):
            passage = self.passage({"upgrade": token, "connection": "upgrade"})
            upgrade, connection = (passage.fields.get(name, "") for name in ("upgrade", "connection"))
            if upgrade is None or connection is None:
                return self._effective(passage, "upgrade", None)
            if upgrade.lower() == token and "upgrade" in connection.lower():
                relayed.append(token)
        shown = ANY_TOKEN if asked.FOREIGN in relayed else ",".join(sorted(relayed))
        return self._effective(passage, "upgrade", shown)


def _patterns(line: Line) -> Iterator[tuple[str, str]]:
    """The path patterns in an acl or an anonymous condition: the way of comparing, and the pattern."""
    words = line.words
    for index, word in enumerate(words):
        if word in ("path", "path_beg", "path_reg", "path_end", "path_sub", "path_dir"):
            way = word.partition("_")[2] or "str"
            for value in words[index + 1 :]:
                if value in ("}", "or", "||"):
                    break
                if value == "-m":
                    continue
                if value in ("beg", "reg", "end", "sub", "str", "dir") and words[words.index(value) - 1] == "-m":
                    way = value
                elif not value.startswith("-"):
                    yield way, value


def _takes(pattern: tuple[str, str], path: str) -> bool:
    way, value = pattern
    match way:
        case "reg":
            return matches(value, path)
        case "beg":
            return path.startswith(value)
        case "end":
            return path.endswith(value)
        case "sub" | "dir":
            return value in path
    return path == value
