"""What looks at sockets and event streams show: each fault is told from the others, and from an app that is unwell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from antechamber.policy.effective import ANY_TOKEN, PolicyField, Source
from antechamber.policy.model import Kind, Route
from antechamber.policy.observation import Observation
from antechamber.probe.departures import Departure
from antechamber.probe.effective import not_applicable
from antechamber.probe.look import Look, Message
from antechamber.probe.seen import Seen
from antechamber.protocol.handshake import Refusal
from antechamber.surface.departures import State
from tests.probe.made import (
    API,
    IN_TIME,
    SOCKET,
    SOUND_STREAM,
    SSE,
    STREAM,
    WAY,
    answer,
    echo,
    effective,
    events,
    holds,
    saw,
    sightings,
    silence,
)

HTML = answer(200, "text/html", b"<!doctype html><title>The app</title>")
SWITCHED = answer(101, "", b"")
OPEN = Look(real=SWITCHED, first_s=0.01, asked=STREAM, stream=SWITCHED, sightings=IN_TIME)
REFUSED = Refusal.NOT_SWITCHED


def test_a_stream_that_comes_as_directly_is_at_once_in_every_respect() -> None:
    route = effective(SSE, SOUND_STREAM, SOUND_STREAM)
    assert saw(route, Observation.HEAD) == saw(route, Observation.EVENTS) == "at once"
    assert saw(route, Observation.STREAM_END) == "open"
    assert saw(route, Observation.ANSWER) == "app"
    assert holds(route, PolicyField.RESPONSE_STREAMED) is True


HELD = sightings(0.76, 0.761, 0.762, 0.763)
BATCHED = sightings(0.452, 0.453, 0.752, 0.753)
LATE = sightings(*(3.3 + 0.15 * index for index in range(4)))
COMMENTED = replace(SOUND_STREAM, asked=replace(STREAM, comments=True), comments=4)
STREAM_FAULTS = {
    "head held": (replace(SOUND_STREAM, stream=replace(events(), head_s=0.31)), Observation.HEAD, "held"),
    "events held to the end": (replace(SOUND_STREAM, sightings=HELD), Observation.EVENTS, "held"),
    "each event held for 3 s": (replace(SOUND_STREAM, sightings=LATE), Observation.EVENTS, "held"),
    "events in pairs": (replace(SOUND_STREAM, sightings=BATCHED), Observation.EVENTS, "batched"),
    "cut after two events": (replace(SOUND_STREAM, sightings=IN_TIME[:2]), Observation.STREAM_END, "cut"),
    "not even a head": (replace(SOUND_STREAM, stream=silence(), sightings=()), Observation.HEAD, "held"),
    "a page instead": (Look(real=HTML), Observation.ANSWER, "html"),
    "a login page instead": (
        Look(real=answer(200, "text/html", b'<form><input type="password"></form>')),
        Observation.ANSWER,
        "login",
    ),
    "a challenge instead": (
        Look(real=answer(403, "text/html", b"<title>Just a moment...</title>")),
        Observation.ANSWER,
        "challenge",
    ),
    "a gateway's error": (
        Look(real=answer(502, "text/html", b"<center>nginx</center>")),
        Observation.ANSWER,
        "gateway error",
    ),
    "nothing": (Look(real=silence()), Observation.ANSWER, "nothing"),
    "compressed on the way": (
        replace(SOUND_STREAM, real=events(**{"Content-Encoding": "gzip"})),
        Observation.STREAM_CODING,
        "gzip",
    ),
}


@pytest.mark.parametrize("case", STREAM_FAULTS)
def test_each_fault_of_a_stream_is_told_from_the_others(case: str) -> None:
    through, observation, value = STREAM_FAULTS[case]
    assert saw(effective(SSE, through, SOUND_STREAM), observation) == value


def test_the_app_s_own_stream_tells_what_it_can_where_nobody_observes_in_place() -> None:
    direct = Look(real=events(), first_s=0.01)
    assert saw(effective(SSE, direct, direct), Observation.EVENTS) == "at once"
    no_event = Look(real=events(), first_s=None)
    assert saw(effective(SSE, no_event, direct), Observation.EVENTS) == "held"
    assert saw(effective(SSE, Look(real=silence()), direct), Observation.HEAD) == "held"


def test_a_silent_app_is_no_fault_of_the_proxy_and_no_pass_either() -> None:
    silent = Look(real=events(), first_s=None)
    route = effective(SSE, silent, silent)
    assert saw(route, Observation.EVENTS) is None
    assert saw(route, Observation.UNSEEN) == "app silent"


def test_a_dead_app_opens_and_closes_directly_too() -> None:
    """OpenChamber without OpenCode: 101, then 1011."""
    dead = Look(real=SWITCHED, closed="closed with 1011 upstream after 0.1 s")
    route = effective(SOCKET, dead, dead)
    assert saw(route, Observation.UPGRADE) == "switched"
    assert saw(route, Observation.SOCKET_END) is None
    assert saw(route, Observation.UNSEEN) == "app down"


def test_a_route_that_is_html_directly_too_does_not_apply_unless_it_is_observed_in_place() -> None:
    gone = Look(real=HTML)
    assert "200 text/html" in not_applicable(Seen(route=SSE, direct=gone, through=gone))
    observed = replace(SOUND_STREAM, real=HTML, first_s=None)
    assert not_applicable(Seen(route=SSE, direct=observed, through=observed)) == ""
    assert saw(effective(SSE, observed, observed), Observation.EVENTS) == "at once"


def test_an_app_that_answers_503_has_the_route_and_is_down() -> None:
    """OpenChamber's streams, while OpenCode is not reachable."""
    down = Look(real=answer(503))
    assert not_applicable(Seen(route=SSE, direct=down, through=down)) == ""
    route = effective(SSE, down, down)
    assert saw(route, Observation.UNSEEN) == "app down"
    assert saw(route, Observation.ANSWER) == "app", "the proxy did reach it"


