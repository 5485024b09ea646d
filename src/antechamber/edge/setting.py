"""What all connections of one edge share: the policy made ready for use, the clock, the books, the pool."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import TYPE_CHECKING, TypeVar

from antechamber.edge.admission import Admission
from antechamber.edge.notices import Notices
from antechamber.edge.pool import Pool
from antechamber.ledger import Ledger
from antechamber.net.deadlines import Deadlines
from antechamber.net.dial import Dialer
from antechamber.policy.match import Matcher, resolved
from antechamber.policy.model import Address, Kind, Policy, Route
from antechamber.protocol.forwarded import Trust
from antechamber.protocol.translate import RequestRules, ResponseTranslator
from antechamber.surface.check_page import BELOW

if TYPE_CHECKING:
    from antechamber.edge.downstream import Downstream
    from antechamber.edge.http2_connection import Http2Connection

OWN_ROUTE = Route(name="the edge's browser check", path=f"{BELOW}*", kind=Kind.API)
"""What is answered by the edge itself when the browser check is on."""
ROUTE_MEMO_SIZE = 1024
ROUTE_MEMO_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds on one route: the route's own limits, and the policy's where it has none."""

    route: str
    live: bool
    body_bytes: int
    response_s: float
    stream_idle_s: float
    pool: Pool
    """Idle connections to whoever answers here: the app, or on a route of the edge's own the edge's own server."""
    dialer: Dialer

    @staticmethod
    def of(route: Route, policy: Policy, pool: Pool, dialer: Dialer) -> Bounds:
        """Fill in what the route leaves open."""
        return Bounds(
            route.name,
            route.kind.live,
            _or(route.body_limit_bytes, policy.limits.body_bytes),
            _or(route.response_timeout_s, policy.timeouts.response_s),
            _or(route.stream_idle_timeout_s, policy.timeouts.stream_idle_s),
            pool,
            dialer,
        )

    def within(self, other: Bounds) -> Bounds:
        """The smaller of each limit, for a path that may be read as either."""
        return replace(
            self,
            live=self.live and other.live,
            body_bytes=min(self.body_bytes, other.body_bytes),
            response_s=min(self.response_s, other.response_s),
            stream_idle_s=min(self.stream_idle_s, other.stream_idle_s),
        )


Number = TypeVar("Number", int, float)


def _or(own: Number | None, general: Number) -> Number:
    return general if own is None else own


class Setting:
    """Made once per edge, on the running loop."""

    __slots__ = (
        "_bounds",
        "_date",
        "_date_at",
        "_own_dialer",
        "_own_pool",
        "admission",
        "connections",
        "deadlines",
        "dialer",
        "draining",
        "fronts",
        "http2_rules",
        "ledger",
        "limits",
        "loop",
        "matcher",
        "notices",
        "policy",
        "pool",
        "responses",
        "rules",
        "timeouts",
        "trust",
    )

    def __init__(
        self, policy: Policy, ledger: Ledger, notices: Notices, *, descriptors: int, check: Address | None = None
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.policy = policy
        self.limits = policy.limits
        self.timeouts = policy.timeouts
        self.matcher = Matcher((*policy.routes, OWN_ROUTE) if check else policy.routes)
        self.rules = RequestRules.of(
            untrusted=policy.untrusted_fields,
            pseudonym=f"antechamber-{secrets.token_hex(6)}",
            upgrades=policy.upgrade_tokens,
            default_host=policy.public_origin.host if policy.public_origin else _authority(policy),
            line_limit=policy.limits.request_line_bytes,
            count_limit=policy.limits.header_count,
        )
        self.http2_rules = replace(self.rules, received=b"2.0")
        origin = policy.public_origin
        self.trust = Trust(
            policy.trusted_proxies,
            origin.scheme.encode("ascii") if origin else b"",
            origin.host.encode("ascii") if origin else b"",
        )
        self.responses = ResponseTranslator(policy.limits.response_header_count)
        self.admission = Admission(policy.limits, descriptors)
        self.connections: set[Downstream] = set()
        """Those that carry HTTP/1.1, and each stream of those that carry HTTP/2 (:attr:`fronts`)."""
        self.fronts: set[Http2Connection] = set()
        self.deadlines = Deadlines(self.loop)
        self.dialer = Dialer(policy.upstream, timeout_s=policy.timeouts.connect_s)
        self.pool = Pool(policy.timeouts.upstream_idle_s)
        self.ledger = ledger
        self.notices = notices
        self.draining = False
        self._own_dialer = Dialer(check, timeout_s=policy.timeouts.connect_s) if check else self.dialer
        self._own_pool = Pool(0)
        self._bounds: dict[bytes, Bounds] = {}
        self._date = b""
        self._date_at = -1.0

    def bounds(self, target: bytes) -> Bounds:
        """What holds for a request target; remembered for short ones without a query."""
        bounds = self._bounds.get(target)
        if bounds is None:
            octets, query, _ = target.partition(b"?")
            path = octets.decode("ascii")
            route = self.matcher.match(path)
            own = route is OWN_ROUTE
            pool, dialer = (self._own_pool, self._own_dialer) if own else (self.pool, self.dialer)
            bounds = Bounds.of(route, self.policy, pool, dialer)
            if (other := resolved(path)) != path:
                bounds = bounds.within(Bounds.of(self.matcher.match(other), self.policy, pool, dialer))
            if not query and len(target) <= ROUTE_MEMO_LENGTH:
                if len(self._bounds) >= ROUTE_MEMO_SIZE:
                    self._bounds.clear()
                self._bounds[target] = bounds
        return bounds

    def transports(self) -> list[asyncio.Transport]:
        """Of every client connection, and of every stream on one; a stream before what carries it."""
        return [end.transport for end in self.connections] + [front.transport for front in self.fronts]

    def date(self) -> bytes:
        """The present ``Date`` line (RFC 9110 6.6.1), renewed once a tick."""
        now = self.deadlines.now
        if now != self._date_at:
            self._date = b"Date: %b\r\n" % formatdate(usegmt=True).encode("ascii")
            self._date_at = now
        return self._date


def _authority(policy: Policy) -> str:
    return "localhost" if policy.upstream.unix else str(policy.upstream)
