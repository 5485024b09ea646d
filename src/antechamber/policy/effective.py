"""What is required of a route, and what holds on it: the same fields on both sides.

:func:`required` takes the requirements of one route out of a policy. An :class:`EffectiveRoute` says what an engine's
configuration, or a live deployment, does to that route; each value says where it comes from, because "not set" and
"set to the default" call for different words. Rules compare the two; they know neither files nor sockets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from antechamber.policy.match import Matcher
from antechamber.policy.model import Kind, Policy, Route
from antechamber.policy.observation import Observation

Scalar = bool | int | float | str


class PolicyField(StrEnum):
    """Everything that a policy requires of a route."""

    UPGRADES = "upgrades"
    """Upgrade tokens that are relayed, sorted, with commas. All others are not."""
    RESPONSE_STREAMED = "response-streamed"
    """Whether a response is forwarded piece by piece, at once."""
    REQUEST_STREAMED = "request-streamed"
    """Whether a request body is forwarded piece by piece."""
    BODY_LIMIT_BYTES = "body-limit-bytes"
    CONNECT_S = "connect-s"
    REQUEST_HEAD_S = "request-head-s"
    BODY_IDLE_S = "body-idle-s"
    RESPONSE_S = "response-s"
    """How long an ordinary answer may take, or be silent."""
    STREAM_IDLE_S = "stream-idle-s"
    """How long a live route may be silent."""
    SEND_S = "send-s"
    KEEPALIVE_IDLE_S = "keepalive-idle-s"
    UPSTREAM_IDLE_S = "upstream-idle-s"
    DRAIN_S = "drain-s"
    HOST = "host"
    CLIENT_ADDRESS = "client-address"
    FORWARDED_PROTO = "forwarded-proto"
    FORWARDED_HOST = "forwarded-host"
    FORWARDED = "forwarded"
    LOOK_ALIKES = "look-alikes"
    """Names of fields that strangers cannot send, sorted, with commas."""
    COMPRESSION = "compression"
    """Who compresses."""
    CACHE = "cache"
    """Who caches."""
    NO_TRANSFORM = "no-transform"
    """Whether event streams tell outer hops to leave them alone."""


AS_ASKED = "as asked"
"""The value that the client sent in ``Host``."""
PORT_DROPPED = "as asked, without the port"
AS_SEEN = "as seen"
"""What this hop knows itself, or a trusted proxy says; never what a stranger says."""
AS_SENT = "passed"
"""What the client itself says of the way it came, passed on unchanged; nothing arrives where it says nothing."""
MISSING = "missing"
"""Seen: nothing arrives, although a proxy should say it."""
DROPPED = "dropped"
APP_ONLY = "app only"
ANY_TOKEN = "any"  # noqa: S105  (of an upgrade, not of a person)
"""Instead of upgrade tokens: every one is relayed."""
NO_LIMIT = "no limit"
"""Instead of a number of seconds or octets."""


class Source(StrEnum):
    """Where an effective value comes from."""

    SET = "set"
    INHERITED = "inherited"
    DEFAULT = "default"
    OBSERVED = "observed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Effective:
    """One value that holds. ``where`` is ``line N`` of a file, or the evidence; ``None`` is: could not tell."""

    value: Scalar | None
    source: Source
    where: str = ""
    place: Place | None = None
    """Where it is written, if it stands in a file."""


@dataclass(frozen=True, slots=True)
class EffectiveRoute:
    """What holds on the paths of one route; ``path`` is written as in a profile."""

    path: str
    fields: Mapping[PolicyField, Effective]
    observations: Mapping[Observation, Effective] = field(default_factory=dict)
    """What a probe saw; empty for what was read from a file. What concerns a whole site stands on the path ``/*``."""


def required(policy: Policy, route: Route, *, outer_cdn: bool = False) -> dict[PolicyField, Scalar]:
    """What ``policy`` requires on ``route``; ``outer_cdn`` says that a CDN stands further out."""
    times = policy.timeouts
    origin = policy.public_origin
    fields: dict[PolicyField, Scalar] = {
        PolicyField.UPGRADES: ",".join(sorted(policy.upgrade_tokens)),
        PolicyField.RESPONSE_STREAMED: True,
        PolicyField.REQUEST_STREAMED: True,
        PolicyField.BODY_LIMIT_BYTES: body_limit_bytes(policy, route),
        PolicyField.CONNECT_S: times.connect_s,
        PolicyField.REQUEST_HEAD_S: times.request_head_s,
        PolicyField.BODY_IDLE_S: times.body_idle_s,
        PolicyField.SEND_S: times.stream_send_s if route.kind.live else times.send_s,
        PolicyField.KEEPALIVE_IDLE_S: times.keepalive_idle_s,
        PolicyField.UPSTREAM_IDLE_S: times.upstream_idle_s,
        PolicyField.DRAIN_S: times.drain_s,
        PolicyField.HOST: AS_ASKED,
        PolicyField.CLIENT_ADDRESS: AS_SEEN,
        PolicyField.FORWARDED_PROTO: origin.scheme if origin else AS_SEEN,
        PolicyField.FORWARDED_HOST: origin.host if origin else AS_SEEN,
        PolicyField.FORWARDED: DROPPED,
        PolicyField.LOOK_ALIKES: ",".join(sorted(policy.untrusted_fields)),
        PolicyField.COMPRESSION: APP_ONLY,
        PolicyField.CACHE: APP_ONLY,
    }
    if route.kind.live:
        fields[PolicyField.STREAM_IDLE_S] = silence_s(policy, route)
    else:
        fields[PolicyField.RESPONSE_S] = silence_s(policy, route)
    if route.kind is Kind.SSE:
        fields[PolicyField.NO_TRANSFORM] = outer_cdn
    return fields


def body_limit_bytes(policy: Policy, route: Route) -> int:
    """The largest request body on a route."""
    return policy.limits.body_bytes if route.body_limit_bytes is None else route.body_limit_bytes


def silence_s(policy: Policy, route: Route) -> float:
    """How long the app may be silent on a route. On a live route this bounds the wait for its head as well."""
    if route.kind.live:
        stated, general = route.stream_idle_timeout_s, policy.timeouts.stream_idle_s
    else:
        stated, general = route.response_timeout_s, policy.timeouts.response_s
    return general if stated is None else stated


class EffectiveRoutes:
    """Effective routes, found by path as a policy's own routes are."""

    def __init__(self, routes: Iterable[EffectiveRoute]) -> None:
        self._by_path = {route.path: route for route in routes}
        self._matcher = Matcher(Route(name=path, path=path, kind=Kind.PAGE) for path in self._by_path)

    def of(self, path: str) -> EffectiveRoute:
        """What holds on ``path``; nothing is known where no route covers it."""
        found = self._matcher.match(path)
        return self._by_path.get(found.path) or EffectiveRoute(found.path, {})
