"""Which first impressions deserve a second look."""

from __future__ import annotations

import pytest

from antechamber.probe.doubt import is_doubtful
from antechamber.probe.look import Look
from antechamber.probe.seen import Seen
from antechamber.protocol.handshake import Refusal
from antechamber.rules.assess import judge
from antechamber.rules.rule import Required
from antechamber.rules.verdict import Fired
from tests.probe.made import IN_TIME, SOCKET, STREAM, answer, effective, silence

OPEN = answer(101, "", b"")


@pytest.mark.parametrize(
    ("through", "doubtful"),
    [
        (Look(real=silence(), refusal=Refusal.NOT_SWITCHED), True),
        (Look(real=silence(), refusal=Refusal.NOT_SWITCHED, asked=STREAM, stream=silence()), False),
        (Look(real=answer(426, "text/plain"), refusal=Refusal.NOT_SWITCHED), False),
    ],
    ids=["one that is silent", "two on connections of their own that are silent", "one that is refused"],
)
def test_silence_of_one_handshake_may_be_an_accident(through: Look, *, doubtful: bool) -> None:
    seen = Seen(
        route=SOCKET,
        direct=Look(real=OPEN, first_s=0.01, asked=STREAM, stream=OPEN, sightings=IN_TIME),
        through=through,
    )
    route = effective(SOCKET, through, seen.direct)
    (lost,) = (
        one
        for one in judge([Required(SOCKET, {})], {SOCKET.path: route})
        if one.rule.id == "AC101" and isinstance(one.verdict, Fired)
    )
    assert is_doubtful(lost, seen, route) is doubtful
