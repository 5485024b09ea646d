"""Labels of caddy-docker-proxy as the Caddyfile that it makes of them.

Dots are levels, values are arguments; a number before a name orders, one behind it keeps apart what would be one
directive (https://github.com/lucaslorentz/caddy-docker-proxy#labels-to-caddyfile-conversion). Of its templates only
``{{upstreams [http|https] [PORT]}}`` is worked out here; a service with any other is not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from antechamber.lint.compose.services import Service, Setting

_FIRST = re.compile(r"caddy(?:_(\d+))?(?:\.|$)")
_ORDER = re.compile(r"(?:(\d+)_)?(.*?)(?:_(\d+))?")
_UPSTREAMS = re.compile(r"\{\{\s*upstreams((?:\s+(?:http|https|h2c|\d{1,5}))*)\s*\}\}")
_DEEPEST = 12


class NotTold(Exception):
    """A label that nothing here understands."""

    def __init__(self, label: Setting, because: str) -> None:
        self.label = label
        super().__init__(because)


@dataclass(slots=True)
class _Directive:
    """A directive, its arguments and its block."""

    label: Setting
    arguments: str = ""
    inner: dict[str, _Directive] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the Caddyfile, and the line of the compose file that it is from."""

    text: str
    number: int


def sites(service: Service) -> list[Line]:
    """The Caddyfile of a service's labels; empty where it has none. Raises :class:`NotTold`."""
    roots: dict[str, _Directive] = {}
    for label in service.labels:
        if found := _FIRST.match(label.name):
            root = roots.setdefault(found[1] or "", _Directive(label))
            _put(root, label.name[found.end() :], label, service)
    return [line for key in sorted(roots) for line in _block(roots[key])]


def _put(root: _Directive, path: str, label: Setting, service: Service) -> None:
    steps = path.split(".") if path else []
    if len(steps) > _DEEPEST or not all(steps):
        raise NotTold(label, "it is nested too deeply, or has an empty name in it")
    directive = root
    for step in steps:
        directive = directive.inner.setdefault(step, _Directive(label))
    directive.label = label
    directive.arguments = _filled(label, service)


def _filled(label: Setting, service: Service) -> str:
    if label.value is None:
        raise NotTold(label, "its value is in the environment of Compose")
    text = _UPSTREAMS.sub(lambda found: _upstreams(found[1].split(), service), label.value.strip())
    if "{{" in text or "\n" in text:
        raise NotTold(label, "only the template upstreams is understood")
    return text


def _upstreams(words: Iterable[str], service: Service) -> str:
    target = service.name
    for word in words:
        target = f"{target}:{word}" if word.isdecimal() else f"{word}://{target}"
    return target


def _block(root: _Directive) -> Iterator[Line]:
    yield Line(f"{root.arguments} {{".lstrip(), root.label.place.line)
    yield from _lines(root)
    yield Line("}", 0)


def _lines(directive: _Directive) -> Iterator[Line]:
    for key, inner in sorted(directive.inner.items(), key=lambda one: _order(one[0])):
        text = f"{_order(key)[1]} {inner.arguments}".rstrip()
        yield Line(f"{text} {{" if inner.inner else text, inner.label.place.line)
        if inner.inner:
            yield from _lines(inner)
            yield Line("}", 0)


def _order(key: str) -> tuple[float, str, int]:
    """Those with a number before them first; then by name, then by the number behind it."""
    found = _ORDER.fullmatch(key)
    assert found is not None
    return float(found[1] or "inf"), found[2], int(found[3] or 0)
