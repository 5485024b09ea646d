"""What only a running deployment shows: no line of a configuration says it, a wire does.

Every name says what is looked at; its docstring, which values it can have. What a transparent proxy does is the same
for every policy, so the rules know by themselves which value is the healthy one.
"""

from __future__ import annotations

from enum import StrEnum

AT_ONCE = "at once"
HELD = "held"
BATCHED = "batched"
ACCEPTED = "accepted"
REFUSED = "refused"


class Observation(StrEnum):
    """Something that a probe sees on a route, or (the second group) of a whole site."""

    UPGRADE = "upgrade"
    """``switched``, or what came instead of a 101: ``html``, ``status 426``, ``silence``."""
    ORIGIN = "origin"
    """``accepted`` or ``refused``: a handshake with the page's own origin."""
    FRAMES = "frames"
    """``at once``, ``held`` or ``batched``: the frames after a 101."""
    MESSAGE_BYTES = "message-bytes"
    """The size of a message that did not come through, 0 if every one did."""
    SOCKET_END = "socket-end"
    """``open``, or ``closed`` if something in between ended it; the evidence says who, when and with which code."""
    HEAD = "head"
    """``at once`` or ``held``: the head of an event stream."""
    EVENTS = "events"
    """``at once``, ``held`` (until the end) or ``batched`` (several together, late)."""
    STREAM_END = "stream-end"
    """``open``, ``cut`` (mid-way, while it was not silent)."""
    COMMENTS = "comments"
    """Whether comments of an event stream arrive."""
    LAST_EVENT_ID = "last-event-id"
    """Whether ``Last-Event-ID`` reaches the app."""
    ANSWER = "answer"
    """What answers: ``app``, ``html``, ``login``, ``challenge``, ``redirect``, ``gateway error``, ``elsewhere``,
    ``nothing``."""
    REQUEST_PIECES = "request-pieces"
    """``at once`` or ``held``: the pieces of a request body."""
    UPLOAD = "upload"
    """``whole``, ``changed`` or ``cut``: an upload within the limit."""
    DEPARTURE = "departure"
    """Whether the app is told at once that a client has left."""
    REAL_IP = "real-ip"
    """Whether ``X-Real-IP`` is the client's address."""
    FORGED = "forged"
    """Names of forwarded fields in which what a stranger said reached the app, sorted, with commas."""
    CHAIN = "chain"
    """Whether the chain of addresses is whole."""
    COOKIES = "cookies"
    """Whether cookies arrive both ways."""
    QUERY = "query"
    """Whether the query arrives as it was sent."""
    REDIRECTS = "redirects"
    """Where the app's redirects lead: ``public``, ``http`` or ``inner``."""
    HEADER_BLOCK_BYTES = "header-block-bytes"
    """The size of a request's header block that was refused, 0 if none was."""
    CODINGS = "codings"
    """How many layers of content coding an answer has."""
    STREAM_CODING = "stream-coding"
    """The content coding of an event stream, ``identity`` if none."""
    CONTENT = "content"
    """``intact``, or ``garbled`` if the octets are not what ``Content-Encoding`` says."""
    COMPRESSOR = "compressor"
    """``app``, ``outer`` if a hop compresses what the app did or did not, ``none``."""
    FROM_CACHE = "from-cache"
    """Whether an answer came out of a cache on the way."""
    CACHE_CONTROL = "cache-control"
    """``consistent`` or ``conflicting``."""
    FRESHNESS = "freshness"
    """What clients are told of keeping an answer: ``as said`` by the app, ``prolonged``, or ``lost``."""
    TRANSFORMED = "transformed"
    """Whether something was changed although ``no-transform`` was said."""
    ACCEL_HINT = "accel-hint"
    """Whether the app itself says ``X-Accel-Buffering: no`` on an event stream: seen directly, for nginx keeps it."""
    SOCKET_VERSIONS = "socket-versions"
    """Over what a WebSocket opens: ``http/1.1`` (no other is offered), ``both``, ``h2 only``, ``broken over h2``."""
    BODY_MEMORY_BYTES = "body-memory-bytes"
    """How much of a request body is kept in memory. Written in a configuration, and seen on no wire."""
    ACCEL_ADDED = "accel-added"
    """Whether a proxy adds ``X-Accel-Buffering`` to its own answer. Written in a configuration."""
    BY_HAND = "by-hand"
    """The lines that do by hand, and worse, what the proxy does by itself; empty for none. Written in a
    configuration."""
    UNSEEN = "unseen"
    """Why nothing can be told of the route: ``no direct access``, ``login needed``, ``app silent`` (it sends nothing by
    itself), ``not due yet`` (the heartbeat, within the patience given), ``app down`` (it answers, and is not live)."""

    FOREIGN_ORIGIN = "foreign-origin"
    """Site. ``refused`` if the app compares origins, ``accepted`` if it does not: then ``origin`` proves nothing."""
    TLS = "tls"
    """Site. ``sound``, ``none`` (plain http), or the fault: ``expired``, ``wrong name``, ``untrusted``, ``incomplete
    chain``, ``old``."""
    HTTP_VERSIONS = "http-versions"
    """Site. What is spoken, with commas: ``h2,http/1.1``."""
    HTTP_REDIRECTED = "http-redirected"
    """Site. Whether plain http leads to https; unknown where port 80 does not answer."""
    HSTS = "hsts"
    """Site. Whether ``Strict-Transport-Security`` is sent; ``dropped`` if some routes lose the site's own."""
    REDIRECT_LOOP = "redirect-loop"
    """Site. Whether redirects come back to where they began."""
    QUICK_TUNNEL = "quick-tunnel"
    """Site. Whether the name is one of a service that does not carry event streams."""
    PLAN_BODY_BYTES = "plan-body-bytes"
    """Site. The largest request body that the service in front is known to take, 0 if no such service is recognised."""
    LOADS = "loads"
    """Site. Whether the proxy would load its configuration. Seen in the configuration only."""
    IDLE_IGNORE = "idle-ignore"
    """Site. Whether a comment in a configuration asks to ignore what is not there."""


SITE = frozenset(
    {
        Observation.FOREIGN_ORIGIN,
        Observation.TLS,
        Observation.HTTP_VERSIONS,
        Observation.HTTP_REDIRECTED,
        Observation.HSTS,
        Observation.REDIRECT_LOOP,
        Observation.QUICK_TUNNEL,
        Observation.PLAN_BODY_BYTES,
        Observation.LOADS,
        Observation.IDLE_IGNORE,
    }
)
"""What is seen once, on the path ``/*``, and counts on every route."""
