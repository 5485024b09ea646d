"""Leaving on purpose, over real connections: a sound hop tells the app, one that hides departures does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from antechamber.hop.server import hop
from antechamber.probe.departures import Departure, ask_about, leave_socket, leave_stream, leave_unanswered
from antechamber.probe.manner import Manner
from antechamber.probe.target import Target
from antechamber.surface.departures import State
from tests.chamber.raw import chamber

TOKEN = "the-operators-token"
MANNER = Manner(token=TOKEN, departure_s=30.0)
"""Who is told is told long before; nobody waits for so long."""
HIDDEN = Manner(token=TOKEN, departure_s=0.5)
WAYS = [(leave_stream, "/api/event"), (leave_unanswered, "/api/session"), (leave_socket, "/api/event/ws")]
Leave = Callable[[str, Target, Manner], Awaitable[Departure | None]]


@pytest.mark.parametrize(("leave", "path"), WAYS)
async def test_a_sound_hop_tells_the_app_that_a_client_has_left(leave: Leave, path: str, tmp_path: Path) -> None:
    async with chamber(tmp_path, probe_token=TOKEN) as client, hop(f"http://127.0.0.1:{client.port}") as url:
        left = await leave(path, Target.of(url), MANNER)
        assert left is not None
        assert (left.state, left.told) == (State.LEFT, True)


@pytest.mark.parametrize(("leave", "path"), WAYS)
async def test_a_hop_that_hides_departures_leaves_the_app_with_somebody_who_is_not_there(
    leave: Leave, path: str, tmp_path: Path
) -> None:
    faults = {"hide-departures": True}
    async with chamber(tmp_path, probe_token=TOKEN) as client, hop(f"http://127.0.0.1:{client.port}", faults) as url:
        left = await leave(path, Target.of(url), HIDDEN)
        assert left is not None
        assert (left.state, left.told) == (State.HERE, False)


async def test_a_stream_that_did_not_open_was_not_left(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:  # nobody answers probes here, and a session has no such method
        target = Target.of(f"http://127.0.0.1:{client.port}")
        assert await leave_stream("/api/session/x/message", target, MANNER) is None
        assert (await ask_about("x", "/health", target, MANNER)).told is None


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (Departure(state=State.LEFT, after_s=0.01), True),
        (Departure(state=State.LEFT, after_s=1.9), True),
        (Departure(state=State.LEFT, after_s=0.01, open_s=0.5), True),
        (Departure(state=State.LEFT, after_s=0.51, open_s=0.5), False),
        (Departure(state=State.HERE, waited_s=2.0), False),
        (Departure(state=State.DONE), None),
        (Departure(state=State.UNKNOWN), None),
    ],
)
def test_who_resets_a_stream_is_gone_although_the_connection_stays(left: Departure, told: bool | None) -> None:
    assert left.told is told
