"""Every option, declared once, as data.

Flags, environment variables, the keys of ``antechamber.toml``, ``--help`` and ``docs/options.md`` are made from this
table (the time limits stand in a file of their own); nothing about an option is written anywhere else. Each says why
its default is what it is, with the source.
"""

from __future__ import annotations

from pathlib import Path

from antechamber.policy.endpoints import ListenAddresses, PublicOrigin, Upstream
from antechamber.policy.model import Address, Network, Origin
from antechamber.policy.networks import CLOUDFLARE_AS_OF, Networks
from antechamber.policy.option import Option, Section
from antechamber.policy.quantities import Count, Size
from antechamber.policy.time_limits import TIME_LIMITS
from antechamber.policy.words import Choice, LogTarget, Name, PemFile, QueryKeys, Switch, Tokens, TomlFile

MIB = 1024 * 1024

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
    type=Name(
        metavar="NAME|FILE",
        forms="`openchamber`, `opencode`, `generic`, or the path of a profile in TOML",
        way_out="Write openchamber, opencode, generic, or the path of a profile.",
    ),
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
HTTP2: Option[bool] = Option(
    name="http2",
    key="http2",
    type=Switch(),
    default="on",
    section=Section.TLS,
    help="Offer HTTP/2 to browsers where there is TLS; HTTP/1.1 is spoken as well. It is for the edge and the hop: "
    "configurations for other engines always offer it.",
    reason="Over HTTP/1.1 a browser opens six connections to an app, and event streams use them up; over HTTP/2 all "
    "tabs share one. Without TLS browsers do not speak it (RFC 9113, section 3.3), and it is not spoken here.",
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
MAX_STREAMS_PER_CONNECTION: Option[int] = Option(
    name="max-streams-per-connection",
    key="limits.streams-per-connection",
    type=Count(most=10_000),
    default="100",
    section=Section.SIZE,
    help="The most requests that one HTTP/2 connection may have open; more are refused, to be repeated.",
    reason="RFC 9113, section 6.5.2 recommends no fewer than 100, so that tabs do not wait for each other; a browser's "
    "tabs share one connection.",
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
    type=Tokens(
        what="field names",
        metavar="FIELD,…",
        refused=dict.fromkeys(
            ("host", "connection", "upgrade", "content-length", "transfer-encoding"),
            "this proxy reads it and writes its own",
        )
        | dict.fromkeys(("cookie", "authorization", "origin"), "browsers send it, and nobody could log in without it"),
    ),
    default=None,
    section=Section.STREAMS,
    help="More request fields that only a trusted proxy may send. Repeatable.",
    reason="Added to the list that all profiles share: names that some app takes for a proxy's word about the client.",
    repeatable=True,
    in_profile=True,
    adds=True,
)
BROWSER_CHECK: Option[str] = Option(
    name="browser-check",
    key="browser-check",
    type=Choice(("off", "on")),
    default="off",
    section=Section.PLACE,
    help="Serve a page at /.well-known/antechamber/edge/ that tests every live route from the browser.",
    reason="Off until asked for: it tells whoever opens it which live routes the app has. It is for finding out what "
    "stands between a person and the edge (RFC 8615 is why the path is nobody's).",
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
    BROWSER_CHECK,
    PROFILE,
    CONFIG,
    PUBLIC_ORIGIN,
    TRUST,
    TLS_CERTIFICATE,
    TLS_KEY,
    HTTP2,
    *TIME_LIMITS,
    BODY_LIMIT,
    MAX_REQUEST_LINE,
    MAX_HEADER_BLOCK,
    MAX_HEADER_COUNT,
    MAX_RESPONSE_HEADER_BLOCK,
    MAX_RESPONSE_HEADER_COUNT,
    MAX_CONNECTIONS,
    MAX_CONNECTIONS_PER_CLIENT,
    MAX_STREAMS,
    MAX_STREAMS_PER_CONNECTION,
    UPGRADE,
    SECRET_QUERY_KEYS,
    UNTRUSTED_FIELDS,
    ACCESS_LOG,
    ACCESS_LOG_FORMAT,
)
"""In the order in which they are shown within their sections."""
