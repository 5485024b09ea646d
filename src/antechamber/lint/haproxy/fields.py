"""Limits and switches of HAProxy on a route: timeouts, body limit, compression, cache."""

from __future__ import annotations

from antechamber.engines.haproxy.syntax import Line, Section, condition, seconds
from antechamber.lint.reading import unknown
from antechamber.policy.effective import APP_ONLY, NO_LIMIT, Effective, PolicyField, Scalar, Source
from antechamber.policy.model import Kind, Route

TOO = "HAProxy too"
_PURGE_S = 5.0
"""Idle connections to servers are closed by halves every five seconds (pool-purge-delay)."""


def limits(frontend: Section, backend: Section, process: Section | None, route: Route) -> dict[PolicyField, Effective]:
    server, client = _timeout(backend, "server"), _timeout(frontend, "client")
    tunnel = _timeout(backend, "tunnel")
    idle = server
    if route.kind is Kind.WEBSOCKET:
        idle = tunnel if tunnel.value != NO_LIMIT else _least(server, client)
    head = _timeout(frontend, "http-request")
    keepalive = _timeout(frontend, "http-keep-alive")
    return {
        PolicyField.RESPONSE_STREAMED: _default(True, backend),
        PolicyField.REQUEST_STREAMED: _collected(frontend, backend),
        PolicyField.BODY_LIMIT_BYTES: _body_limit(frontend, backend),
        PolicyField.CONNECT_S: _timeout(backend, "connect"),
        PolicyField.REQUEST_HEAD_S: head if head.value != NO_LIMIT else client,
        PolicyField.BODY_IDLE_S: client,
        PolicyField.RESPONSE_S: server,
        PolicyField.STREAM_IDLE_S: idle,
        PolicyField.SEND_S: client,
        PolicyField.KEEPALIVE_IDLE_S: keepalive if keepalive.value != NO_LIMIT else head,
        PolicyField.UPSTREAM_IDLE_S: _upstream_idle(backend),
        PolicyField.DRAIN_S: _drain(process),
        PolicyField.COMPRESSION: _unless(frontend, backend, "compression", "algo"),
        PolicyField.CACHE: _unless(frontend, backend, "http-request", "cache-use"),
        PolicyField.NO_TRANSFORM: _no_transform(frontend, backend),
    }


def _default(value: Scalar, section: Section) -> Effective:
    return Effective(value, Source.DEFAULT, "", section.place)


def _set(line: Line, value: Scalar | None, *, inherited: bool = False) -> Effective:
    source = Source.INHERITED if inherited else Source.SET
    if value is None:
        return unknown(f"{' '.join(line.words)} is not understood", line.place)
    return Effective(value, source, "inherited from defaults" if inherited else "", line.place)


def _timeout(section: Section, name: str) -> Effective:
    found = section.last("timeout", name)
    if found is None:
        return Effective(NO_LIMIT, Source.DEFAULT, f"no timeout {name}", section.place)
    line, inherited = found
    return _set(line, seconds(line.words[2]) if len(line.words) > 2 else None, inherited=inherited)


def _least(one: Effective, other: Effective) -> Effective:
    if one.value == NO_LIMIT or one.value is None:
        return other
    if other.value == NO_LIMIT or other.value is None:
        return one
    return one if float(one.value) <= float(other.value) else other


def _collected(frontend: Section, backend: Section) -> Effective:
    for section in (backend, frontend):
        if found := section.last("option", "http-buffer-request"):
            return _set(found[0], False, inherited=found[1])
    return _default(True, backend)


def _body_limit(frontend: Section, backend: Section) -> Effective:
    """The smallest size over which a request is refused."""
    found = []
    for section in (backend, frontend):
        for line in section.all("http-request"):
            rule, words = condition(line.words)
            if rule[1:2] in (("deny",), ("return",), ("reject",)) and "req.body_size" in words:
                index = words.index("req.body_size")
                if words[index + 1 : index + 2] == ("gt",) and words[index + 2].isdecimal():
                    found.append(_set(line, int(words[index + 2])))
    return min(found, key=lambda one: int(one.value or 0)) if found else _default(NO_LIMIT, backend)


def _upstream_idle(backend: Section) -> Effective:
    lines = [*backend.all("default-server"), *backend.all("server")]
    for line in reversed(lines):
        if "pool-purge-delay" in line.words[:-1]:
            return _set(line, seconds(line.words[line.words.index("pool-purge-delay") + 1]))
    return Effective(_PURGE_S, Source.DEFAULT, "pool-purge-delay is 5s by default", backend.place)


def _drain(process: Section | None) -> Effective:
    found = process.last("hard-stop-after") if process else None
    if found and len(found[0].words) > 1:
        return _set(found[0], seconds(found[0].words[1]))
    return Effective(NO_LIMIT, Source.DEFAULT, "no hard-stop-after")


def _unless(frontend: Section, backend: Section, *words: str) -> Effective:
    for section in (backend, frontend):
        if found := section.last(*words):
            return _set(found[0], TOO, inherited=found[1])
    return _default(APP_ONLY, backend)


def _no_transform(frontend: Section, backend: Section) -> Effective:
    for section in (frontend, backend):
        for line in section.all("http-response", "set-header"):
            if (
                line.words[2:3]
                and line.words[2].lower() == "cache-control"
                and "no-transform" in " ".join(line.words[3:])
            ):
                return _set(line, True)
    return _default(False, frontend)
