"""The life of an exchange: the table of phases, and what may be sent twice."""

from __future__ import annotations

import pytest

from antechamber.protocol.exchange import IDEMPOTENT, NEXT, Phase


def reachable(start: Phase) -> set[Phase]:
    found: set[Phase] = set()
    ahead = [start]
    while ahead:
        phase = ahead.pop()
        if phase not in found:
            found.add(phase)
            ahead += NEXT[phase]
    return found


def test_every_phase_has_a_line_in_the_table() -> None:
    assert len(NEXT) == len(Phase)


def test_every_phase_is_reached_from_the_first() -> None:
    assert reachable(Phase.DIALLING) == set(Phase)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.ENDED])
def test_every_phase_can_end_at_once(phase: Phase) -> None:
    """A client or an app may go away at any time."""
    assert Phase.ENDED in NEXT[phase]


def test_the_end_is_the_end() -> None:
    assert NEXT[Phase.ENDED] == ()


@pytest.mark.parametrize("phase", [Phase.RESPONDING, Phase.SWITCHED])
def test_an_exchange_that_has_begun_to_answer_is_never_dialled_again(phase: Phase) -> None:
    """RFC 9112 9.3.1: octets of the first answer have reached the client."""
    assert reachable(phase) == {phase, Phase.ENDED}


def test_a_tunnel_is_opened_only_by_an_answer_that_was_waited_for() -> None:
    """RFC 9110 7.8: only a 101 switches protocols."""
    assert [phase for phase in Phase if Phase.SWITCHED in NEXT[phase]] == [Phase.WAITING]


@pytest.mark.parametrize("method", [b"POST", b"PATCH", b"CONNECT", b"MKCOL", b"get"])
def test_a_method_that_is_not_known_to_be_idempotent_is_not_sent_twice(method: bytes) -> None:
    """RFC 9110 9.2.2."""
    assert method not in IDEMPOTENT


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"])
def test_an_idempotent_method_may_be_sent_twice(method: bytes) -> None:
    assert method in IDEMPOTENT
