"""No request may be misread: the corpus against the edge, one test per case.

Each case names the RFC section or the advisory behind it (``tests/corpus``). The judge looks at the client's answer, at
what reached the origin, and at whether everybody behind it still gets their own answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from tests.hostile.corpus import Case, load_all
from tests.hostile.edge import IMPATIENT, Edge, running_edge
from tests.hostile.fleet import chosen, fleet
from tests.hostile.lane import Lane
from tests.hostile.origin import RecordingOrigin

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("hostile-requests")]
LANES = 4
CASES = {case.id: case for case in load_all()}
Verdicts = dict[str, asyncio.Future[list[str]]]


@asynccontextmanager
async def open_lane(edges: list[Edge]) -> AsyncIterator[Lane]:
    async with RecordingOrigin() as origin, running_edge(f"http://127.0.0.1:{origin.port}", *IMPATIENT) as edge:
        edges.append(edge)
        lane = Lane(edge.host, edge.port, origin)
        await lane.learn_baseline()
        yield lane


@pytest.fixture(scope="session")
def edges() -> list[Edge]:
    """The edges that were started for the corpus."""
    return []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def verdicts(request: pytest.FixtureRequest, edges: list[Edge]) -> AsyncIterator[Verdicts]:
    """For each selected case, why it fails, as soon as it has run."""
    ids = [str(case_id) for case_id in chosen(request.session, "case_id")]

    async def judge(lane: Lane, case_id: str) -> list[str]:
        return await lane.judge(CASES[case_id])

    async with fleet(ids, lambda: open_lane(edges), judge, lanes=LANES) as results:
        yield results


def param(case: Case) -> object:
    return pytest.param(case.id, id=f"{case.id}: {case.title}")


@pytest.mark.parametrize("case_id", [param(case) for case in CASES.values()])
async def test_a_hostile_request_is_refused_or_read_as_everybody_reads_it(case_id: str, verdicts: Verdicts) -> None:
    case = CASES[case_id]
    assert await verdicts[case_id] == [], f"{case.level}, {case.reference}"


async def test_no_hostile_request_raises_an_unhandled_error(verdicts: Verdicts, edges: list[Edge]) -> None:
    await asyncio.gather(*verdicts.values(), return_exceptions=True)
    assert all(edge.alive for edge in edges)
    assert [line for edge in edges for line in edge.tracebacks] == []
