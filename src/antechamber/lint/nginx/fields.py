"""What a policy asks of a route, as an nginx configuration answers it at the spot where the route is served."""

from __future__ import annotations

from dataclasses import replace

from antechamber.lint.asked import Asking
from antechamber.lint.nginx import directives
from antechamber.lint.nginx.forwarding import Forwarding
from antechamber.lint.nginx.quantities import octets, seconds
from antechamber.lint.nginx.scopes import Found, Hidden, Level
from antechamber.lint.nginx.values import Spot, by_default, least, set_to, value
from antechamber.lint.nginx.variables import Variables
from antechamber.lint.reading import unknown
from antechamber.policy.effective import APP_ONLY, NO_LIMIT, Effective, PolicyField, Scalar, Source
from antechamber.policy.model import Policy

TOO = "nginx too"
_EVENTS = "text/event-stream"


def fields(
    spot: Spot, asking: Asking, policy: Policy, *, upstream: Level | None, host: str, names: tuple[str, ...]
) -> dict[PolicyField, Effective]:
    """The fields that hold at ``spot`` for a request like ``asking``, which is passed to ``upstream`` or ``host``."""
    forwarding = Forwarding(spot, asking, host, names=names)
    silence = _time(spot, "proxy_read_timeout", directives.READ_S)
    send = least(
        _time(spot, "proxy_send_timeout", directives.SEND_S), _time(spot, "send_timeout", directives.CLIENT_BODY_S)
    )
    return {
        **forwarding.fields(policy.untrusted_fields, policy.upgrade_tokens),
        PolicyField.RESPONSE_STREAMED: _response_streamed(spot),
        PolicyField.REQUEST_STREAMED: _request_streamed(spot, forwarding),
        PolicyField.BODY_LIMIT_BYTES: value(spot, "client_max_body_size", _limit, directives.BODY_BYTES),
        PolicyField.CONNECT_S: _time(spot, "proxy_connect_timeout", directives.CONNECT_S),
        PolicyField.REQUEST_HEAD_S: _time(spot, "client_header_timeout", directives.CLIENT_HEADER_S),
        PolicyField.BODY_IDLE_S: _time(spot, "client_body_timeout", directives.CLIENT_BODY_S),
        PolicyField.RESPONSE_S: silence,
        PolicyField.STREAM_IDLE_S: silence,
        PolicyField.SEND_S: send,
        PolicyField.KEEPALIVE_IDLE_S: _time(spot, "keepalive_timeout", directives.KEEPALIVE_S),
        PolicyField.UPSTREAM_IDLE_S: _upstream_idle(spot, upstream),
        PolicyField.DRAIN_S: _drain(spot),
        PolicyField.COMPRESSION: _compression(spot),
        PolicyField.CACHE: _cache(spot),
        PolicyField.NO_TRANSFORM: _no_transform(spot, asking),
    }


def _time(spot: Spot, name: str, default_s: float) -> Effective:
    return value(spot, name, seconds, default_s)


def _limit(word: str) -> Scalar | None:
    return NO_LIMIT if octets(word) == 0 else octets(word)


def _off(word: str) -> bool | None:
    return {"off": True, "on": False}.get(word)


def _response_streamed(spot: Spot) -> Effective:
    """Unbuffered; else a compressor of event streams waits for a block's worth. Measured: unbuffered, it does not."""
    switched = value(spot, "proxy_buffering", _off, False)
    if switched.value is not True and (compressed := _compresses_events(spot)):
        return compressed
    return switched


def _request_streamed(spot: Spot, forwarding: Forwarding) -> Effective:
    """A body of unknown length goes to the disk first, whatever is said, unless the app is spoken to in HTTP/1.1."""
    switched = value(spot, "proxy_request_buffering", _off, False)
    version = forwarding.http_version()
    if switched.value is True and version.value == "1.0":
        return replace(version, value=False)
    return switched


def _compresses_events(spot: Spot) -> Effective | None:
    for module in ("gzip", "brotli", "zstd"):
        switch, types = spot.scopes.find(module), spot.scopes.find(f"{module}_types")
        if not isinstance(switch, Found) or not isinstance(types, Found) or switch.last.arguments[:1] != ("on",):
            continue
        named = next((one for one in types.directives if {_EVENTS, "*"} & set(one.arguments)), None)
        if named:
            return replace(set_to(False, types, named), where=f"{module} is on for {_EVENTS}")
    return None


def _compression(spot: Spot) -> Effective:
    for module in ("brotli", "zstd"):
        found = spot.scopes.find(module)
        if isinstance(found, Found) and found.last.arguments[:1] in (("on",), ("always",)):
            return set_to(TOO, found)
    return value(spot, "gzip", {"on": TOO, "off": APP_ONLY}.get, APP_ONLY)


def _cache(spot: Spot) -> Effective:
    return value(spot, "proxy_cache", lambda zone: APP_ONLY if zone == "off" else TOO, APP_ONLY)


def _drain(spot: Spot) -> Effective:
    """Old workers keep their streams until this; without it, as long as the streams last."""
    if not spot.scopes.whole:
        return unknown("worker_shutdown_timeout would stand outside of this file")
    return value(spot, "worker_shutdown_timeout", seconds, NO_LIMIT)


def _upstream_idle(spot: Spot, upstream: Level | None) -> Effective:
    """How long an idle connection to the app is kept; ``0`` where each request has one of its own."""
    if upstream is None or not upstream.all("keepalive"):
        because = "kept connections to the app are the default since nginx 1.29.7"
        since = directives.HTTP_1_1_BY_DEFAULT
        if spot.version is not None and spot.version < since:
            return by_default(spot, 0.0, "no keepalive in an upstream block: each request has a connection of its own")
        if spot.version is None:
            return unknown(because, spot.place)
    if upstream is None:
        return Effective(directives.UPSTREAM_KEEPALIVE_S, Source.DEFAULT, "there is no upstream block", spot.place)
    stated = upstream.all("keepalive_timeout")
    if not stated:
        place = upstream.directive.place if upstream.directive else spot.place
        return Effective(
            directives.UPSTREAM_KEEPALIVE_S, Source.DEFAULT, "keepalive_timeout is not set in the upstream block", place
        )
    kept = seconds(stated[-1].arguments[0]) if stated[-1].arguments else None
    return Effective(kept, Source.SET, "in the upstream block", stated[-1].place)


def _no_transform(spot: Spot, asking: Asking) -> Effective:
    """Whether event streams say it, in one field: beside the app's own, two could be read as either."""
    added = spot.scopes.find("add_header")
    if isinstance(added, Hidden):
        return unknown(added.because, added.place)
    variables = Variables(replace(asking, answer={"content-type": _EVENTS, "cache-control": "no-cache"}), spot.scopes)
    for directive in added.directives if added else ():
        if len(directive.words) > 2 and directive.words[1].lower() == "cache-control":
            text = variables.text(directive.words[2])
            if text is not None and "no-transform" in text and _replaces_cache_control(spot):
                assert added is not None
                return set_to(True, added, directive)
    return Effective(False, Source.DEFAULT if spot.scopes.whole else Source.UNKNOWN, "nothing says it", spot.place)


def _replaces_cache_control(spot: Spot) -> bool:
    hidden = spot.scopes.find("proxy_hide_header")
    return isinstance(hidden, Found) and any(
        one.arguments[:1] and one.arguments[0].lower() == "cache-control" for one in hidden.directives
    )
