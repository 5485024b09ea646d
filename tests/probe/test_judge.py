"""Verdicts: pure functions of two looks. Each fault has a row that must show it, and the sound look shows none."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from antechamber.policy.model import Kind, Route
from antechamber.probe.judge import LATE_S, Expected, Outcome, judge
from antechamber.probe.look import UPLOAD_PIECES, Look, Rung
from antechamber.probe.observed import Echo, Sighting
from antechamber.probe.transcript import End, Ending, HttpTranscript
from antechamber.protocol.handshake import Refusal

EXPECTED = Expected(host="app.test", scheme="https")
SSE = Route(name="events", path="/events", kind=Kind.SSE, first="ready")
SOCKET = Route(name="socket", path="/ws", kind=Kind.WEBSOCKET, first="ready")
UPLOAD = Route(name="upload", path="/up", kind=Kind.UPLOAD, methods=("POST",))
PAGE = Route(name="page", path="/*", kind=Kind.PAGE)

FIELDS = {"host": "app.test", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
SILENT = HttpTranscript(ending=Ending(End.SILENT, 5.0, "nothing came for 5.0 s"))


def answer(status: int, content_type: bytes = b"", *, head_s: float = 0.01, coding: bytes = b"") -> HttpTranscript:
    fields = [(b"Content-Type", content_type)] if content_type else []
    fields += [(b"Content-Encoding", coding)] if coding else []
    return HttpTranscript(
        ending=Ending(End.STOPPED, 1.0), status=status, fields=tuple(fields), head_s=head_s, first_byte_s=head_s
    )


def seen(*lags_s: float) -> tuple[Sighting, ...]:
    return tuple(Sighting(number, lag_s) for number, lag_s in enumerate(lags_s, 1))


STREAM = answer(200, b"text/event-stream; charset=utf-8")
ECHO = Echo(fields=FIELDS)
EVENTS = Look(real=STREAM, first_s=0.01, stream=STREAM, sightings=seen(0.01, 0.01, 0.01), echo=ECHO)
SWITCHED = answer(101)
MESSAGES = Look(real=SWITCHED, first_s=0.01, stream=SWITCHED, sightings=seen(0.01, 0.01), echo=ECHO)
BODY = b"".join(UPLOAD_PIECES)
UPLOADED = Look(
    echo=Echo(fields=FIELDS, body_bytes=len(BODY), body_sha256=hashlib.sha256(BODY).hexdigest(), spread_s=0.3),
    echo_answer=answer(200, b"application/json"),
    ladder=(Rung(size_bytes=65536, status=200, intact=True), Rung(size_bytes=2**21, status=200, intact=True)),
)
LOADED = Look(real=answer(200, b"text/html"), echo=ECHO)

SOUND = [(SSE, EVENTS), (SOCKET, MESSAGES), (UPLOAD, UPLOADED), (PAGE, LOADED)]


@pytest.mark.parametrize(("route", "look"), SOUND, ids=lambda value: getattr(value, "name", ""))
def test_what_is_the_same_both_ways_is_well(route: Route, look: Look) -> None:
    verdict = judge(route, look, look, EXPECTED)
    assert (verdict.outcome, verdict.why) == (Outcome.OK, "")


HELD = answer(200, b"text/event-stream", head_s=0.01 + 3.0)
CUT = replace(STREAM, ending=Ending(End.CUT, 1.0, "closed in the middle of the body"))

DIFFERENCES: list[tuple[str, Route, Look, Look, str]] = [
    (
        "upgrade dropped",
        SOCKET,
        MESSAGES,
        replace(MESSAGES, real=answer(200, b"text/html"), refusal=Refusal.NOT_SWITCHED, first_s=None),
        "200 text/html, directly 101",
    ),
    (
        "origin refused",
        SOCKET,
        MESSAGES,
        replace(MESSAGES, real=answer(403, b"text/plain"), refusal=Refusal.NOT_SWITCHED),
        "403 text/plain, directly 101",
    ),
    (
        "handshake garbled",
        SOCKET,
        MESSAGES,
        replace(MESSAGES, refusal=Refusal.WRONG_ACCEPT),
        "the handshake fails: Sec-WebSocket-Accept does not answer the key",
    ),
    (
        "ready frame held",
        SOCKET,
        MESSAGES,
        replace(MESSAGES, first_s=None, real=replace(SWITCHED, ending=SILENT.ending)),
        "what the app sends first never came (nothing came for 5.0 s)",
    ),
    ("frames late", SOCKET, MESSAGES, replace(MESSAGES, sightings=seen(1.0, 0.1)), "frames came up to 1.0 s late"),
    (
        "stream held",
        SSE,
        EVENTS,
        replace(EVENTS, real=SILENT, first_s=None),
        "no answer, directly 200 text/event-stream",
    ),
    ("head held", SSE, EVENTS, replace(EVENTS, stream=HELD), "the head was held for 3.0 s"),
    ("events batched", SSE, EVENTS, replace(EVENTS, sightings=seen(0.9, 0.4, 0.01)), "events came up to 0.9 s late"),
    (
        "stream cut",
        SSE,
        EVENTS,
        replace(EVENTS, stream=CUT, sightings=seen(0.01)),
        "1 of 3 events came (closed in the middle of the body)",
    ),
    ("first event late", SSE, EVENTS, replace(EVENTS, first_s=2.0), "what the app sends first came 2.0 s late"),
    (
        "stream compressed",
        SSE,
        EVENTS,
        replace(EVENTS, real=answer(200, b"text/event-stream", coding=b"gzip")),
        "compressed on the way (gzip)",
    ),
    (
        "413",
        UPLOAD,
        UPLOADED,
        replace(UPLOADED, ladder=(UPLOADED.ladder[0], Rung(size_bytes=2**21, status=413, intact=False))),
        "an upload of 2 MiB is answered 413",
    ),
    (
        "bytes changed",
        UPLOAD,
        UPLOADED,
        replace(UPLOADED, ladder=(Rung(size_bytes=65536, status=200, intact=False), UPLOADED.ladder[1])),
        "an upload of 64 KiB arrived changed",
    ),
    (
        "upload held",
        UPLOAD,
        UPLOADED,
        replace(UPLOADED, echo=Echo(fields=FIELDS, spread_s=0.0)),
        "an upload was held until it was complete",
    ),
    ("gone", PAGE, LOADED, replace(LOADED, real=answer(502, b"text/html")), "502 text/html, directly 200 text/html"),
]


@pytest.mark.parametrize(
    ("route", "direct", "through", "why"), [row[1:] for row in DIFFERENCES], ids=[row[0] for row in DIFFERENCES]
)
def test_what_a_proxy_breaks_is_told_in_words(route: Route, direct: Look, through: Look, why: str) -> None:
    verdict = judge(route, direct, through, EXPECTED)
    assert verdict.outcome is Outcome.DIFFERS
    assert why in verdict.why


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"host": "127.0.0.1:3000"}, "Host arrived as 127.0.0.1:3000"),
        ({"x-forwarded-for": ""}, "X-Forwarded-For arrived as "),
        ({"x-forwarded-proto": "wss"}, "X-Forwarded-Proto arrived as wss"),
        ({"x-forwarded-proto": "https, http"}, "X-Forwarded-Proto arrived as https, http"),
    ],
)
def test_a_field_that_the_app_needs_and_does_not_get_as_it_must_be_is_told(fields: dict[str, str], why: str) -> None:
    through = replace(LOADED, echo=Echo(fields=FIELDS | fields))
    assert judge(PAGE, LOADED, through, EXPECTED).why == why


def test_a_field_that_is_not_there_at_all_is_told() -> None:
    through = replace(LOADED, echo=Echo(fields={"host": "app.test", "x-forwarded-for": "203.0.113.9"}))
    assert judge(PAGE, LOADED, through, EXPECTED).why == "X-Forwarded-Proto did not arrive"


def test_the_host_may_come_as_x_forwarded_host() -> None:
    """Apps read that one first (RFC 7239 says why it exists): a proxy may change Host if it sends it."""
    through = replace(LOADED, echo=Echo(fields=FIELDS | {"host": "127.0.0.1", "x-forwarded-host": "app.test"}))
    assert judge(PAGE, LOADED, through, EXPECTED).outcome is Outcome.OK


def test_a_little_later_is_not_late() -> None:
    through = replace(EVENTS, first_s=0.01 + LATE_S / 2, sightings=seen(*[0.01 + LATE_S / 2] * 3))
    assert judge(SSE, EVENTS, through, EXPECTED).outcome is Outcome.OK


def test_a_clock_of_the_app_that_is_off_does_not_look_like_a_delay() -> None:
    behind = replace(EVENTS, sightings=seen(3600.0, 3600.0, 3600.0))
    assert judge(SSE, behind, behind, EXPECTED).outcome is Outcome.OK


CANNOT_TELL: list[tuple[str, Route, Look, str]] = [
    ("nothing asked", UPLOAD, Look(), "not asked: it would change something"),
    ("app down", SSE, Look(real=SILENT, stream=SILENT), "no answer directly either: nothing came for 5.0 s"),
    (
        "not logged in",
        SOCKET,
        replace(MESSAGES, real=answer(401, b"text/plain")),
        "refused directly too: 401 text/plain",
    ),
    ("app broken", SSE, replace(EVENTS, real=answer(503, b"application/json")), "refused directly too: 503"),
    ("no surface", UPLOAD, Look(echo_answer=answer(200, b"text/html")), "nothing answers probes there: 200 text/html"),
]


@pytest.mark.parametrize(
    ("route", "direct", "why"), [row[1:] for row in CANNOT_TELL], ids=[row[0] for row in CANNOT_TELL]
)
def test_what_is_not_well_directly_cannot_be_compared(route: Route, direct: Look, why: str) -> None:
    """Equal failures are no proof of a good proxy."""
    verdict = judge(route, direct, direct, EXPECTED)
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert why in verdict.why


def test_a_live_route_that_the_app_does_not_have_is_observed_in_place_and_says_so() -> None:
    """A removed event stream answers 200 with the app's page: a look at the status alone would pass it."""
    removed = replace(EVENTS, real=answer(200, b"text/html"), first_s=None)
    verdict = judge(SSE, removed, removed, EXPECTED)
    assert verdict.outcome is Outcome.OK
    assert verdict.why == "the app does not have it (200 text/html); observed in place"
    hanging = replace(MESSAGES, real=SILENT, refusal=Refusal.NOT_SWITCHED, first_s=None)
    assert "(no answer); observed in place" in judge(SOCKET, hanging, hanging, EXPECTED).why
