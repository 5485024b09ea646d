"""What one of our own Caddyfiles does, route by route.

What is not written has Caddy's default, which is the right one for streaming, ``Host`` and compression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from antechamber.engines.caddy.tree import Line, expanded, parse
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

_DIAL = Effective(3.0, Source.DEFAULT)
_NO_LIMIT = Effective("no limit", Source.DEFAULT)


def read(text: str, name: str = "") -> tuple[EffectiveRoute, ...]:
    """The routes of the site called ``name`` in ``text``, else of its first site. Raises :class:`ConfigError`."""
    top = parse(text)
    snippets = {line.name: line for line in top if line.name.startswith("(")}
    settings = next((line for line in top if line.name == ""), Line(("",), 0))
    for site in (line for line in top if f"://{name}" in line.name):
        content = Line(site.words, site.number, expanded(site.block, snippets))
        if route := content.child("route"):
            return tuple(_routes(content, route, settings))
    raise ConfigError("no site with a route is in it", way_out="Read a Caddyfile, not a snippet.")


def _routes(site: Line, route: Line, settings: Line) -> Sequence[EffectiveRoute]:
    return [
        EffectiveRoute(path, _fields(handle, settings) | {PolicyField.NO_TRANSFORM: _no_transform(site)})
        for handle in route.block
        if handle.name == "handle"
        for path in (_paths(route, handle) if len(handle.words) > 1 else ("/*",))
    ]


def _paths(route: Line, handle: Line) -> Sequence[str]:
    matcher = route.child(handle.words[1])
    if matcher is None:
        raise ConfigError(f"there is no matcher {handle.words[1]}", place=f"line {handle.number}")
    return paths_of(matcher.words[2])


def _no_transform(site: Line) -> Effective:
    for line in (line for line in site.block if line.name == "header"):
        match, field = line.child("match"), line.child("Cache-Control")
        if match and match.words[-1] == "text/event-stream*" and field and "no-transform" in field.words[1]:
            return Effective(True, Source.SET, f"line {field.number}")
    return Effective(False, Source.DEFAULT)


def _fields(handle: Line, settings: Line) -> dict[PolicyField, Effective]:
    proxy = handle.child("reverse_proxy")
    if proxy is None:
        raise ConfigError("nothing is proxied here", place=f"line {handle.number}")
    head = _value(proxy.child("transport", "response_header_timeout"), read_time, _NO_LIMIT)
    return {
        PolicyField.UPGRADES: _upgrades(handle),
        PolicyField.RESPONSE_STREAMED: _absent(proxy, "response_buffers"),
        PolicyField.REQUEST_STREAMED: _absent(proxy, "request_buffers"),
        PolicyField.BODY_LIMIT_BYTES: _body_limit(handle),
        PolicyField.CONNECT_S: _value(
            proxy.child("transport", "dial_timeout"), read_time, Effective(3.0, Source.DEFAULT)
        ),
        PolicyField.REQUEST_HEAD_S: _value(settings.child("servers", "timeouts", "read_header"), read_time, _NO_LIMIT),
        PolicyField.RESPONSE_S: head,
        PolicyField.STREAM_IDLE_S: _value(proxy.child("transport", "read_timeout"), read_time, _NO_LIMIT),
        PolicyField.KEEPALIVE_IDLE_S: _value(settings.child("servers", "timeouts", "idle"), read_time, _NO_LIMIT),
        PolicyField.UPSTREAM_IDLE_S: _value(
            proxy.child("transport", "keepalive"), read_time, Effective(120.0, Source.DEFAULT)
        ),
        PolicyField.DRAIN_S: _value(settings.child("grace_period"), read_time, _NO_LIMIT),
        PolicyField.HOST: _sent(proxy, "Host", {}, Effective(AS_ASKED, Source.DEFAULT)),
        PolicyField.CLIENT_ADDRESS: _client_address(proxy),
        PolicyField.FORWARDED_PROTO: _sent(proxy, "X-Forwarded-Proto", {}, Effective(AS_SEEN, Source.DEFAULT)),
        PolicyField.FORWARDED_HOST: _sent(proxy, "X-Forwarded-Host", {}, Effective(AS_SEEN, Source.DEFAULT)),
        PolicyField.FORWARDED: _sent(proxy, "Forwarded", {"": DROPPED}, Effective("passed", Source.DEFAULT)),
        PolicyField.LOOK_ALIKES: _look_alikes(proxy),
        PolicyField.COMPRESSION: _compression(handle, proxy),
        PolicyField.CACHE: Effective(APP_ONLY, Source.DEFAULT),
    }


def _value(line: Line | None, convert: Callable[[str], Scalar], default: Effective) -> Effective:
    return Effective(convert(line.words[1]), Source.SET, f"line {line.number}") if line else default


def _body_limit(handle: Line) -> Effective:
    """The count ends an upload; the answer to a declared length keeps it from being sent."""
    if not any(line.words == ("respond", "@too_large", "413") for line in handle.block):
        return Effective("after as much was sent", Source.DEFAULT)
    return _value(handle.child("request_body", "max_size"), int, _NO_LIMIT)


def _absent(proxy: Line, name: str) -> Effective:
    line = proxy.child(name)
    return Effective(False, Source.SET, f"line {line.number}") if line else Effective(True, Source.DEFAULT)


def _sent(proxy: Line, name: str, meaning: Mapping[str, Scalar], default: Effective) -> Effective:
    """What a request field is set to; an empty value is a field that is taken out."""
    for line in reversed(proxy.block):
        if line.name == "header_up" and line.words[1].lstrip("-").lower() == name.lower():
            value = "" if line.words[1].startswith("-") else line.words[2]
            return Effective(meaning.get(value, value), Source.SET, f"line {line.number}")
    return default


def _client_address(proxy: Line) -> Effective:
    appended = Effective("appended", Source.DEFAULT)
    both = [_sent(proxy, name, {"{client_ip}": AS_SEEN}, appended) for name in ("X-Forwarded-For", "X-Real-IP")]
    return next((one for one in both if one.value != AS_SEEN), both[0])


def _look_alikes(proxy: Line) -> Effective:
    lines = [line for line in proxy.block if line.name == "header_up" and line.words[1].startswith("-")]
    names = sorted({line.words[1][1:].lower() for line in lines} - {"forwarded"})
    return Effective(",".join(names), Source.SET)


def _upgrades(handle: Line) -> Effective:
    """The tokens that the removal of foreign upgrades leaves alone; without that removal, any."""
    for matcher in (line for line in handle.block if line.name == "@foreign_upgrade"):
        found = re.fullmatch(r"\(\?i\)\^\(\?:(.*)\)\$", matcher.words[-1])
        removal = ("request_header", "@foreign_upgrade", "-Upgrade")
        if found and any(line.words == removal for line in handle.block):
            tokens = found[1].replace("\\.", ".").split("|")
            return Effective(",".join(sorted(tokens)), Source.SET, f"line {matcher.number}")
    return Effective("any", Source.DEFAULT)


def _compression(handle: Line, proxy: Line) -> Effective:
    if line := handle.child("encode"):
        return Effective("Caddy too", Source.SET, f"line {line.number}")
    line = proxy.child("transport", "compression")
    if line is None:
        return Effective("Caddy asks for gzip", Source.DEFAULT)
    return Effective(APP_ONLY if line.words[1] == "off" else "Caddy asks for gzip", Source.SET, f"line {line.number}")
