"""A request's way through Caddy's routes: what changes its fields, and what takes it in the end.

Routes are tried in order; of a group only the first that matches; a handler that answers ends it
(https://caddyserver.com/docs/json/apps/http/servers/routes/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from antechamber.lint.caddy.matching import Request, Tree, items, takes, words

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DEEPEST = 40
UPSTREAM = "the app's own address"
_ANSWERS = frozenset({"static_response", "file_server", "error", "acme_server", "metrics", "php", "push"})


@dataclass(slots=True)
class Way:
    """What has been met so far."""

    request: Request
    proxy: Tree | None = None
    answered: bool = False
    unclear: str = ""
    """Why nobody can tell where it ends."""
    body_limits: list[int] = field(default_factory=list)
    handlers: set[str] = field(default_factory=set)
    """The names of all handlers on the way."""
    written: set[str] = field(default_factory=set)
    """The names of request fields that a rule sets, changes or takes away."""
    answers: list[Tree] = field(default_factory=list)
    """What is done with the fields of answers."""
    query_lost: bool = False
    """Whether a rewrite ends in a question mark with nothing behind it."""

    @property
    def over(self) -> bool:
        return self.answered or self.proxy is not None or bool(self.unclear)


def walked(routes: object, request: Request) -> Way:
    """The way of ``request`` through ``routes``."""
    way = Way(replace(request, fields=dict(request.fields)))
    _routes(routes, way, 0)
    return way


def _routes(routes: object, way: Way, depth: int) -> None:
    if depth > _DEEPEST:
        way.unclear = "its routes are nested too deeply"
        return
    groups: set[str] = set()
    for route in items(routes):
        group = str(route.get("group", ""))
        if group and group in groups:
            continue
        answer = takes(route.get("match"), way.request)
        if answer is False or way.over:
            continue
        if answer is None and not _only_answers(route):
            way.unclear = "whether a matcher takes it is not known"
            return
        if answer is None:
            continue
        if group:
            groups.add(group)
        for handler in items(route.get("handle")):
            _handle(handler, way, depth)
            if way.over:
                return
        if route.get("terminal") is True:
            way.answered = way.answered or way.proxy is None
            return


def _only_answers(route: Tree) -> bool:
    """Whether all a route does is to answer: a refusal under a condition, as for a body that is too large."""
    return all(str(one.get("handler")) in _ANSWERS for one in items(route.get("handle")))


def _handle(handler: Tree, way: Way, depth: int) -> None:
    name = str(handler.get("handler", ""))
    way.handlers.add(name)
    way.query_lost = way.query_lost or (name == "rewrite" and str(handler.get("uri", "")).endswith("?"))
    match name:
        case "subroute":
            _routes(handler.get("routes"), way, depth + 1)
        case "reverse_proxy":
            way.proxy = handler
            rules = handler.get("headers")
            if isinstance(rules, Mapping):
                _change(rules.get("request"), way)
                _note(rules.get("response"), way)
        case "headers":
            _change(handler.get("request"), way)
            _note(handler.get("response"), way)
        case "request_body" if isinstance(handler.get("max_size"), int):
            way.body_limits.append(int(str(handler["max_size"])))
        case "rewrite" if isinstance(handler.get("uri"), str) and "{" not in str(handler["uri"]):
            way.request = replace(way.request, path=str(handler["uri"]).partition("?")[0])
        case "rewrite" if isinstance(handler.get("strip_path_prefix"), str):
            prefix = str(handler["strip_path_prefix"])
            way.request = replace(way.request, path=way.request.path.removeprefix(prefix) or "/")
        case _ if name in _ANSWERS:
            way.answered = True


def _note(rules: object, way: Way) -> None:
    """Operations on answers that hold for each of them."""
    if isinstance(rules, Mapping) and not rules.get("require"):
        way.answers.append(rules)


def _change(rules: object, way: Way) -> None:
    """Header operations in Caddy's order: add, set, delete, replace."""
    fields, request = way.request.fields, way.request
    if not isinstance(rules, Mapping) or not isinstance(fields, dict):
        return
    for how in ("add", "set"):
        operations = rules.get(how)
        for name, values in operations.items() if isinstance(operations, Mapping) else ():
            value = filled(", ".join(words(values)), request)
            old = fields.get(str(name).lower())
            way.written.add(str(name).lower())
            fields[str(name).lower()] = f"{old}, {value}" if how == "add" and old and value is not None else value
    for name in words(rules.get("delete")):
        for known in [one for one in fields if _same(name.lower(), one)]:
            del fields[known]
        fields.pop(name.lower(), None)
        way.written.add(name.lower())
        if name.lower() in ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "host"):
            fields[name.lower()] = ""
    replaced = rules.get("replace")
    for name in replaced if isinstance(replaced, Mapping) else ():
        fields[str(name).lower()] = None
        way.written.add(str(name).lower())


def _same(pattern: str, name: str) -> bool:
    if pattern.startswith("*") and pattern.endswith("*") and len(pattern) > 2:
        return pattern.strip("*") in name
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name.endswith(pattern[1:]) if pattern.startswith("*") else pattern == name


def filled(text: str, request: Request) -> str | None:
    """``text`` with its placeholders; ``None`` for one that only Caddy knows."""
    parts: list[str] = []
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        value = _value(found[1], request)
        if value is None:
            return None
        parts += [text[at : found.start()], value]
        at = found.end()
    return "".join((*parts, text[at:]))


def _value(name: str, request: Request) -> str | None:
    host, _, port = request.host.partition(":")
    match name:
        case "http.request.host":
            return host
        case "http.request.hostport":
            return request.host
        case "http.request.port":
            return port
        case "http.request.scheme":
            return request.scheme
        case "http.request.remote.host" | "http.request.remote":
            return request.peer
        case "http.vars.client_ip" | "http.request.client_ip":
            return request.fields.get("antechamber client ip") or request.peer
        case _ if name.startswith("http.request.header."):
            field_name = name.removeprefix("http.request.header.").lower()
            return request.host if field_name == "host" else request.fields.get(field_name, "")
        case _ if name.startswith("http.reverse_proxy.upstream."):
            return UPSTREAM
    return None