def test_without_direct_access_nothing_is_said_of_what_an_app_may_not_send() -> None:
    route = effective(SSE, Look(real=silence()))
    assert saw(route, Observation.EVENTS) is None
    assert saw(route, Observation.UNSEEN) == "no direct access"


def test_without_direct_access_a_route_that_others_of_its_kind_outdo_is_perhaps_not_there() -> None:
    """Apps answer a stream that they do not have with their page, and an upgrade with nothing."""
    alone = effective(SSE, Look(real=HTML))
    assert saw(alone, Observation.ANSWER) == "html"
    assert alone.observations[Observation.ANSWER].source is Source.UNKNOWN, "likely, not certain"
    among_others = replace(WAY, working=frozenset({Kind.SSE, Kind.WEBSOCKET}))
    assert saw(effective(SSE, Look(real=HTML), way=among_others), Observation.ANSWER) is None
    silent = Look(real=silence(), refusal=REFUSED)
    assert saw(effective(SOCKET, silent, way=among_others), Observation.UPGRADE) is None


SOCKET_FAULTS = {
    "upgrade lost": (Look(real=HTML, refusal=REFUSED), Observation.UPGRADE, "html"),
    "upgrade refused": (Look(real=answer(426, "text/plain"), refusal=REFUSED), Observation.UPGRADE, "status 426"),
    "no answer": (Look(real=silence(), refusal=REFUSED), Observation.UPGRADE, "silence"),
    "origin refused": (
        Look(real=answer(403, "text/plain", b"Invalid origin"), refusal=REFUSED),
        Observation.ORIGIN,
        "refused",
    ),
    "frames held": (replace(OPEN, sightings=HELD), Observation.FRAMES, "held"),
    "frames never": (Look(real=SWITCHED, first_s=None), Observation.FRAMES, "held"),
    "a long message lost": (
        replace(OPEN, message=Message(size_bytes=204800, came_back=False, ending="closed with 1009")),
        Observation.MESSAGE_BYTES,
        204800,
    ),
    "closed on the way": (
        Look(real=SWITCHED, first_s=None, closed="cut off after 0.3 s"),
        Observation.SOCKET_END,
        "closed",
    ),
}


@pytest.mark.parametrize("case", SOCKET_FAULTS)
def test_each_fault_of_a_socket_is_told_from_the_others(case: str) -> None:
    through, observation, value = SOCKET_FAULTS[case]
    assert saw(effective(SOCKET, through, OPEN), observation) == value


def test_a_handshake_without_an_answer_is_about_the_upgrade_where_ordinary_requests_are_answered() -> None:
    """Where nothing else is answered either, the app is not reached, and the lost upgrade a consequence of that."""
    silent = Look(real=silence(), refusal=REFUSED)
    assert saw(effective(SOCKET, silent, OPEN), Observation.ANSWER) == "nothing"
    reached = effective(SOCKET, silent, OPEN, way=replace(WAY, reached=True))
    assert saw(reached, Observation.ANSWER) is None
    assert saw(reached, Observation.UPGRADE) == "silence"


def test_a_stream_without_an_answer_is_held_where_other_requests_are_answered() -> None:
    """A proxy that collects answers reaches the app all the same."""
    route = effective(SSE, Look(real=silence()), SOUND_STREAM, way=replace(WAY, reached=True))
    assert saw(route, Observation.EVENTS) == "held"
    assert saw(route, Observation.ANSWER) is None


def test_where_the_page_is_not_found_either_another_site_answers_and_no_upgrade_is_lost_by_itself() -> None:
    lost = Look(real=answer(404, "text/html"), refusal=REFUSED)
    elsewhere = replace(WAY, elsewhere=True)
    assert saw(effective(SOCKET, lost, OPEN, way=elsewhere), Observation.ANSWER) == "elsewhere"
    assert saw(
        effective(SSE, Look(real=answer(404, "text/html")), SOUND_STREAM, way=elsewhere), Observation.ANSWER
    ) == ("elsewhere")
    absent = Look(real=answer(404, "application/json"))
    assert saw(effective(API, absent, absent, way=elsewhere), Observation.ANSWER) != "elsewhere", "the app has none"
    assert saw(effective(SOCKET, lost, OPEN), Observation.ANSWER) != "elsewhere"


