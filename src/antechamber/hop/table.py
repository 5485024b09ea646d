"""Every fault that a hop can have, as data: the flag, its value, what it does, and the rules that must notice.

The flags of the command, the table in ``docs/hop.md``, the tests that look at the wire and the matrix that looks
through ``check`` are all made from :data:`FAULTS`. What a fault does is done elsewhere, by the field of
:class:`antechamber.hop.faults.Faults` that is named like its flag.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from antechamber.hop.values import FieldNames, FieldValue
from antechamber.policy.quantities import Count, Duration, Size
from antechamber.policy.value import ValueType
from antechamber.policy.words import Choice


class Where(StrEnum):
    """What a fault touches."""

    SOCKETS = "WebSockets"
    STREAMS = "event streams"
    UPLOADS = "request bodies"
    REQUESTS = "every request"
    ANSWERS = "every answer"
    LIVE = "streams and sockets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``value`` is ``None`` for a switch."""

    flag: str
    does: str
    where: Where
    rules: tuple[str, ...]
    """Ids of the rules that are about it, first the one that ``check`` fires as the root."""
    value: ValueType[object] | None = None
    example: str = ""
    """A value as a person would write it."""

    @property
    def name(self) -> str:
        """The field of :class:`Faults`."""
        return self.flag.replace("-", "_")

    @property
    def repeatable(self) -> bool:
        return isinstance(self.value, FieldNames)


INNER = "inner"
"""The word for the app's own address, as the hop dials it."""

