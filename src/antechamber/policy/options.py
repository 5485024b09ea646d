"""Every option, declared once, as data.

Flags, environment variables, the keys of ``antechamber.toml``, ``--help`` and ``docs/options.md`` are made from this
table; nothing about an option is written anywhere else. Each says why its default is what it is, with the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from antechamber.policy.endpoints import ListenAddresses, PublicOrigin, Upstream
from antechamber.policy.model import Address, Network, Origin
from antechamber.policy.networks import CLOUDFLARE_AS_OF, Networks
from antechamber.policy.quantities import Count, Duration, Size
from antechamber.policy.value import ValueType
from antechamber.policy.words import Choice, LogTarget, Name, PemFile, QueryKeys, Tokens, TomlFile

T_co = TypeVar("T_co", covariant=True)

MIB = 1024 * 1024


class Section(StrEnum):
    """The groups in which options are shown, in this order."""

    PLACE = "What is served where"
    TRUST = "Names and trust"
    TLS = "TLS"
    TIME = "Time limits"
    SIZE = "Size and count limits"
    STREAMS = "Upgrades and secrets"
    LOG = "Access log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Generic[T_co]):
    """One option."""

    name: str
    """The flag without its dashes."""
    key: str
    """Its dotted key in the site file; empty for what a file cannot say about itself."""
    type: ValueType[T_co]
    default: str | None
    """The built-in default as a person would write it, or ``None`` when there is none."""
    section: Section
    help: str
    """What it does, in one line."""
    reason: str
    """Why the default is what it is, with the RFC or the precedent."""
    repeatable: bool = False
    in_profile: bool = False
    """Whether a profile may set it: what belongs to the app, never what belongs to the site (addresses, trust)."""
    adds: bool = False
    """Whether a value is added to those of the layers below instead of replacing them."""

    @property
    def flag(self) -> str:
        return f"--{self.name}"

    @property
    def variable(self) -> str:
        return "ANTECHAMBER_" + self.name.upper().replace("-", "_")


CONFIG: Option[Path] = Option(
    name="config",
    key="",
    type=TomlFile(),
    default=None,
    section=Section.PLACE,
    help="The site file; without it, antechamber.toml is looked for here and in every directory above.",
    reason="Found upwards like pyproject.toml and .git, so that it works from any directory of a project.",
)
PROFILE: Option[str] = Option(
    name="profile",
    key="profile",
    type=Name(metavar="NAME|FILE", forms="`openchamber`, `opencode`, `generic`, or the path of a profile in TOML"),
    default="openchamber",
    section=Section.PLACE,
    help="The app that is served: a built-in profile, or a TOML file of your own.",
    reason="OpenChamber is the app that this tool was first made for; any other is one word away.",
)
TO: Option[Address] = Option(
    name="to",
    key="to",
    type=Upstream(),
    default=None,
    section=Section.PLACE,
    help="The app: http://HOST:PORT, HOST:PORT, :PORT, PORT or unix:/PATH.",
    reason="There is no default: guessing an app's port would send people's requests to whatever listens there.",
)
LISTEN: Option[tuple[Address, ...]] = Option(
    name="listen",
    key="listen",
    type=ListenAddresses(),
    default="127.0.0.1:8080",
    section=Section.PLACE,
    help="Where to listen: HOST:PORT, [::]:PORT, :PORT (every interface) or PORT (this machine). Repeatable.",
    reason="Loopback until told otherwise: opening an app with a terminal to a network must be said, not happen. "
    "8080 needs no privileges and is the registered alternative of 80 (IANA http-alt).",
    repeatable=True,
)
PUBLIC_ORIGIN: Option[Origin] = Option(
    name="public-origin",
    key="public-origin",
    type=PublicOrigin(),
    default=None,
    section=Section.TRUST,
    help="The origin that browsers use; decides X-Forwarded-Proto and X-Forwarded-Host for good.",
    reason="Apps compare a WebSocket's Origin with these two as plain strings (RFC 6455, section 10.2), so an outer "
    "proxy that gets them wrong turns every socket into a 403. Unset, they are taken from the request.",
)
TRUST: Option[tuple[Network, ...]] = Option(
    name="trust",
    key="trust",
    type=Networks(),
    default=None,
    section=Section.TRUST,
    help="Proxies in front whose forwarded fields are believed: CIDR, private, cloudflare. Repeatable.",
    reason="Nobody is trusted until told, as in Caddy (trusted_proxies): a client that is believed can forge its "
    f"address (RFC 7239, section 8.1). `cloudflare` is https://www.cloudflare.com/ips/ as of {CLOUDFLARE_AS_OF}.",
    repeatable=True,
)
TLS_CERTIFICATE: Option[Path] = Option(
    name="tls-certificate",
    key="tls.certificate",
    type=PemFile(label="CERTIFICATE", holds="the certificate and its chain"),
    default=None,
    section=Section.TLS,
    help="Certificate chain (PEM); makes every listener https. Needs --tls-key.",
    reason="Plain http by default: on loopback, or behind a proxy that ends TLS, there is nothing to encrypt.",
)
TLS_KEY: Option[Path] = Option(
    name="tls-key",
    key="tls.key",
    type=PemFile(label="PRIVATE KEY", holds="the private key of the certificate"),
    default=None,
    section=Section.TLS,
    help="Private key (PEM) of the certificate.",
    reason="A file of its own, so that it can have its own permissions.",
)
CONNECT_TIMEOUT: Option[float] = Option(
    name="connect-timeout",
    key="timeouts.connect",
    type=Duration(),
    default="30s",
    section=Section.TIME,
    help="How long connecting to the app may take.",
    reason="OpenChamber's guide for Nginx Proxy Manager (proxy_connect_timeout 30s); longer than an app's restart.",
    in_profile=True,
)
REQUEST_HEAD_TIMEOUT: Option[float] = Option(
    name="request-head-timeout",
    key="timeouts.request-head",
    type=Duration(),
    default="60s",
    section=Section.TIME,
    help="How long a client may take to send a whole request head; then 408.",
    reason="nginx client_header_timeout and Node headersTimeout, both 60 s. Counted from the first byte, so that one "
    "byte at a time does not help (slowloris; RFC 9110, section 15.5.9).",
    in_profile=True,
)
KEEPALIVE_IDLE_TIMEOUT: Option[float] = Option(
    name="keepalive-idle-timeout",
    key="timeouts.keepalive-idle",
    type=Duration(),
    default="75s",
    section=Section.TIME,
    help="How long a client's connection may stay open between requests.",
    reason="nginx keepalive_timeout 75s; above the 60 s of common load balancers, so that the outer hop closes first "
    "and never writes into a closing connection (RFC 9112, section 9.5).",
    in_profile=True,
)
BODY_IDLE_TIMEOUT: Option[float] = Option(
    name="body-idle-timeout",
    key="timeouts.body-idle",
    type=Duration(),
    default="60s",
    section=Section.TIME,
    help="How long a client may be silent inside a request body; then 408.",
    reason="nginx client_body_timeout 60s. A limit on silence, not on the whole: long uploads are legal.",
    in_profile=True,
)
RESPONSE_TIMEOUT: Option[float] = Option(
    name="response-timeout",
    key="timeouts.response",
    type=Duration(),
    default="60s",
    section=Section.TIME,
    help="How long the app may take to answer, or be silent inside an ordinary body; then 504 or a visible cut.",
    reason="nginx proxy_read_timeout 60s. Routes with longer work say so in the profile: an app's own deadline must "
    "come first, so that its own answer wins.",
    in_profile=True,
)
SEND_TIMEOUT: Option[float] = Option(
    name="send-timeout",
    key="timeouts.send",
    type=Duration(),
    default="60s",
    section=Section.TIME,
    help="How long either side may take nothing of what is sent to it.",
    reason="nginx send_timeout and proxy_send_timeout, both 60s.",
    in_profile=True,
)
STREAM_SEND_TIMEOUT: Option[float] = Option(
    name="stream-send-timeout",
    key="timeouts.stream-send",
    type=Duration(),
    default="3600s",
    section=Section.TIME,
    help="The same on event streams and upgraded connections.",
    reason="OpenChamber's guide (proxy_send_timeout 3600s): a laptop that sleeps keeps its terminal for an hour.",
    in_profile=True,
)
STREAM_IDLE_TIMEOUT: Option[float] = Option(
    name="stream-idle-timeout",
    key="timeouts.stream-idle",
    type=Duration(),
    default="3600s",
    section=Section.TIME,
    help="How long an event stream or an upgraded connection may be silent.",
    reason="OpenChamber's guide (proxy_read_timeout 3600s). Healthy apps send a heartbeat every 10 to 30 s; the "
    "rest is for apps that do not (WHATWG HTML, server-sent events, advises a comment every 15 s).",
    in_profile=True,
)
HALF_CLOSE_TIMEOUT: Option[float] = Option(
    name="half-close-timeout",
    key="timeouts.half-close",
    type=Duration(),
    default="30s",
    section=Section.TIME,
    help="How long an upgraded connection may go on after one side has finished sending.",
    reason="Long enough for the closing handshake of RFC 6455, section 7 (the usual library gives it 10 to 30 s); a "
    "peer that never answers is gone.",
    in_profile=True,
)
UPSTREAM_IDLE_TIMEOUT: Option[float] = Option(
    name="upstream-idle-timeout",
    key="timeouts.upstream-idle",
    type=Duration(),
    default="4s",
    section=Section.TIME,
    help="How long an idle connection to the app is kept for reuse.",
    reason="Node closes idle connections at 5 s and announces Keep-Alive: timeout=5; one that is kept longer races "
    "that close, which shows as a sporadic 502 on POST (RFC 9112, section 9.3.1 forbids to repeat it).",
    in_profile=True,
)
DRAIN_TIMEOUT: Option[float] = Option(
    name="drain-timeout",
    key="timeouts.drain",
    type=Duration(),
    default="30s",
    section=Section.TIME,
    help="How long open requests and streams may go on after SIGTERM.",
    reason="The grace period of Kubernetes; docker stop gives 10 s unless told, so set both alike.",
    in_profile=True,
)
BODY_LIMIT: Option[int] = Option(
    name="body-limit",
    key="limits.body",
    type=Size(),
    default="50MiB",
    section=Section.SIZE,
    help="The largest request body; then 413. Routes may have their own (see [[route]]).",
    reason="OpenChamber's guide (client_max_body_size 50M). The profile of an app that takes more says so.",
    in_profile=True,
)
MAX_REQUEST_LINE: Option[int] = Option(
    name="max-request-line",
    key="limits.request-line",
    type=Size(least=256, most=MIB),
    default="16KiB",
    section=Section.SIZE,
    help="The longest request line; then 414.",
    reason="RFC 9112, section 3 asks for at least 8000 octets; twice that is Node's whole header limit.",
    in_profile=True,
)
MAX_HEADER_BLOCK: Option[int] = Option(
    name="max-header-block",
    key="limits.header-block",
    type=Size(least=1024, most=16 * MIB),
    default="64KiB",
    section=Section.SIZE,
    help="The largest request header block; then 431.",
    reason="Envoy's 60 KiB, rounded up. The app refuses more than its own limit by itself (Node: 16 KiB, 431).",
    in_profile=True,
)
MAX_HEADER_COUNT: Option[int] = Option(
    name="max-header-count",
    key="limits.header-count",
    type=Count(least=8, most=100_000),
    default="256",
    section=Section.SIZE,
    help="The most request header fields; then 431.",
    reason="Envoy allows 100, Apache 100, HAProxy 101; browsers send under 40, and CDNs add a dozen.",
    in_profile=True,
)
MAX_RESPONSE_HEADER_BLOCK: Option[int] = Option(
    name="max-response-header-block",
    key="limits.response-header-block",
    type=Size(least=1024, most=16 * MIB),
    default="128KiB",
    section=Section.SIZE,
    help="The largest response header block from the app; then 502.",
    reason="Between nginx (8 KiB) and Go (1 MiB); apps set many cookies, but an endless head must end (RFC 9110).",
    in_profile=True,
)
MAX_RESPONSE_HEADER_COUNT: Option[int] = Option(
    name="max-response-header-count",
    key="limits.response-header-count",
    type=Count(least=8, most=100_000),
    default="1024",
    section=Section.SIZE,
    help="The most response header fields from the app; then 502.",
    reason="The app is trusted more than its clients, but not without a bound (RFC 9110, section 17.5).",
    in_profile=True,
)
MAX_CONNECTIONS: Option[int] = Option(
    name="max-connections",
    key="limits.connections",
    type=Count(),
    default="8192",
    section=Section.SIZE,
    help="The most client connections at a time; more get 503 with Retry-After.",
    reason="Refusing is better than running out of descriptors: each may need a second one towards the app.",
)
MAX_CONNECTIONS_PER_CLIENT: Option[int] = Option(
    name="max-connections-per-client",
    key="limits.connections-per-client",
    type=Count(),
    default="1024",
    section=Section.SIZE,
    help="The most connections of one client address; more get 503 with Retry-After.",
    reason="One address cannot take the whole edge, and an office or an outer proxy behind one address still fits "
    "(browsers open six per origin).",
)
MAX_STREAMS: Option[int] = Option(
    name="max-streams",
    key="limits.streams",
    type=Count(),
    default="6144",
    section=Section.SIZE,
    help="The most open event streams and upgraded connections; more get 503 with Retry-After.",
    reason="Three quarters of the connections: pages and short requests keep working when streams pile up.",
)
UPGRADE: Option[frozenset[str]] = Option(
    name="upgrade",
    key="upgrade",
    type=Tokens(
        what="upgrade tokens",
        versioned=True,
        refused={
            "h2c": "it opens a tunnel past every rule, and RFC 9113, section 3.1 has withdrawn it",
            "http": "a change of the HTTP version is not relayed",
            "tls": "TLS inside the connection would hide it from every rule (RFC 2817)",
        },
    ),
    default="websocket",
    section=Section.STREAMS,
    help="Upgrade tokens that are relayed besides websocket. Repeatable.",
    reason="WebSocket only (RFC 6455): a token that nobody has asked for is an unknown tunnel (RFC 9110, section 7.8).",
    repeatable=True,
    in_profile=True,
    adds=True,
)
SECRET_QUERY_KEYS: Option[frozenset[str]] = Option(
    name="secret-query-keys",
    key="secret-query-keys",
    type=QueryKeys(),
    default="access_token,id_token,refresh_token,auth_token,token,api_key,apikey,password,secret,antechamber-probe",
    section=Section.STREAMS,
    help="More query keys whose values are masked in every output. Repeatable.",
    reason="Browsers cannot set fields on WebSockets and EventSource, so apps put tokens into URLs, and logs would "
    "keep them (RFC 6750, section 5.3).",
    repeatable=True,
    in_profile=True,
    adds=True,
)
UNTRUSTED_FIELDS: Option[frozenset[str]] = Option(
    name="untrusted-fields",
    key="untrusted-fields",
    type=Tokens(what="field names", metavar="FIELD,…"),
    default=None,
    section=Section.STREAMS,
    help="More request fields that only a trusted proxy may send. Repeatable.",
    reason="Added to the list that all profiles share: names that some app takes for a proxy's word about the client.",
    repeatable=True,
    in_profile=True,
    adds=True,
)
ACCESS_LOG: Option[str] = Option(
    name="access-log",
    key="access-log.path",
    type=LogTarget(),
    default="-",
    section=Section.LOG,
    help="Where access-log lines go: a file, - for standard output, or off.",
    reason="Standard output, as in the twelve factors: the supervisor (systemd, docker) knows where logs belong.",
)
ACCESS_LOG_FORMAT: Option[str] = Option(
    name="access-log-format",
    key="access-log.format",
    type=Choice(("auto", "text", "json")),
    default="auto",
    section=Section.LOG,
    help="How they look; auto is text on a terminal and JSON lines elsewhere.",
    reason="People read terminals, programs read everything else.",
)

OPTIONS: tuple[Option[object], ...] = (
    TO,
    LISTEN,
    PROFILE,
    CONFIG,
    PUBLIC_ORIGIN,
    TRUST,
    TLS_CERTIFICATE,
    TLS_KEY,
    CONNECT_TIMEOUT,
    REQUEST_HEAD_TIMEOUT,
    BODY_IDLE_TIMEOUT,
    RESPONSE_TIMEOUT,
    SEND_TIMEOUT,
    STREAM_IDLE_TIMEOUT,
    STREAM_SEND_TIMEOUT,
    HALF_CLOSE_TIMEOUT,
    KEEPALIVE_IDLE_TIMEOUT,
    UPSTREAM_IDLE_TIMEOUT,
    DRAIN_TIMEOUT,
    BODY_LIMIT,
    MAX_REQUEST_LINE,
    MAX_HEADER_BLOCK,
    MAX_HEADER_COUNT,
    MAX_RESPONSE_HEADER_BLOCK,
    MAX_RESPONSE_HEADER_COUNT,
    MAX_CONNECTIONS,
    MAX_CONNECTIONS_PER_CLIENT,
    MAX_STREAMS,
    UPGRADE,
    SECRET_QUERY_KEYS,
    UNTRUSTED_FIELDS,
    ACCESS_LOG,
    ACCESS_LOG_FORMAT,
)
"""In the order in which they are shown within their sections."""
