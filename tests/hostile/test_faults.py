"""Whatever the upstream or a client does, everybody is told the truth and nobody else notices: one test per fault.

Scenarios register themselves; this runs those that share an edge at the same time and the others one after another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from tests.hostile import (  # noqa: F401 # they register their scenarios
    scenarios_answers,
    scenarios_connect,
    scenarios_live,
    scenarios_load,
    scenarios_uploads,
)
from tests.hostile.edge import IMPATIENT, running_edge
from tests.hostile.fault_ids import FAULT_IDS
from tests.hostile.faulty import FaultyOrigin
from tests.hostile.fleet import chosen, fleet
from tests.hostile.front import SCENARIOS, Company, Front

pytestmark = [pytest.mark.xdist_group("hostile-faults")]
SIDE_BY_SIDE = 12
ALONE_LANES = 2
Runs = dict[str, asyncio.Future[None]]


@asynccontextmanager
async def open_front() -> AsyncIterator[Front]:
    async with FaultyOrigin() as origin, running_edge(origin.url, *IMPATIENT) as edge:
        front = Front(edge, origin)
        try:
            await front.must_serve()
            yield front
        finally:
            await front.close()
        assert edge.tracebacks == []


@asynccontextmanager
async def lend(front: Front) -> AsyncIterator[Front]:
    """A lane on an edge that others use as well; its connections are its own."""
    lane = Front(front.edge, front.origin)
    try:
        yield lane
    finally:
        await lane.close()


async def run_shared(front: Front, fault_id: str) -> None:
    await SCENARIOS[fault_id].script(front)
    assert front.edge.alive
    await front.close()


async def run_alone(front: Front, fault_id: str) -> None:
    """Run with nobody beside; the edge must serve afterwards, unless it was asked to stop."""
    if fault_id == "drain":
        async with open_front() as own:
            await SCENARIOS[fault_id].script(own)
        return
    await SCENARIOS[fault_id].script(front)
    await front.close()
    await front.must_serve()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def runs(request: pytest.FixtureRequest) -> AsyncIterator[Runs]:
    """For each selected fault its run, finished or under way."""
    ids = [str(fault_id) for fault_id in chosen(request.session, "fault_id")]
    shared = [fault_id for fault_id in ids if SCENARIOS[fault_id].company is Company.SHARED]
    alone = [fault_id for fault_id in ids if SCENARIOS[fault_id].company is Company.ALONE]
    async with (
        open_front() as front,
        fleet(shared, lambda: lend(front), run_shared, lanes=SIDE_BY_SIDE) as beside,
        fleet(alone, open_front, run_alone, lanes=ALONE_LANES) as by_itself,
    ):
        yield {**beside, **by_itself}


def params() -> list[object]:
    return [pytest.param(each.id, id=f"{each.id}: {each.title}") for each in SCENARIOS.values()]


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("fault_id", params())
async def test_a_fault_is_told_and_harms_nobody_else(fault_id: str, runs: Runs) -> None:
    await runs[fault_id]


def test_no_fault_got_lost() -> None:
    assert set(SCENARIOS) == set(FAULT_IDS)
    assert len(FAULT_IDS) == len(set(FAULT_IDS)) == 111
