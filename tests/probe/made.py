"""Looks that nobody took: what a test says was seen."""

from __future__ import annotations

from collections.abc import Mapping

from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Kind, Route
from antechamber.policy.observation import Observation
from antechamber.probe.effective import effective_route
from antechamber.probe.look import Look
from antechamber.probe.observed import Echo, Sighting
from antechamber.probe.seen import Seen, Way
from antechamber.probe.transcript import End, Ending, HttpTranscript, Piece
from antechamber.surface.request import Do, ProbeRequest

HOST = "chamber.test:8443"
WAY = Way(scheme="https", host=HOST, untrusted_fields=frozenset({"cf-connecting-ip", "true-client-ip"}))
STREAM = ProbeRequest(do=Do.STREAM, count=4, pace_s=0.15, quiet_s=0.3)
SENT_S = tuple(0.3 + 0.15 * index for index in range(4))

SSE = Route(name="events", path="/events", kind=Kind.SSE, first="ready")
SOCKET = Route(name="socket", path="/socket", kind=Kind.WEBSOCKET, first="ready")
UPLOAD = Route(name="upload", path="/upload", kind=Kind.UPLOAD)
API = Route(name="api", path="/api", kind=Kind.API)


def answer(
    status: int | None = 200,
    media_type: str = "application/json",
    body: bytes = b"{}",
    *,
    end: End = End.COMPLETE,
    at_s: float = 0.01,
    head_s: float = 0.01,
    fields: Mapping[str, str] | None = None,
) -> HttpTranscript:
    """An answer, or none."""
    if status is None:
        return HttpTranscript(ending=Ending(end, at_s, "nothing came for 3.0 s" if end is End.SILENT else ""))
    named = {"Content-Type": media_type, **(fields or {})}
    return HttpTranscript(
        ending=Ending(end, at_s),
        status=status,
        fields=tuple((name.encode(), value.encode()) for name, value in named.items()),
        first_byte_s=head_s,
        head_s=head_s,
        pieces=(Piece(head_s, body),) if body else (),
    )


def events(**more: str) -> HttpTranscript:
    """The start of an event stream."""
    return answer(media_type="text/event-stream", body=b"", end=End.STOPPED, fields=more)


def silence() -> HttpTranscript:
    return answer(None, end=End.SILENT, at_s=3.0)


def sightings(*arrived_s: float) -> tuple[Sighting, ...]:
    """Events that were sent as the plan says and came at these times."""
    return tuple(
        Sighting(number, at_s - sent_s, at_s)
        for number, (at_s, sent_s) in enumerate(zip(arrived_s, SENT_S, strict=False), start=1)
    )


IN_TIME = sightings(*(sent_s + 0.002 for sent_s in SENT_S))
SOUND_STREAM = Look(real=events(), first_s=0.01, asked=STREAM, stream=events(), sightings=IN_TIME)


def echo(**fields: str) -> Echo:
    """What reached the app; underscores stand for hyphens."""
    return Echo(fields={name.replace("_", "-"): value for name, value in fields.items()}, target="/x")


def effective(route: Route, through: Look, direct: Look | None = None, way: Way = WAY) -> EffectiveRoute:
    return effective_route(Seen(route=route, direct=direct, through=through), way)


def saw(route: EffectiveRoute, observation: Observation) -> object:
    """The value that was seen; ``None`` if nothing was."""
    found = route.observations.get(observation)
    return found.value if found else None


def holds(route: EffectiveRoute, field: PolicyField) -> object:
    """The value that holds; ``None`` if that is not known."""
    found = route.fields.get(field)
    return found.value if found else None
