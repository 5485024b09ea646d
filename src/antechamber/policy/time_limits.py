"""The options that are time limits. Each bounds one kind of silence and has the name of what is silent."""

from __future__ import annotations

from antechamber.policy.option import Option, Section
from antechamber.policy.quantities import Duration

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

TIME_LIMITS: tuple[Option[float], ...] = (
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
)
"""In the order in which an exchange meets them, then what lies between exchanges."""
