"""Over which versions of HTTP a WebSocket works: what works over one and not over the other.

Both were looked at in the same way, so they are compared step by step: the app's own handshake and what it sends first,
and in place the first message, the frames in time, a long message there and back.
"""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.policy.observation import AT_ONCE, Observation
from antechamber.probe.facts import Facts
from antechamber.probe.look import Look
from antechamber.probe.pacing import pace_of
from antechamber.probe.seen import Seen
from antechamber.probe.telling import with_author

HTTP_1_ALONE = "http/1.1"
BOTH = "both"
HTTP_2_ALONE = "h2 only"
BROKEN_OVER_2 = "broken over h2"
NOWHERE = "it opened over no version of HTTP"
SENT_BACK = "HTTP_1_1_REQUIRED"
"""The error of HTTP/2 with which a server sends a client to HTTP/1.1 (RFC 9113 section 7)."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing that a working socket does, whether it did, and in words what it did instead."""

    name: str
    done: bool
    instead: str


def version_facts(seen: Seen, facts: Facts) -> None:
    """What the looks at a WebSocket in its versions show."""
    over_1, over_2, offer = seen.through, seen.through.over_http2, seen.through.http2_offer
    opened = _opened(over_1)
    if over_2 is None:
        if not offer:
            facts.unseen(Observation.SOCKET_VERSIONS, because="nobody asked what HTTP/2 offers")
        elif opened:
            facts.saw(Observation.SOCKET_VERSIONS, HTTP_1_ALONE, offer)
        facts.unseen(Observation.SOCKET_VERSIONS, because=NOWHERE)
        return
    lost = _missing(over_2, of=over_1)
    if not opened:
        _without_http1(over_2, facts)
    elif lost is None:
        facts.saw(Observation.SOCKET_VERSIONS, BOTH, offer)
    elif SENT_BACK in lost.instead:
        because = f"HTTP/2 offers it and sends it back with {SENT_BACK}, which not every client heeds"
        facts.unseen(Observation.SOCKET_VERSIONS, because=because)
    elif seen.direct is not None and seen.direct.over_http2 is not None and _missing(seen.direct.over_http2, of=over_1):
        facts.unseen(Observation.SOCKET_VERSIONS, because=f"directly it fails over HTTP/2 too: {lost.instead}")
    else:
        facts.saw(Observation.SOCKET_VERSIONS, BROKEN_OVER_2, _told(lost, offer))


def _without_http1(over_2: Look, facts: Facts) -> None:
    if _opened(over_2):
        facts.saw(Observation.SOCKET_VERSIONS, HTTP_2_ALONE, "extended CONNECT opens it, the upgrade does not")
    facts.unseen(Observation.SOCKET_VERSIONS, because=NOWHERE)


def _opened(look: Look) -> bool:
    """Whether the socket opened, the app's own or the one in place."""
    return any(step.done for step in _steps(look) if step.name in _OPENINGS)


def _missing(look: Look, *, of: Look) -> _Step | None:
    """The first thing that ``of`` did and ``look`` did not."""
    done = {step.name for step in _steps(of) if step.done}
    return next((step for step in _steps(look) if step.name in done and not step.done), None)


_ACCEPTED = (101, 200)
_REAL = "the app's own socket opens"
_IN_PLACE = "a socket in place opens"
_OPENINGS = (_REAL, _IN_PLACE)


def _steps(look: Look) -> list[_Step]:
    """What was looked at, in its order."""
    steps = []
    if look.real is not None:
        steps.append(_Step(_REAL, look.refusal is None, with_author(look.real)))
        steps.append(_Step("the app's first message comes", look.first_s is not None, look.closed or "nothing came"))
    if look.stream is not None:
        steps.append(_Step(_IN_PLACE, look.echo is not None, _instead_in_place(look)))
        pace = pace_of(look.sightings, look.asked) if look.asked is not None else None
        in_time = pace is not None and pace.value == AT_ONCE
        steps.append(_Step("frames come in time", in_time, pace.evidence if pace else "they did not come"))
    if look.message is not None:
        steps.append(_Step("a long message comes back", look.message.came_back, look.message.ending))
    return steps


def _instead_in_place(look: Look) -> str:
    """What came in place instead of the first message of a socket that opened."""
    assert look.stream is not None
    return (
        with_author(look.stream)
        if look.stream.status not in _ACCEPTED or look.stream.media_type
        else "it was accepted, and nothing came"
    )


def _told(lost: _Step, offer: str) -> str:
    return f"{offer}; over HTTP/1.1 {lost.name}, over HTTP/2 not: {lost.instead}"
