"""One exchange, from its request head to its end: what log, drain report, metrics and panel read."""

from __future__ import annotations

from enum import StrEnum
from itertools import count
from typing import ClassVar

_ids = count(1)


class Shape(StrEnum):
    """What an exchange turned out to be."""

    EXCHANGE = "exchange"
    """A request and a response that ends by itself."""
    STREAM = "stream"
    """A response of unknown length or duration, forwarded piece by piece."""
    TUNNEL = "tunnel"
    """An accepted upgrade: opaque octets both ways."""


class Party(StrEnum):
    """Who ended it."""

    CLIENT = "client"
    UPSTREAM = "upstream"
    EDGE = "edge"


class Reason(StrEnum):
    """Why it ended."""

    COMPLETE = "complete"
    REFUSED = "refused"
    """Answered by the edge itself."""
    CLOSED = "closed"
    """The party closed its connection in an orderly way."""
    LOST = "lost"
    """The party's connection was reset, ended in the middle of a message, or never came about."""
    IDLE = "idle timeout"
    CONNECT_TIMEOUT = "connect timeout"
    SEND_TIMEOUT = "send timeout"
    """The party did not read what was sent to it."""
    BODY_TIMEOUT = "body idle timeout"
    RESPONSE_TIMEOUT = "response timeout"
    PROTOCOL = "protocol error"
    TOO_LARGE = "body limit"
    DRAIN = "drain"


EXCHANGE = Shape.EXCHANGE
UPSTREAM = Party.UPSTREAM
COMPLETE = Reason.COMPLETE
"""Plain names for what most exchanges are and how they end: see :data:`antechamber.protocol.exchange.DIALLING`."""


class Entry:
    """One exchange. Times are the event loop's, in seconds; ``bytes_up`` goes to the app, ``bytes_down`` to the client.

    Bytes count content as it is forwarded, framing included; pieces count writes, which on an event stream are the
    app's own writes and in a tunnel what arrived at a time.
    """

    __slots__ = (
        "bytes_down",
        "bytes_up",
        "client",
        "detail",
        "ended_at",
        "ended_by",
        "failure",
        "id",
        "method",
        "opened_at",
        "pieces_down",
        "pieces_up",
        "reason",
        "route",
        "shape",
        "status",
        "target",
    )

    protocol: ClassVar[str] = ""
    """What was spoken with the client, where it was not HTTP/1."""

    def __init__(self, client: str, method: bytes, target: bytes, route: str, opened_at: float) -> None:
        self.id = next(_ids)
        self.shape = EXCHANGE
        self.client = client
        self.method = method
        self.target = target
        self.route = route
        self.status = 0
        self.opened_at = opened_at
        self.ended_at = 0.0
        self.bytes_up = 0
        self.bytes_down = 0
        self.pieces_up = 0
        self.pieces_down = 0
        self.ended_by: Party | None = None
        self.reason: Reason | None = None
        self.failure = ""
        """The RFC 9209 token, when the exchange failed."""
        self.detail = ""

    @property
    def last_byte_at(self) -> float:
        """When something was last forwarded, as far as is known."""
        return self.ended_at or self.opened_at
