"""Reading the observing surface: its own answers, and whatever a proxy may send in their place."""

from __future__ import annotations

import hashlib
import json

import pytest

from antechamber.probe.observed import Echo, read_echo, sightings, sightings_on_socket, socket_echo
from antechamber.probe.transcript import (
    End,
    Ending,
    HttpTranscript,
    Piece,
    SocketTranscript,
    StreamTranscript,
    TimedFrame,
    TimedItem,
)
from antechamber.protocol.sse import Comment, Event
from antechamber.protocol.websocket import Text
from antechamber.surface.plan import message
from antechamber.surface.request import Do, ProbeRequest

NOON = 1_800_000_000.0
ASKED = ProbeRequest(do=Do.STREAM, count=2)


def answered(body: bytes, status: int = 200) -> HttpTranscript:
    return HttpTranscript(
        ending=Ending(End.COMPLETE, 0.1), status=status, pieces=(Piece(0.1, body),), started_wall_s=NOON
    )


def echo_of(body: bytes) -> dict[str, object]:
    pieces = {"first_pieces": [{"at_ns": 10**9, "size": 1}], "last_piece": {"at_ns": 25 * 10**8, "size": 1}}
    told = {"size": len(body), "sha256": hashlib.sha256(body).hexdigest(), **pieces}
    return {"headers": [["host", "a"], ["x-forwarded-for", "1"], ["X-Forwarded-For", "2"]], "body": told}


def test_an_echo_tells_fields_and_how_the_body_came() -> None:
    echo = read_echo(answered(json.dumps(echo_of(b"abc")).encode()))
    assert echo is not None
    assert echo.fields == {"host": "a", "x-forwarded-for": "1, 2"}
    assert echo.spread_s == pytest.approx(1.5)
    assert echo.is_of(b"abc")
    assert not echo.is_of(b"abd")
    assert not echo.is_of(b"abcd")


@pytest.mark.parametrize("body", [b"<!doctype html>", b"[]", b"{}", b'{"headers": 1}', b"\xff", b""])
def test_what_is_no_echo_is_none(body: bytes) -> None:
    assert read_echo(answered(body)) is None


def test_an_echo_in_an_error_page_is_none() -> None:
    assert read_echo(answered(json.dumps(echo_of(b"")).encode(), status=502)) is None


def test_the_lag_of_an_event_is_from_the_app_s_clock_to_our_arrival() -> None:
    items = (
        TimedItem(0.5, Event("message", message(ASKED, 1, sent=NOON + 0.25), "1")),
        TimedItem(0.6, Comment("beat")),
        TimedItem(0.7, Event("message", "not of the surface", "")),
        TimedItem(1.0, Event("message", message(ASKED, 2, sent=NOON + 1.0), "2")),
    )
    found = sightings(StreamTranscript(http=answered(b""), items=items))
    assert [sighting.number for sighting in found] == [1, 2]
    assert [sighting.lag_s for sighting in found] == pytest.approx([0.25, 0.0], abs=1e-5)


def test_on_a_socket_the_first_message_is_the_echo_and_the_others_are_sightings() -> None:
    told = json.dumps({"headers": [["host", "a"]], "do": "stream"})
    frames = (TimedFrame(0.1, Text(told)), TimedFrame(0.5, Text(message(ASKED, 1, sent=NOON + 0.4))))
    seen = SocketTranscript(http=answered(b""), refusal=None, frames=frames)
    assert socket_echo(seen) == Echo(fields={"host": "a"})
    assert [sighting.lag_s for sighting in sightings_on_socket(seen)] == pytest.approx([0.1], abs=1e-5)
    assert socket_echo(SocketTranscript(http=answered(b""), refusal=None)) is None
