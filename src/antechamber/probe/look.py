"""Looking at one route by one way in: the real route, and the same path observed in place.

The real route shows what the app's users get: the status, the first thing that the app sends. The observing surface,
where there is one, answers on that very path and shows what nothing else can: how late each event is, which fields
reached the app, whether an upload was streamed. What changes something (a POST, a DELETE) is only ever asked of the
surface, and only after it has answered a GET there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from antechamber.policy.model import Route
from antechamber.probe.departures import Departure
from antechamber.probe.observed import Echo, Sighting
from antechamber.probe.transcript import HttpTranscript
from antechamber.protocol.handshake import Refusal
from antechamber.surface.request import ProbeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One upload: its size, the answer, and whether the app received the same bytes."""

    size_bytes: int
    answer: HttpTranscript
    intact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Bodies that were announced, the largest that was not refused, and the refusal of the next larger one."""

    passed_bytes: int
    refused_bytes: int = 0
    refusal: HttpTranscript | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that was sent over a WebSocket and should come back, and what came of it."""

    size_bytes: int
    came_back: bool
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Reuse:
    """Two requests to one address that had to be answered each by itself: was the first one's answer given again?"""

    shared: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of one route by one way in. What was not looked at is ``None`` or empty."""

    real: HttpTranscript | None = None
    refusal: Refusal | None = None
    first_s: float | None = None
    """When what the app sends first (``Route.first``) was here, on the real route."""
    closed: str = ""
    """How the other side ended the real WebSocket or stream while it was watched; empty if it did not."""
    asked: ProbeRequest | None = None
    """The stream that was asked of the observing surface."""
    stream: HttpTranscript | None = None
    """The observing stream's answer on this path."""
    sightings: tuple[Sighting, ...] = ()
    comments: int = 0
    """How many comments of the observing stream came."""
    echo: Echo | None = None
    echo_answer: HttpTranscript | None = None
    message: Message | None = None
    pieces: Echo | None = None
    """What arrived of an upload that was sent in pieces."""
    uploads: tuple[Rung, ...] = ()
    ladder: Ladder | None = None
    socket: HttpTranscript | None = None
    """The answer to a handshake in place, on a route that is no socket: is the upgrade passed there?"""
    reuse: Reuse | None = None
    """What became of a second request to the same address, by somebody else."""
    over_http2: Look | None = None
    """The same WebSocket opened over HTTP/2, where that is offered."""
    http2_offer: str = ""
    """What was offered for WebSockets over HTTP/2, in words; empty if nobody asked."""
    departure: Departure | None = None
    """What became of a stream in place that was left."""
    redirect: HttpTranscript | None = None
    """A redirect in place, whose ``Location`` was a path when it was sent."""
    foreign: Echo | None = None
    """What arrived of a request in place that asked for a protocol of nobody's."""

    @property
    def first_byte_s(self) -> float | None:
        """From the end of the request to the first byte of the answer: the real one, else the observed one."""
        answer = self.real or self.echo_answer
        return answer.waited_s if answer else None

    @property
    def lag_s(self) -> float | None:
        """The latest that an event was."""
        return max((sighting.lag_s for sighting in self.sightings), default=None)


def path_of(route: Route, fill: Mapping[str, str]) -> str:
    """A path that the route matches: its example, or named segments filled in, a prefix made concrete."""
    if route.example:
        return route.example
    prefix = route.path.removesuffix("*")
    if prefix != route.path:
        return prefix if prefix == "/" else prefix + "antechamber-probe"
    parts = route.path.split("/")
    return "/".join(
        fill.get("/".join(parts[: place + 1]), "antechamber-probe") if part.startswith(":") else part
        for place, part in enumerate(parts)
    )
