"""The policy: what must hold on each route of an app, as plain frozen values.

Nothing here reads files, opens sockets or knows an engine. :mod:`antechamber.policy.load` builds these values from
a profile, a site file, the environment and flags; the edge obeys them, the engines render them, the rules compare
against them. Units stand in the names: ``_s`` seconds, ``_bytes`` octets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

Network = IPv4Network | IPv6Network


class Kind(StrEnum):
    """What a route carries, which decides its limits."""

    PAGE = "page"
    API = "api"
    UPLOAD = "upload"
    SSE = "sse"
    WEBSOCKET = "websocket"

    @property
    def live(self) -> bool:
        """Whether the route holds a connection open for as long as a page is open."""
        return self in (Kind.SSE, Kind.WEBSOCKET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route of the app, as its profile states it.

    ``path`` is exact (``/api/event``), has named segments (``/api/terminal/:id/stream``), or is a prefix that ends in
    ``/*`` (``/api/*`` also stands for ``/api``). Limits that are ``None`` come from the policy.
    """

    name: str
    path: str
    kind: Kind
    methods: tuple[str, ...] = ()
    heartbeat_s: float | None = None
    """The longest silence of a healthy app on this route."""
    first: str = ""
    """What the app sends first, as a substring; empty when it sends nothing by itself."""
    since: str = ""
    until: str = ""
    """App versions between which the route exists; empty means unbounded."""
    seed: bool = False
    """Whether the app's own reverse-proxy guide names this route."""
    body_limit_bytes: int | None = None
    response_timeout_s: float | None = None
    stream_idle_timeout_s: float | None = None
    example: str = ""
    """A path of it to look at, where a made-up one would not do: some proxies treat ``.png`` in a way of its own."""
    hashed: bool = False
    """Whether its names change with its content, so that whoever keeps one of them for ever keeps the right one."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen or what to dial: a TCP host and port, or the path of a unix socket (then ``host`` is empty)."""

    host: str = ""
    port: int = 0
    unix: str = ""

    def __str__(self) -> str:
        if self.unix:
            return f"unix:{self.unix}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificate chain and private key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A public origin, ``scheme://host[:port]`` as browsers send it: lower case, no default port, no path."""

    scheme: str
    host: str
    """Host and, if it is not the scheme's default, port: what belongs in a ``Host`` field."""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Named timers, in seconds. Each names the silence it bounds; see ``docs/options.md`` for reasons."""

    connect_s: float = 30.0
    request_head_s: float = 60.0
    keepalive_idle_s: float = 75.0
    body_idle_s: float = 60.0
    response_s: float = 60.0
    send_s: float = 60.0
    stream_send_s: float = 3600.0
    stream_idle_s: float = 3600.0
    half_close_s: float = 30.0
    upstream_idle_s: float = 4.0
    drain_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on everything that comes from outside. What is over a bound is refused, never truncated."""

    request_line_bytes: int = 16 * 1024
    header_block_bytes: int = 64 * 1024
    header_count: int = 256
    response_header_block_bytes: int = 128 * 1024
    response_header_count: int = 1024
    body_bytes: int = 50 * 1024 * 1024
    connections: int = 8192
    connections_per_client: int = 1024
    streams: int = 6144
    streams_per_connection: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLog:
    """Where access-log lines go (``-`` is standard output, empty is nowhere) and in which form."""

    path: str = "-"
    form: str = "auto"
    """``auto`` (text on a terminal, else JSON lines), ``text`` or ``json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that must hold in front of one app."""

    profile: str
    app: str
    """The app's name for people."""
    app_port: int
    """Where the app listens unless it is told otherwise; 0 if that is not known."""
    listen: tuple[Address, ...]
    upstream: Address
    routes: tuple[Route, ...]
    """Most specific first is not required: matching is by specificity (:mod:`antechamber.policy.match`)."""
    public_origin: Origin | None = None
    tls: Tls | None = None
    trusted_proxies: tuple[Network, ...] = ()
    upgrade_tokens: frozenset[str] = frozenset({"websocket"})
    """Lower-case upgrade tokens that may be relayed. ``h2c`` is refused at load time."""
    untrusted_fields: frozenset[str] = frozenset()
    """Lower-case names of request fields that only a trusted proxy may send, besides the ones the edge sets itself."""
    secret_query_keys: frozenset[str] = frozenset()
    """Query keys whose values are masked in every output."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: Limits = field(default_factory=Limits)
    access_log: AccessLog = field(default_factory=AccessLog)
    http2: bool = True
    """Whether browsers are offered HTTP/2, where there is TLS."""
    browser_check: bool = False
    """Whether the edge serves its own page that tests live routes from the browser."""
