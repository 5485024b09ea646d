"""What an echo shows of the fields that arrived, for a stranger and for a proxy that is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from antechamber.policy.effective import AS_ASKED, AS_SEEN, AS_SENT, DROPPED, MISSING, PORT_DROPPED, PolicyField
from antechamber.policy.observation import Observation
from antechamber.probe.look import Look
from antechamber.probe.manner import FRESH_QUERY, MARKER_COOKIE, MARKER_EVENT_ID, MARKER_QUERY, OUTER_CLIENT, STRANGER
from antechamber.probe.observed import Echo
from tests.probe.made import API, HOST, SSE, WAY, answer, echo, effective, holds, saw

RIGHT = {
    "host": HOST,
    "x_forwarded_for": "192.0.2.7",
    "x_forwarded_proto": "https",
    "x_forwarded_host": HOST,
}


def looked(arrived: Echo) -> Look:
    return Look(real=answer(), echo=arrived, echo_answer=answer())


def test_fields_that_say_how_it_came_are_as_seen_and_a_strangers_words_are_gone() -> None:
    route = effective(API, looked(echo(**RIGHT)))
    assert holds(route, PolicyField.HOST) == AS_ASKED
    for field in (PolicyField.CLIENT_ADDRESS, PolicyField.FORWARDED_PROTO, PolicyField.FORWARDED_HOST):
        assert holds(route, field) == AS_SEEN
    assert holds(route, PolicyField.FORWARDED) == DROPPED
    assert saw(route, Observation.FORGED) == ""
    assert holds(route, PolicyField.LOOK_ALIKES) == "cf-connecting-ip,true-client-ip"


@pytest.mark.parametrize(
    ("arrived", "field", "value"),
    [
        ({"host": "127.0.0.1:3000"}, PolicyField.HOST, "127.0.0.1:3000"),
        ({"host": "chamber.test"}, PolicyField.HOST, PORT_DROPPED),
        ({"x_forwarded_host": "chamber.test"}, PolicyField.FORWARDED_HOST, PORT_DROPPED),
        ({"x_forwarded_host": "stranger.invalid"}, PolicyField.FORWARDED_HOST, AS_SENT),
        ({"x_forwarded_host": ""}, PolicyField.FORWARDED_HOST, MISSING),
        ({"x_forwarded_proto": "wss"}, PolicyField.FORWARDED_PROTO, "wss"),
        ({"x_forwarded_proto": "gopher"}, PolicyField.FORWARDED_PROTO, AS_SENT),
        ({"x_forwarded_for": STRANGER}, PolicyField.CLIENT_ADDRESS, AS_SENT),
        ({"x_forwarded_for": f"{STRANGER}, 192.0.2.7"}, PolicyField.CLIENT_ADDRESS, f"{STRANGER}, 192.0.2.7"),
        ({"x_forwarded_for": ""}, PolicyField.CLIENT_ADDRESS, MISSING),
        ({"true_client_ip": STRANGER}, PolicyField.LOOK_ALIKES, "cf-connecting-ip"),
    ],
)
def test_a_field_that_is_wrong_is_told_as_it_arrived(arrived: dict[str, str], field: PolicyField, value: str) -> None:
    assert holds(effective(API, looked(echo(**{**RIGHT, **arrived}))), field) == value


def test_what_a_stranger_said_and_what_reached_the_app_of_it_is_named() -> None:
    route = effective(API, looked(echo(**{**RIGHT, "x_forwarded_for": f"{STRANGER}, 1.2.3.4", "x_real_ip": STRANGER})))
    assert saw(route, Observation.FORGED) == "x-forwarded-for,x-real-ip"


def test_who_is_believed_forges_nothing_and_its_own_word_must_arrive() -> None:
    believed = replace(WAY, believed=True, client=OUTER_CLIENT)
    kept = effective(API, looked(echo(**{**RIGHT, "x_forwarded_for": f"{OUTER_CLIENT}, 10.0.0.1"})), way=believed)
    assert saw(kept, Observation.CHAIN) is True
    assert saw(kept, Observation.FORGED) is None
    lost = effective(API, looked(echo(**RIGHT)), way=believed)
    assert saw(lost, Observation.CHAIN) is False


def test_markers_that_were_sent_along_are_looked_for() -> None:
    arrived = Echo(
        fields={"cookie": f"a=1; {MARKER_COOKIE}=[1]", "last-event-id": MARKER_EVENT_ID},
        target=f"/x?{MARKER_QUERY}&{FRESH_QUERY}1f",
    )
    route = effective(SSE, looked(arrived))
    marks = (Observation.COOKIES, Observation.QUERY, Observation.LAST_EVENT_ID)
    assert [saw(route, mark) for mark in marks] == [True, True, True]
    spoilt = Echo(fields={}, target="/x?antechamber-marker=a/b+c%20d")
    assert [saw(effective(SSE, looked(spoilt)), mark) for mark in marks] == [False, False, False]


def test_without_an_echo_no_field_is_known_to_arrive() -> None:
    route = effective(API, Look(real=answer()))
    assert all(
        holds(route, field) is None
        for field in (
            PolicyField.HOST,
            PolicyField.CLIENT_ADDRESS,
            PolicyField.FORWARDED_PROTO,
            PolicyField.LOOK_ALIKES,
        )
    )
    assert "only there" in route.fields[PolicyField.HOST].where


def cookie_of_an_echo(*, arrives: bool, comes_back: bool) -> Look:
    markers = {"cookie": f"{MARKER_COOKIE}=1"} if arrives else {}
    came = answer(fields={"Set-Cookie": "antechamber-echo=1"} if comes_back else {})
    return Look(real=answer(), echo=echo(**RIGHT, **markers), echo_answer=came)


BOTH_WAYS = cookie_of_an_echo(arrives=True, comes_back=True)


@pytest.mark.parametrize(
    ("through", "direct", "whole"),
    [
        (BOTH_WAYS, BOTH_WAYS, True),
        (cookie_of_an_echo(arrives=True, comes_back=False), BOTH_WAYS, False),
        (cookie_of_an_echo(arrives=False, comes_back=True), BOTH_WAYS, False),
        (cookie_of_an_echo(arrives=True, comes_back=False), cookie_of_an_echo(arrives=True, comes_back=False), True),
    ],
)
def test_a_cookie_that_the_app_sets_must_come_through_as_it_does_directly(
    through: Look, direct: Look, whole: bool
) -> None:
    assert saw(effective(API, through, direct), Observation.COOKIES) is whole