def test_a_redirect_of_a_stream_is_a_redirect_with_a_page_in_it_too() -> None:
    """nginx sends a page along with each."""
    assert saw(effective(SSE, Look(real=answer(302, "text/html")), SOUND_STREAM), Observation.ANSWER) == "redirect"


def test_a_socket_that_was_closed_before_its_first_frame_had_none_to_hold() -> None:
    closed = Look(real=SWITCHED, first_s=None, closed="closed with 1011 after 0.0 s")
    route = effective(SOCKET, closed, OPEN)
    assert saw(route, Observation.FRAMES) is None
    assert saw(route, Observation.SOCKET_END) == "closed"


def test_an_app_that_wants_a_login_is_reached_on_that_route_and_a_page_that_wants_one_is_not_the_app() -> None:
    """Then silence on another socket may be the app's, which has none there."""
    asked = Look(real=answer(401, "application/json"), refusal=REFUSED)
    assert Seen(route=SOCKET, direct=None, through=asked).reaches_app
    assert not Seen(route=SOCKET, direct=None, through=Look(real=answer(401, "text/html"), refusal=REFUSED)).reaches_app
    assert not Seen(route=SOCKET, direct=None, through=Look(real=silence(), refusal=REFUSED)).reaches_app


def test_a_403_says_nothing_of_the_upgrade() -> None:
    """It may be the app's, which compares origins after an upgrade, or anybody's."""
    refused = Look(real=answer(403, "text/plain", b"Invalid origin"), refusal=REFUSED)
    assert saw(effective(SOCKET, refused, OPEN), Observation.UPGRADE) is None


def test_an_upgrade_that_passes_in_place_has_passed_whatever_the_app_says_of_the_origin() -> None:
    refused = replace(OPEN, real=answer(403, "text/plain", b"Invalid origin"), refusal=REFUSED, first_s=None)
    route = effective(SOCKET, refused, OPEN)
    assert saw(route, Observation.UPGRADE) == "switched"
    assert saw(route, Observation.ORIGIN) == "refused"


def test_comments_that_come_directly_and_not_through_the_chain_are_missed() -> None:
    assert saw(effective(SSE, COMMENTED, COMMENTED), Observation.COMMENTS) is True
    assert saw(effective(SSE, replace(COMMENTED, comments=0), COMMENTED), Observation.COMMENTS) is False


def test_comments_that_nobody_sent_or_of_which_no_event_came_are_not_missed() -> None:
    assert saw(effective(SSE, SOUND_STREAM, SOUND_STREAM), Observation.COMMENTS) is None
    assert saw(effective(SSE, replace(COMMENTED, sightings=(), comments=0), COMMENTED), Observation.COMMENTS) is None
    silent = replace(COMMENTED, comments=0)
    assert saw(effective(SSE, silent, silent), Observation.COMMENTS) is None


TOLD = Departure(state=State.LEFT, after_s=0.002)
UNTOLD = Departure(state=State.HERE, waited_s=2.0)


@pytest.mark.parametrize("route", [SSE, SOCKET, API])
def test_an_app_that_learns_of_a_departure_directly_and_not_through_the_chain_is_not_told(route: Route) -> None:
    assert saw(effective(route, Look(departure=TOLD), Look(departure=TOLD)), Observation.DEPARTURE) is True
    untold = effective(route, Look(departure=UNTOLD), Look(departure=TOLD)).observations[Observation.DEPARTURE]
    assert (untold.value, untold.source) == (False, Source.OBSERVED)
    alone = effective(route, Look(departure=UNTOLD)).observations[Observation.DEPARTURE]
    assert (alone.value, alone.source) == (False, Source.UNKNOWN), "without direct access it is likely, not certain"


@pytest.mark.parametrize(
    ("through", "direct"),
    [
        (UNTOLD, UNTOLD),
        (UNTOLD, None),
        (Departure(state=State.UNKNOWN), TOLD),
        (Departure(state=State.DONE), TOLD),
        (None, TOLD),
    ],
)
def test_what_the_app_does_not_learn_directly_either_is_not_the_chains_fault(
    through: Departure | None, direct: Departure | None
) -> None:
    assert saw(effective(SSE, Look(departure=through), Look(departure=direct)), Observation.DEPARTURE) is None


FOREIGN = echo(upgrade="antechamber-probe")


@pytest.mark.parametrize("route", [SOCKET, API])
def test_which_upgrades_are_passed_on_is_known_only_where_a_foreign_one_arrives_directly(route: Route) -> None:
    arrived, kept_out = Look(foreign=FOREIGN), Look(foreign=echo(host="x"))
    assert holds(effective(route, arrived, arrived), PolicyField.UPGRADES) == ANY_TOKEN
    assert holds(effective(route, kept_out, arrived), PolicyField.UPGRADES) == "websocket"
    assert holds(effective(route, kept_out, kept_out), PolicyField.UPGRADES) is None, "a witness passes none on"
    assert holds(effective(route, kept_out), PolicyField.UPGRADES) is None