FAULTS: tuple[Fault, ...] = (
    Fault(
        flag="strip-upgrade",
        does="Take Upgrade and Connection off requests, so that a WebSocket is an ordinary GET.",
        where=Where.SOCKETS,
        rules=("AC101",),
    ),
    Fault(
        flag="refuse-upgrade",
        does="Answer WebSocket handshakes with this status, such as 400 or 426.",
        where=Where.SOCKETS,
        rules=("AC101",),
        value=Count(least=400, most=599, metavar="STATUS"),
        example="426",
    ),
    Fault(
        flag="ignore-upgrade",
        does="Answer WebSocket handshakes with nothing at all.",
        where=Where.SOCKETS,
        rules=("AC101",),
    ),
    Fault(
        flag="early-switch",
        does="Accept WebSockets without asking the app, and never send anything on them.",
        where=Where.SOCKETS,
        rules=("AC105",),
    ),
    Fault(
        flag="hold-frames",
        does="Hold what the app sends on a WebSocket this long, then send it together.",
        where=Where.SOCKETS,
        rules=("AC105",),
        value=Duration(),
        example="3s",
    ),
    Fault(
        flag="max-message",
        does="Close a WebSocket (1009) at a message larger than this, in either direction.",
        where=Where.SOCKETS,
        rules=("AC106",),
        value=Size(),
        example="4k",
    ),
    Fault(
        flag="hold-headers",
        does="Hold the head of a stream until the first event is there.",
        where=Where.STREAMS,
        rules=("AC202",),
    ),
    Fault(
        flag="hold-events",
        does="Hold the events of a stream this long, then send them together.",
        where=Where.STREAMS,
        rules=("AC201",),
        value=Duration(),
        example="3s",
    ),
    Fault(
        flag="batch",
        does="Hold a stream until so many bytes of it are there, as a buffer would.",
        where=Where.STREAMS,
        rules=("AC201", "AC203"),
        value=Size(),
        example="4k",
    ),
    Fault(
        flag="collect-responses",
        does="Hold every answer of unknown length, its head too, until it has ended.",
        where=Where.STREAMS,
        rules=("AC201",),
    ),
    Fault(
        flag="strip-comments",
        does="Take the comments out of event streams: many apps' heartbeats.",
        where=Where.STREAMS,
        rules=("AC205",),
    ),
    Fault(
        flag="html-streams",
        does="Answer requests for event streams with a page: 200 text/html.",
        where=Where.STREAMS,
        rules=("AC207",),
    ),
    Fault(
        flag="login-page",
        does="Answer everything with a login page of the hop's own: 200 text/html.",
        where=Where.REQUESTS,
        rules=("AC516",),
    ),
    Fault(
        flag="max-body",
        does="Refuse request bodies larger than this: 413.",
        where=Where.UPLOADS,
        rules=("AC301",),
        value=Size(),
        example="1m",
    ),
    Fault(
        flag="collect-requests",
        does="Hold a request until its whole body is there, then pass it on.",
        where=Where.UPLOADS,
        rules=("AC302",),
    ),
    Fault(
        flag="cut-upload",
        does="End uploads that take longer than this, stalled or not: 504.",
        where=Where.UPLOADS,
        rules=("AC304",),
        value=Duration(),
        example="2s",
    ),
    Fault(
        flag="hide-departures",
        does="Do not tell the app when a client has left.",
        where=Where.LIVE,
        rules=("AC306",),
    ),
    Fault(
        flag="cut-after",
        does="End every stream and socket at this age, however lively.",
        where=Where.LIVE,
        rules=("AC204", "AC107"),
        value=Duration(),
        example="60s",
    ),
    Fault(
        flag="cut-idle",
        does="End what has been silent for this long: 504 before the head, a cut connection after it.",
        where=Where.LIVE,
        rules=("AC409", "AC403", "AC402"),
        value=Duration(),
        example="100s",
    ),
    Fault(
        flag="host",
        does='Send this as Host; "inner" is the app\'s own address, as nginx does by default.',
        where=Where.REQUESTS,
        rules=("AC501",),
        value=FieldValue(metavar="inner|NAME"),
        example="inner",
    ),
    Fault(
        flag="drop-port",
        does="Drop the port from Host and X-Forwarded-Host, as nginx's $host does.",
        where=Where.REQUESTS,
        rules=("AC507",),
    ),
    Fault(
        flag="forwarded-proto",
        does="Send this as X-Forwarded-Proto: wss, as Traefik does on upgrades, or http behind an outer https.",
        where=Where.REQUESTS,
        rules=("AC503",),
        value=FieldValue(metavar="SCHEME"),
        example="wss",
    ),
    Fault(
        flag="forwarded-host",
        does='Send this as X-Forwarded-Host; "inner" is the app\'s own address.',
        where=Where.REQUESTS,
        rules=("AC504",),
        value=FieldValue(metavar="inner|NAME"),
        example="inner",
    ),
    Fault(
        flag="strip-header",
        does="Take this field off requests: Host fields aside, any. Repeatable.",
        where=Where.REQUESTS,
        rules=("AC511",),
        value=FieldNames(),
        example="X-Forwarded-For",
    ),
    Fault(
        flag="append-client",
        does="Append the client's address to the X-Forwarded-For that the client itself sent.",
        where=Where.REQUESTS,
        rules=("AC502",),
    ),
    Fault(
        flag="believe-anyone",
        does="Take every client for a trusted proxy: what it says of itself is passed on.",
        where=Where.REQUESTS,
        rules=("AC502", "AC505", "AC506", "AC508"),
    ),
    Fault(
        flag="drop-query",
        does="Take the query off requests.",
        where=Where.REQUESTS,
        rules=("AC513",),
    ),
    Fault(
        flag="redirects",
        does="Rewrite the app's redirects: to the app's own address, or to http.",
        where=Where.ANSWERS,
        rules=("AC514",),
        value=Choice((INNER, "http")),
        example=INNER,
    ),
    Fault(
        flag="max-header",
        does="Refuse requests whose header block is larger than this: 431.",
        where=Where.REQUESTS,
        rules=("AC515",),
        value=Size(least=512),
        example="1k",
    ),
    Fault(
        flag="strip-response-header",
        does="Take this field off answers. Repeatable.",
        where=Where.ANSWERS,
        rules=("AC512",),
        value=FieldNames(),
        example="Set-Cookie",
    ),
    Fault(
        flag="gzip-streams",
        does="Compress event streams, whatever their Cache-Control says. Each event is flushed.",
        where=Where.STREAMS,
        rules=("AC604", "AC601"),
    ),
    Fault(
        flag="compress",
        does="Compress what the app left uncompressed (br if there is brotli, else gzip).",
        where=Where.ANSWERS,
        rules=("AC601", "AC605"),
    ),
    Fault(
        flag="double-gzip",
        does="Compress what the app has compressed once more.",
        where=Where.ANSWERS,
        rules=("AC601",),
    ),
    Fault(
        flag="mislabel",
        does="Say Content-Encoding: gzip of what is not compressed.",
        where=Where.ANSWERS,
        rules=("AC606",),
    ),
    Fault(
        flag="cache",
        does="Keep every whole answer to a GET and answer from there, streams and all.",
        where=Where.ANSWERS,
        rules=("AC608",),
    ),
    Fault(
        flag="cache-control",
        does="Add a second Cache-Control to answers, such as public, max-age=3600.",
        where=Where.ANSWERS,
        rules=("AC610",),
        value=FieldValue(),
        example="public, max-age=3600",
    ),
)
