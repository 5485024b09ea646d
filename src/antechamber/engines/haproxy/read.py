"""What one of our own HAProxy configurations does, route by route.

A time limit is looked for in the backend, then in ``defaults``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from antechamber.engines.haproxy.syntax import Line, Section, sections
from antechamber.engines.paths import paths_of
from antechamber.engines.values import read_time
from antechamber.errors import ConfigError
from antechamber.policy.effective import (
    APP_ONLY,
    AS_ASKED,
    AS_SEEN,
    DROPPED,
    Effective,
    EffectiveRoute,
    PolicyField,
    Scalar,
    Source,
)

FILE = "haproxy.cfg"
_NO_LIMIT = Effective("no limit", Source.DEFAULT)
_TOLD = {"forwarded", "upgrade", "x-forwarded-proto", "x-forwarded-host"}
"""Fields that are taken out for reasons of their own."""


def read(text: str, name: str = "") -> tuple[EffectiveRoute, ...]:
    """The routes of the site called ``name`` in ``text``, else of its first site. Raises :class:`ConfigError`."""
    parts = sections(text, FILE)
    frontends = (_of_site(one, name) for one in parts if one.kind == "frontend")
    frontend = next((one for one in frontends if one), None)
    if frontend is None:
        raise ConfigError("no frontend is in it", way_out="Read a whole haproxy.cfg, not a snippet.")
    around = tuple(one for one in parts if one.kind == "defaults")
    if not any(one.all("mode", "http") for one in around):
        raise ConfigError("defaults has no mode http, so no rule of a frontend is looked at")
    process = next((one for one in parts if one.kind == "global"), None)
    drain = {PolicyField.DRAIN_S: _drain(process)}
    chosen = [(line.words[1], line.words[3]) for line in frontend.all("use_backend") if len(line.words) > 2]
    routes = [
        EffectiveRoute(path, _fields(frontend, _backend(parts, backend), around) | drain)
        for backend, acl in chosen
        for line in frontend.all("acl", acl)
        for path in _paths(line)
    ]
    default = _backend(parts, _default(frontend))
    return (*routes, EffectiveRoute("/*", _fields(frontend, default, around) | drain))


def _default(frontend: Section) -> str:
    """The backend of what no condition chooses."""
    for line in (*frontend.all("default_backend"), *frontend.all("use_backend")):
        if len(line.words) == 2:
            return line.words[1]
    raise ConfigError("the frontend has no backend for the other paths")


def _backend(parts: Sequence[Section], name: str) -> Section:
    for one in parts:
        if one.kind == "backend" and one.name == name:
            return one
    raise ConfigError(f"there is no backend {name}")


def _drain(process: Section | None) -> Effective:
    """How long an old process keeps its streams."""
    lines = process.all("hard-stop-after") if process else []
    return _set(lines[-1], read_time(lines[-1].words[1])) if lines else _NO_LIMIT


def _of_site(frontend: Section, name: str) -> Section | None:
    """``frontend`` as it is for requests of one site: without what is for others, and without its own condition."""
    sites = {
        line.words[-1]: line.words[1] for line in frontend.all("acl") if line.words[2:3] == ("req.hdr(host),host_only",)
    }
    if not sites:
        return frontend
    own = sites.get(name) if name else next(iter(sites.values()))
    if own is None:
        return None
    others = set(sites.values()) - {own}
    return replace(
        frontend, lines=tuple(_without(line, own) for line in frontend.lines if not others.intersection(line.words[2:]))
    )


def _without(line: Line, condition: str) -> Line:
    words = tuple(word for word in line.words if word != condition)
    return replace(line, words=words[:-1] if words[-1] == "if" else words)


def _paths(acl: Line) -> Sequence[str]:
    match acl.words[2:]:
        case ("path", path):
            return (path,)
        case ("path_reg", regex):
            return paths_of(regex)
    raise ConfigError("this acl is none of ours", place=f"line {acl.place.line}")


def _fields(frontend: Section, backend: Section, around: tuple[Section, ...]) -> dict[PolicyField, Effective]:
    server, tunnel = (_timeout((backend, *around), name) for name in ("server", "tunnel"))
    client = _timeout((frontend, *around), "client")
    return {
        PolicyField.UPGRADES: _upgrades(frontend),
        PolicyField.RESPONSE_STREAMED: _switched((backend, *around), "http-no-delay", present=True),
        PolicyField.REQUEST_STREAMED: _switched((backend, frontend, *around), "http-buffer-request", present=False),
        PolicyField.BODY_LIMIT_BYTES: _body_limit(backend),
        PolicyField.CONNECT_S: _timeout((backend, *around), "connect"),
        PolicyField.REQUEST_HEAD_S: _timeout((frontend, *around), "http-request"),
        PolicyField.BODY_IDLE_S: client,
        PolicyField.RESPONSE_S: server,
        PolicyField.STREAM_IDLE_S: server if server.value == tunnel.value else tunnel,
        PolicyField.SEND_S: client,
        PolicyField.KEEPALIVE_IDLE_S: _timeout((frontend, *around), "http-keep-alive"),
        PolicyField.UPSTREAM_IDLE_S: _upstream_idle(backend),
        PolicyField.HOST: _sent(frontend, "Host", AS_ASKED),
        PolicyField.CLIENT_ADDRESS: _client_address(frontend),
        PolicyField.FORWARDED_PROTO: _sent(frontend, "X-Forwarded-Proto", "passed"),
        PolicyField.FORWARDED_HOST: _sent(frontend, "X-Forwarded-Host", "passed"),
        PolicyField.FORWARDED: _deleted(frontend, "Forwarded"),
        PolicyField.LOOK_ALIKES: _look_alikes(frontend),
        PolicyField.COMPRESSION: _unless(frontend, backend, "compression"),
        PolicyField.CACHE: _unless(frontend, backend, "cache-use"),
        PolicyField.NO_TRANSFORM: _no_transform(frontend),
    }


def _set(line: Line, value: Scalar) -> Effective:
    return Effective(value, Source.SET, f"line {line.place.line}")


def _first(levels: Sequence[Section], *words: str) -> tuple[Line, Source] | None:
    for depth, level in enumerate(levels):
        if found := level.all(*words):
            return found[-1], Source.INHERITED if depth else Source.SET
    return None


def _timeout(levels: Sequence[Section], name: str) -> Effective:
    found = _first(levels, "timeout", name)
    if found is None:
        return _NO_LIMIT
    line, source = found
    return Effective(read_time(line.words[2]), source, f"line {line.place.line}")


def _switched(levels: Sequence[Section], name: str, *, present: bool) -> Effective:
    found = _first(levels, "option", name)
    return _set(found[0], present) if found else Effective(not present, Source.DEFAULT)


def _body_limit(backend: Section) -> Effective:
    for line in backend.all("http-request", "return", "status", "413"):
        if "req.body_size" in line.words:
            return _set(line, int(line.words[line.words.index("req.body_size") + 2]))
    return _NO_LIMIT


def _upstream_idle(backend: Section) -> Effective:
    """Idle connections are purged every 5 s by default (configuration manual, pool-purge-delay)."""
    return _after(backend, "server", "pool-purge-delay", read_time, Effective(5.0, Source.DEFAULT))


def _after(section: Section, name: str, key: str, convert: Callable[[str], Scalar], default: Effective) -> Effective:
    for line in section.all(name):
        if key in line.words:
            return _set(line, convert(line.words[line.words.index(key) + 1]))
    return default


def _headers(frontend: Section, name: str) -> list[Line]:
    lines = frontend.all("http-request", "set-header")
    return [line for line in lines if line.words[2].lower() == name.lower()]


def _sent(frontend: Section, name: str, otherwise: str) -> Effective:
    """What a field is set to. Two lines with conditions cover both schemes; one alone does not."""
    lines = _headers(frontend, name)
    match [line.words[3] for line in lines]:
        case ["https", "http"] | ["%[req.hdr(host)]"]:
            return _set(lines[0], AS_SEEN)
        case [value] if "if" not in lines[0].words:
            return _set(lines[0], value)
    return Effective(otherwise, Source.DEFAULT)


def _client_address(frontend: Section) -> Effective:
    both = [_headers(frontend, name) for name in ("X-Forwarded-For", "X-Real-IP")]
    for lines in both:
        if not lines:
            return Effective("passed", Source.DEFAULT)
        if lines[-1].words[3:] != ("%[src]",):
            return _set(lines[-1], " ".join(lines[-1].words[3:]))
    return _set(both[0][-1], AS_SEEN)


def _deleted(frontend: Section, name: str) -> Effective:
    for line in frontend.all("http-request", "del-header", name):
        return _set(line, DROPPED)
    return Effective("passed", Source.DEFAULT)


def _look_alikes(frontend: Section) -> Effective:
    names = {line.words[2].lower() for line in frontend.all("http-request", "del-header")}
    return Effective(",".join(sorted(names - _TOLD)), Source.SET)


def _upgrades(frontend: Section) -> Effective:
    for line in frontend.all("http-request", "del-header", "Upgrade"):
        match line.words[3:]:
            case ("if", "!{", "req.hdr(Upgrade)", "-i", *tokens, "}"):
                return _set(line, ",".join(sorted(tokens)))
            case _:
                return _set(line, "")
    return Effective("any", Source.DEFAULT)


def _unless(frontend: Section, backend: Section, word: str) -> Effective:
    for section in (backend, frontend):
        for line in section.lines:
            if word in line.words[:2]:
                return _set(line, "HAProxy too")
    return Effective(APP_ONLY, Source.DEFAULT)


def _no_transform(frontend: Section) -> Effective:
    for line in frontend.all("http-response", "set-header", "Cache-Control"):
        if "no-transform" in line.words[3] and line.words[-2] == "text/event-stream":
            return _set(line, True)
    return Effective(False, Source.DEFAULT)
