"""What the edge does, route by route, with a site file: the policy that it makes, since the edge obeys the policy."""

from __future__ import annotations

from antechamber.policy import options as opt
from antechamber.policy import time_limits as limit
from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField, Scalar, Source, required
from antechamber.policy.layers import Layer
from antechamber.policy.load import Loaded, read_site
from antechamber.policy.model import Kind, Route
from antechamber.policy.option import Option

_OPTIONS: dict[PolicyField, Option[object]] = {
    PolicyField.UPGRADES: opt.UPGRADE,
    PolicyField.BODY_LIMIT_BYTES: opt.BODY_LIMIT,
    PolicyField.CONNECT_S: limit.CONNECT_TIMEOUT,
    PolicyField.REQUEST_HEAD_S: limit.REQUEST_HEAD_TIMEOUT,
    PolicyField.BODY_IDLE_S: limit.BODY_IDLE_TIMEOUT,
    PolicyField.RESPONSE_S: limit.RESPONSE_TIMEOUT,
    PolicyField.STREAM_IDLE_S: limit.STREAM_IDLE_TIMEOUT,
    PolicyField.SEND_S: limit.SEND_TIMEOUT,
    PolicyField.KEEPALIVE_IDLE_S: limit.KEEPALIVE_IDLE_TIMEOUT,
    PolicyField.UPSTREAM_IDLE_S: limit.UPSTREAM_IDLE_TIMEOUT,
    PolicyField.DRAIN_S: limit.DRAIN_TIMEOUT,
    PolicyField.FORWARDED_PROTO: opt.PUBLIC_ORIGIN,
    PolicyField.FORWARDED_HOST: opt.PUBLIC_ORIGIN,
    PolicyField.LOOK_ALIKES: opt.UNTRUSTED_FIELDS,
}
"""The option that decides a field; the others cannot be set."""


def read(text: str) -> tuple[EffectiveRoute, ...]:
    """The routes of the site file ``text``. Raises :class:`antechamber.errors.ConfigError`."""
    loaded = read_site(text)
    routes = loaded.policy.routes
    if not any(route.path == "/*" for route in routes):
        routes = (*routes, Route(name="everything", path="/*", kind=Kind.PAGE))
    return tuple(EffectiveRoute(route.path, _fields(loaded, route)) for route in routes)


def _fields(loaded: Loaded, route: Route) -> dict[PolicyField, Effective]:
    """An event stream is always marked ``no-transform``, whether or not a CDN stands further out."""
    wanted = required(loaded.policy, route, outer_cdn=True)
    return {field: _effective(loaded, field, value) for field, value in wanted.items()}


def _effective(loaded: Loaded, field: PolicyField, value: Scalar) -> Effective:
    option = _OPTIONS.get(field)
    setting = loaded.setting(option) if option else None
    if setting is None or setting.layer is not Layer.FILE:
        return Effective(value, Source.DEFAULT)
    return Effective(value, Source.SET, f"line {setting.place.rpartition(':')[2]}")
