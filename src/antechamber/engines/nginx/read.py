"""What one of our own nginx configurations does, route by route.

What is not set has nginx's default; what may come from a level outside the text (``gzip``, which Debian's nginx.conf
switches on) is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from antechamber.engines.nginx.syntax import Directive, parse
from antechamber.engines.nginx.tree import Scopes
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

_NO_HEADER = Effective("as nginx makes it", Source.DEFAULT)
_UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3}
_SEEN = re.compile(r"\$(scheme|http_host|antechamber_(proto|host)(_[0-9]+)?)")
"""What this hop knows itself, or lets only trusted proxies say."""


def read(text: str, name: str = "") -> tuple[EffectiveRoute, ...]:
    """The routes of the site called ``name`` in ``text``, else of its first site. Raises :class:`ConfigError`."""
    top = parse(text)
    http = next((directive.block for directive in top if directive.name == "http"), top)
    for server in (directive for directive in http if directive.name == "server" and directive.block):
        locations = [directive for directive in server.block if directive.name == "location"]
        if locations and (not name or any(one.words == ("server_name", name) for one in server.block)):
            drain = {PolicyField.DRAIN_S: _drain(top)}
            return tuple(
                EffectiveRoute(path, _fields(Scopes((location.block, server.block, http))) | drain)
                for location in locations
                for path in _paths(location)
            )
    raise ConfigError("no server block with a location is in it", way_out="Read a site, not a snippet.")


def _paths(location: Directive) -> Sequence[str]:
    match location.words[1:]:
        case ("/",):
            return ("/*",)
        case ("=", path):
            return (path,)
        case ("~", regex):
            return paths_of(regex)
    raise ConfigError("this location is none of ours", place=f"line {location.line}")


def _fields(scopes: Scopes) -> dict[PolicyField, Effective]:
    silence = _time(scopes, "proxy_read_timeout", 60.0)
    return {
        PolicyField.UPGRADES: _upgrades(scopes),
        PolicyField.RESPONSE_STREAMED: _switched_off(scopes, "proxy_buffering"),
        PolicyField.REQUEST_STREAMED: _switched_off(scopes, "proxy_request_buffering"),
        PolicyField.BODY_LIMIT_BYTES: _value(scopes, "client_max_body_size", _bytes, 1024**2),
        PolicyField.CONNECT_S: _time(scopes, "proxy_connect_timeout", 60.0),
        PolicyField.REQUEST_HEAD_S: _time(scopes, "client_header_timeout", 60.0),
        PolicyField.BODY_IDLE_S: _time(scopes, "client_body_timeout", 60.0),
        PolicyField.RESPONSE_S: silence,
        PolicyField.STREAM_IDLE_S: silence,
        PolicyField.SEND_S: _least(_time(scopes, "proxy_send_timeout", 60.0), _time(scopes, "send_timeout", 60.0)),
        PolicyField.KEEPALIVE_IDLE_S: _time(scopes, "keepalive_timeout", 75.0),
        PolicyField.UPSTREAM_IDLE_S: _upstream_idle(scopes),
        PolicyField.HOST: _sent(scopes, "Host", {"$http_host": AS_ASKED}),
        PolicyField.CLIENT_ADDRESS: _client_address(scopes),
        PolicyField.FORWARDED_PROTO: _public(scopes, "X-Forwarded-Proto"),
        PolicyField.FORWARDED_HOST: _public(scopes, "X-Forwarded-Host"),
        PolicyField.FORWARDED: _sent(scopes, "Forwarded", {"": DROPPED}),
        PolicyField.LOOK_ALIKES: _look_alikes(scopes),
        PolicyField.COMPRESSION: _app_alone(scopes, "gzip"),
        PolicyField.CACHE: _app_alone(scopes, "proxy_cache"),
        PolicyField.NO_TRANSFORM: _no_transform(scopes),
    }


def _drain(top: Sequence[Directive]) -> Effective:
    """How long old workers keep their streams; what no whole ``nginx.conf`` says stands elsewhere."""
    if not any(directive.name == "http" for directive in top):
        return Effective(None, Source.UNKNOWN, "worker_shutdown_timeout stands outside this file")
    return _value(Scopes((top,)), "worker_shutdown_timeout", read_time, "no limit")


def _where(directive: Directive) -> str:
    return f"line {directive.line}"


def _value(scopes: Scopes, name: str, convert: Callable[[str], Scalar], default: Scalar) -> Effective:
    found = scopes.find(name)
    if found is None:
        return Effective(default, Source.DEFAULT)
    directive, source = found
    return Effective(convert(directive.words[1]), source, _where(directive))


def _time(scopes: Scopes, name: str, default_s: float) -> Effective:
    return _value(scopes, name, read_time, default_s)


def _bytes(text: str) -> int:
    unit = _UNITS.get(text[-1])
    return int(text[:-1]) * unit if unit else int(text)


def _switched_off(scopes: Scopes, name: str) -> Effective:
    return _value(scopes, name, lambda word: word == "off", default=False)


def _least(one: Effective, other: Effective) -> Effective:
    assert isinstance(one.value, float)
    assert isinstance(other.value, float)
    return one if one.value <= other.value else other


def _header(scopes: Scopes, name: str) -> Effective:
    """What a request field is set to. A level that sets any field inherits none."""
    headers, source = scopes.all("proxy_set_header")
    found = [directive for directive in headers if directive.words[1].lower() == name.lower()]
    return Effective(found[-1].words[2], source, _where(found[-1])) if found else _NO_HEADER


def _public(scopes: Scopes, name: str) -> Effective:
    header = _header(scopes, name)
    return replace(header, value=AS_SEEN) if _SEEN.fullmatch(str(header.value)) else header


def _sent(scopes: Scopes, name: str, meaning: Mapping[str, Scalar]) -> Effective:
    header = _header(scopes, name)
    assert isinstance(header.value, str)
    return Effective(meaning.get(header.value, header.value), header.source, header.where)


def _client_address(scopes: Scopes) -> Effective:
    both = [_sent(scopes, name, {"$remote_addr": AS_SEEN}) for name in ("X-Forwarded-For", "X-Real-IP")]
    return next((one for one in both if one.value != AS_SEEN), both[0])


def _look_alikes(scopes: Scopes) -> Effective:
    headers, source = scopes.all("proxy_set_header")
    dropped = sorted({one.words[1].lower() for one in headers if one.words[2] == ""} - {"forwarded"})
    return Effective(",".join(dropped), source)


def _upgrades(scopes: Scopes) -> Effective:
    """The tokens of the map that ``Upgrade`` is taken from, if all that an upgrade needs is there."""
    version = _value(scopes, "proxy_http_version", str, "1.0")
    upgrade, connection = _header(scopes, "Upgrade"), _header(scopes, "Connection")
    tokens = _map(scopes, str(upgrade.value))
    if version.value != "1.1" or not tokens or _map(scopes, str(connection.value)) != {"default": "upgrade", "": ""}:
        return Effective("", upgrade.source, upgrade.where)
    return Effective(",".join(sorted(set(tokens) - {"default"})), upgrade.source, upgrade.where)


def _map(scopes: Scopes, variable: str) -> Mapping[str, str]:
    """Source and resulting values of the map that makes ``variable``."""
    for directive in scopes.http:
        if directive.name == "map" and directive.words[2] == variable:
            return {entry.words[0]: entry.words[1] for entry in directive.block}
    return {}


def _upstream_idle(scopes: Scopes) -> Effective:
    """nginx keeps an idle connection for 60 s (https://nginx.org/en/docs/http/ngx_http_upstream_module.html)."""
    passed = scopes.find("proxy_pass")
    name = passed[0].words[1].removeprefix("http://") if passed else ""
    for upstream in (directive for directive in scopes.http if directive.words == ("upstream", name)):
        found = _time(Scopes((upstream.block, ())), "keepalive_timeout", 60.0)
        return Effective(found.value, found.source, found.where)
    return Effective(None, Source.UNKNOWN, "no upstream block is in this file")


def _app_alone(scopes: Scopes, name: str) -> Effective:
    """Whether what nginx could do as well as the app is switched off, and so for every level outside this file."""
    if scopes.find(name) is None:
        return Effective(None, Source.UNKNOWN, f"{name} may be set on a level outside this file")
    return _value(scopes, name, lambda word: APP_ONLY if word == "off" else "nginx too", APP_ONLY)


def _no_transform(scopes: Scopes) -> Effective:
    """Whether the map's field stands in the place of the app's own: two fields could be read as either."""
    added, source = scopes.all("add_header")
    hidden, _ = scopes.all("proxy_hide_header")
    for directive in added if any(one.words[1] == "Cache-Control" for one in hidden) else ():
        values = _map(scopes, directive.words[2]) if directive.words[1] == "Cache-Control" else {}
        others = values.get("default") == "$upstream_http_cache_control"
        if others and "no-transform" in values.get("~*^text/event-stream", ""):
            return Effective(True, source, _where(directive))
    return Effective(False, source)
