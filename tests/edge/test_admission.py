"""Who may come in: counters without a socket."""

from __future__ import annotations

import pytest

from antechamber.edge.admission import REFUSALS, RESERVED_DESCRIPTORS, Admission
from antechamber.policy.model import Limits

PLENTY = 1 << 20
HERE, THERE = "192.0.2.1", "192.0.2.2"


def admission(*, connections: int = 4, per_client: int = 100, descriptors: int = PLENTY) -> Admission:
    return Admission(Limits(connections=connections, connections_per_client=per_client), descriptors)


def test_connections_up_to_the_limit_come_in_and_the_next_is_told_why_not() -> None:
    door = admission(connections=3)
    assert [door.enter(HERE, trusted=False) for _ in range(3)] == ["", "", ""]
    assert "all 3 connections are taken (max-connections" in door.enter(THERE, trusted=False)


def test_a_refused_connection_counts_until_it_is_gone() -> None:
    """It holds a descriptor for as long as its answer is under way."""
    door = admission(connections=1)
    door.enter(HERE, trusted=False)
    assert door.enter(THERE, trusted=False)
    assert door.connections == 2
    door.leave(HERE)
    assert door.enter(HERE, trusted=False), "the refused one is still there"
    door.leave(THERE)
    door.leave(HERE)
    assert door.connections == 0
    assert door.enter(HERE, trusted=False) == ""


def test_one_address_cannot_take_everything() -> None:
    door = admission(per_client=2)
    assert [door.enter(HERE, trusted=False) for _ in range(2)] == ["", ""]
    assert "more than 2 connections from one address (max-connections-per-client)" in door.enter(HERE, trusted=False)
    assert door.enter(THERE, trusted=False) == ""


def test_a_trusted_proxy_speaks_for_many_clients() -> None:
    door = admission(connections=100, per_client=2)
    assert {door.enter(HERE, trusted=True) for _ in range(50)} == {""}


def test_a_trusted_proxy_is_bound_by_the_limit_on_all_connections() -> None:
    door = admission(connections=2, per_client=1)
    assert [bool(door.enter(HERE, trusted=True)) for _ in range(3)] == [False, False, True]


def test_who_leaves_makes_room_for_the_next_from_its_address() -> None:
    door = admission(per_client=1)
    for _ in range(1000):
        assert door.enter(HERE, trusted=False) == ""
        door.leave(HERE)
    assert door.connections == 0


@pytest.mark.parametrize("descriptors", [256, 1024, 4096, 65536])
def test_connections_and_those_to_the_app_fit_below_the_descriptor_limit(descriptors: int) -> None:
    """Each exchange needs a second descriptor; what is refused needs one while it is told so."""
    door = admission(connections=10**6, descriptors=descriptors)
    assert door.connection_limit > 0
    told = min(REFUSALS, descriptors // 8)
    assert 2 * door.connection_limit + told + RESERVED_DESCRIPTORS <= descriptors


@pytest.mark.parametrize("descriptors", [0, 16, 40])
def test_however_few_descriptors_there_are_one_may_come_in(descriptors: int) -> None:
    assert admission(descriptors=descriptors).enter(HERE, trusted=False) == ""


def test_a_flood_is_not_answered_one_by_one() -> None:
    """Each answer keeps a connection for some seconds: that many and no more."""
    door = admission(connections=2)
    for _ in range(2 + REFUSALS):
        door.enter(HERE, trusted=False)
        assert door.answering()
    door.enter(HERE, trusted=False)
    assert not door.answering()
    door.leave(HERE)
    assert door.answering()


def test_the_end_of_pressure_is_told_once_on_the_way_down() -> None:
    """At half of the room, so that a load that swings around the limit does not fill the log."""
    door = admission(connections=10)
    for _ in range(10):
        door.enter(HERE, trusted=False)
    assert [door.leave(HERE) for _ in range(10)].count(True) == 1
    assert door.connections == 0


def test_who_only_shakes_hands_is_counted_like_everybody_else() -> None:
    """Else clients that begin no handshake could take every descriptor."""
    door = admission(connections=2)
    for _ in range(2 + REFUSALS):
        assert door.knock(HERE, trusted=True) == ""
    assert "all 2 connections are taken, some by TLS handshakes" in door.knock(THERE, trusted=True)
    for _ in range(2 + REFUSALS):
        door.greeted(HERE)
    door.greeted(THERE)
    assert door.handshakes == 0
    assert door.knock(THERE, trusted=False) == ""


def test_one_address_cannot_take_everything_with_handshakes() -> None:
    """One above the limit may shake hands, to be told why it is refused; no more."""
    door = admission(per_client=2)
    assert [door.knock(HERE, trusted=False) for _ in range(3)] == ["", "", ""]
    assert "max-connections-per-client" in door.knock(HERE, trusted=False)
    assert door.knock(THERE, trusted=False) == ""
