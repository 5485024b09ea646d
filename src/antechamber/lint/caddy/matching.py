"""Whether a matcher of Caddy takes a request: yes, no, or ``None`` where only Caddy knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network

from antechamber.lint.pattern import Unsupported, matches

Answer = bool | None
Tree = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request; ``fields`` are what they are when it is looked at, ``Host`` excepted."""

    path: str
    host: str
    peer: str
    scheme: str
    fields: Mapping[str, str | None]


def items(value: object) -> list[Tree]:
    """The objects of a JSON array, whatever it is."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def words(value: object) -> list[str]:
    """The strings of a JSON array, whatever it is."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def takes(sets: object, request: Request) -> Answer:
    """A route's matcher sets, of which one must take the request; no set takes all."""
    found = items(sets)
    return True if not found else _any(_all(_one(name, rule, request) for name, rule in one.items()) for one in found)


def path_patterns(route: Tree) -> list[tuple[str, str]]:
    """The path patterns of a route's matchers: how they are compared, and the pattern."""
    found: list[tuple[str, str]] = []
    for one in items(route.get("match")):
        found += [("glob", word) for word in words(one.get("path"))]
        regexp = one.get("path_regexp")
        if isinstance(regexp, Mapping) and isinstance(regexp.get("pattern"), str):
            found.append(("regexp", str(regexp["pattern"])))
    return found


def path_fits(how: str, pattern: str, path: str) -> bool:
    """Whether a pattern takes a path. Raises :class:`Unsupported`."""
    if how == "regexp":
        return matches(pattern, path)
    if pattern.endswith("*") and "*" not in pattern[:-1] and "?" not in pattern:
        return path.lower().startswith(pattern[:-1].lower())
    return len(pattern) < 500 and fnmatchcase(path.lower(), pattern.lower())


def _any(answers: Iterable[Answer]) -> Answer:
    found = list(answers)
    return True if True in found else None if None in found else False


def _all(answers: Iterable[Answer]) -> Answer:
    found = list(answers)
    return False if False in found else None if None in found else True


def _one(name: str, rule: object, request: Request) -> Answer:
    try:
        match name:
            case "path":
                return any(path_fits("glob", word, request.path) for word in words(rule))
            case "path_regexp" if isinstance(rule, Mapping):
                return matches(str(rule.get("pattern", "")), request.path)
            case "host":
                host = request.host.partition(":")[0]
                return any(host == word or fnmatchcase(host, word) for word in words(rule))
            case "method":
                return "GET" in words(rule)
            case "protocol":
                return {"https": request.scheme == "https", "http": request.scheme == "http"}.get(str(rule))
            case "remote_ip" | "client_ip" if isinstance(rule, Mapping):
                return any(in_network(request.peer, one) for one in words(rule.get("ranges")))
            case "header" if isinstance(rule, Mapping):
                return _all(_header(key, words(values), request) for key, values in rule.items())
            case "header_regexp" if isinstance(rule, Mapping):
                return _all(_header_regexp(key, one, request) for key, one in rule.items())
            case "not":
                inner = takes(rule, request)
                return None if inner is None else not inner
    except Unsupported:
        return None
    return None


def _header(name: str, values: Sequence[str], request: Request) -> Answer:
    text = request.fields.get(name.lower(), "")
    if text is None:
        return None
    if not values:
        return name.lower() not in request.fields
    return any(text != "" and fnmatchcase(text, value) for value in values)


def _header_regexp(name: str, rule: object, request: Request) -> Answer:
    text = request.fields.get(name.lower(), "")
    if text is None or not isinstance(rule, Mapping):
        return None
    return text != "" and matches(str(rule.get("pattern", "")), text)


def in_network(address: str, network: str) -> bool:
    """Whether an address is in a CIDR block; ``private_ranges`` is spelled out by Caddy itself."""
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
