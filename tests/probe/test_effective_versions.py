"""Over which versions of HTTP a WebSocket works, from written looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from antechamber.policy.observation import Observation
from antechamber.probe.look import Look, Message
from antechamber.probe.transcript import End, Ending, HttpTranscript
from antechamber.protocol.handshake import Refusal
from tests.probe.made import IN_TIME, SOCKET, STREAM, answer, echo, effective, saw, sightings

SWITCHED = answer(101, "", b"", fields={})
ACCEPTED = replace(SWITCHED, status=200, version="h2", fields=())
MESSAGE = Message(size_bytes=1000, came_back=True)
OVER_1 = Look(
    real=SWITCHED,
    first_s=0.01,
    asked=STREAM,
    stream=SWITCHED,
    sightings=IN_TIME,
    echo=echo(host="x"),
    message=MESSAGE,
    http2_offer="offered",
)
OVER_2 = replace(OVER_1, real=ACCEPTED, stream=ACCEPTED, http2_offer="")
REAL_ALONE = Look(real=SWITCHED, first_s=0.01, http2_offer="offered")
REFUSED = Look(real=answer(403, "text/plain", b"Invalid origin"), refusal=Refusal.NOT_ACCEPTED)
RESET = Look(
    real=HttpTranscript(ending=Ending(End.CUT, 0.1, "the stream was reset with HTTP_1_1_REQUIRED")),
    refusal=Refusal.NOT_ACCEPTED,
)


def versions(through: Look, direct: Look | None = OVER_1) -> object:
    return saw(effective(SOCKET, through, direct), Observation.SOCKET_VERSIONS)


def test_a_socket_that_does_everything_over_both_is_told_so() -> None:
    assert versions(replace(OVER_1, over_http2=OVER_2)) == "both"


def test_a_socket_that_is_offered_over_http1_alone_is_told_with_that() -> None:
    assert versions(OVER_1) == "http/1.1"


@pytest.mark.parametrize(
    ("over_2", "words"),
    [
        (
            replace(OVER_2, real=REFUSED.real, refusal=REFUSED.refusal),
            "the app's own socket opens, over HTTP/2 not: 403",
        ),
        (replace(OVER_2, first_s=None), "the app's first message comes, over HTTP/2 not: nothing came"),
        (replace(OVER_2, echo=None), "a socket in place opens, over HTTP/2 not: it was accepted, and nothing came"),
        (replace(OVER_2, sightings=sightings(0.8, 0.8, 0.8, 0.8)), "frames come in time, over HTTP/2 not: 4 that were"),
        (replace(OVER_2, sightings=()), "frames come in time, over HTTP/2 not: they did not come"),
        (
            replace(OVER_2, message=Message(size_bytes=1000, came_back=False, ending="cut off after 0.1 s")),
            "a long message comes back, over HTTP/2 not: cut off after 0.1 s",
        ),
    ],
)
def test_what_fails_over_http2_alone_is_named_by_its_first_step(over_2: Look, words: str) -> None:
    route = effective(SOCKET, replace(OVER_1, over_http2=over_2), OVER_1)
    found = route.observations[Observation.SOCKET_VERSIONS]
    assert found.value == "broken over h2"
    assert words in found.where


def test_a_socket_that_opens_over_http2_alone_is_told_so() -> None:
    closed = replace(REAL_ALONE, real=answer(400), refusal=Refusal.NOT_SWITCHED, over_http2=REAL_ALONE)
    assert versions(closed) == "h2 only"


@pytest.mark.parametrize(
    ("through", "direct"),
    [
        (replace(REFUSED, http2_offer="offered"), OVER_1),
        (replace(REFUSED, http2_offer="offered", over_http2=REFUSED), OVER_1),
        (replace(OVER_1, http2_offer=""), OVER_1),
        (replace(REAL_ALONE, over_http2=RESET), OVER_1),
        (replace(REAL_ALONE, over_http2=REFUSED), replace(REAL_ALONE, over_http2=REFUSED)),
    ],
    ids=["no version", "neither version", "not asked", "sent back to HTTP/1.1", "the app itself fails over HTTP/2"],
)
def test_what_decides_nothing_is_no_pass_and_no_fault(through: Look, direct: Look) -> None:
    assert versions(through, direct) is None
