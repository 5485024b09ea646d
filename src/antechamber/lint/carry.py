"""What a foreign configuration says, as a policy: the way from one engine to another.

Only what is written is carried over, never an engine's default; what has no place in a policy is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from antechamber.errors import ConfigError
from antechamber.lint.reading import Site
from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField, Source
from antechamber.policy.endpoints import Upstream
from antechamber.policy.model import Address, Origin, Policy, Route
from antechamber.policy.observation import Observation
from antechamber.policy.value import ValueProblem

_TIMES: Mapping[PolicyField, str] = {
    PolicyField.CONNECT_S: "connect_s",
    PolicyField.REQUEST_HEAD_S: "request_head_s",
    PolicyField.KEEPALIVE_IDLE_S: "keepalive_idle_s",
    PolicyField.BODY_IDLE_S: "body_idle_s",
    PolicyField.SEND_S: "send_s",
    PolicyField.UPSTREAM_IDLE_S: "upstream_idle_s",
    PolicyField.DRAIN_S: "drain_s",
}
_LEAST_S = 0.01


@dataclass(frozen=True, slots=True)
class Carried:
    """A policy, and what could not be put into it."""

    policy: Policy
    remarks: tuple[str, ...]


def carried(site: Site, base: Policy) -> Carried:
    """``base`` with what ``site`` says. Raises :class:`ConfigError` where it says nothing of where the app is."""
    effective = {one.path: one for route in base.routes if (one := site.effective(route, base)) is not None}
    everything = effective.get("/*")
    times = base.timeouts
    body = base.limits.body_bytes
    if everything:
        times = replace(
            times,
            **{name: value for field, name in _TIMES.items() if (value := _number(everything, field)) is not None},
        )
        response = _number(everything, PolicyField.RESPONSE_S)
        times = replace(times, response_s=times.response_s if response is None else response)
        body = int(_number(everything, PolicyField.BODY_LIMIT_BYTES) or body)
    sends = [
        _number(effective[one.path], PolicyField.SEND_S)
        for one in base.routes
        if one.kind.live and one.path in effective
    ]
    if known := [one for one in sends if one is not None]:
        times = replace(times, stream_send_s=min(known))
    policy = replace(
        base,
        upstream=_upstream(site),
        public_origin=_origin(site) or base.public_origin,
        timeouts=times,
        limits=replace(base.limits, body_bytes=body),
        routes=tuple(
            _route(
                route,
                effective.get(route.path),
                response_s=times.response_s,
                stream_idle_s=times.stream_idle_s,
                body=body,
            )
            for route in base.routes
        ),
    )
    return Carried(policy, tuple(_remarks(effective.values(), base, effective)))


def _number(effective: EffectiveRoute, field: PolicyField) -> float | None:
    """A value that is written as a number and means one."""
    found = effective.fields.get(field)
    if found is None or found.source not in (Source.SET, Source.INHERITED):
        return None
    if isinstance(found.value, bool) or not isinstance(found.value, int | float):
        return None
    return found.value if found.value >= _LEAST_S else None


def _route(
    route: Route, effective: EffectiveRoute | None, *, response_s: float, stream_idle_s: float, body: int
) -> Route:
    if effective is None or route.path == "/*":
        return route
    silence = _number(effective, PolicyField.STREAM_IDLE_S if route.kind.live else PolicyField.RESPONSE_S)
    limit = _number(effective, PolicyField.BODY_LIMIT_BYTES)
    changed = route
    if limit is not None and int(limit) != body:
        changed = replace(changed, body_limit_bytes=int(limit))
    if silence is None:
        return changed
    if route.kind.live:
        return replace(changed, stream_idle_timeout_s=None if silence == stream_idle_s else silence)
    return replace(changed, response_timeout_s=None if silence == response_s else silence)


def _upstream(site: Site) -> Address:
    for word in site.upstreams:
        try:
            return _address(word)
        except ValueProblem:
            continue
    raise ConfigError(
        "this site does not say where the app is",
        place=str(site.place) if site.place else "",
        way_out="Name another site with --site.",
    )


def _address(word: str) -> Address:
    host, colon, port = word.rpartition(":")
    if word.startswith("unix/"):
        word = "unix:" + word.removeprefix("unix/")
    elif not word.startswith("unix:") and not (colon and host and port.isdecimal()):
        word = f"http://{word}"
        if "." not in word.removeprefix("http://") and word != "http://localhost":
            raise ValueProblem("a name without a port is an upstream block's as a rule")
    return Upstream().parse(word, base=Path("/"))


def _origin(site: Site) -> Origin | None:
    """The first plain name, over https if the site speaks it."""
    name = next((one for one in site.names if "." in one and not set("*~$^") & set(one)), None)
    if name is None:
        return None
    secure = Observation.HTTP_VERSIONS in site.observations() or Observation.TLS in site.observations()
    return Origin(scheme="https" if secure else "http", host=name.lower())


def _remarks(routes: Iterable[EffectiveRoute], base: Policy, effective: Mapping[str, EffectiveRoute]) -> list[str]:
    """What a policy has no word for, once each."""
    unclear: dict[str, Effective] = {}
    for route in routes:
        for found in route.fields.values():
            if found.value is None and found.where and found.place:
                unclear.setdefault(found.where, found)
    remarks = [f"{found.place}: not carried over: {where}" for where, found in unclear.items()]
    elsewhere = [route.path for route in base.routes if route.path not in effective]
    if elsewhere:
        remarks.append(f"not passed on by this site: {', '.join(elsewhere[:8])}")
    return remarks
