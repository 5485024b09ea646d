"""Each fault, given one at a time to a real engine or a hop, is found as what it is, where it is, and nothing else is.

Behind all of them is the reference app with a password, since without one it compares no origins.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from antechamber.hop.server import hop
from antechamber.hop.table import FAULTS
from antechamber.policy.model import Kind, Policy
from antechamber.rules.catalogue import CATALOGUE
from tests.matrix.caddy_faults import CADDY
from tests.matrix.chain import chamber, sampled, through
from tests.matrix.checking import Checked, check
from tests.matrix.haproxy_faults import HAPROXY
from tests.matrix.hop_faults import HOP
from tests.matrix.nginx_faults import NGINX
from tests.matrix.results import record, recorded
from tests.matrix.sabotage import On, Sabotage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

ENGINES = (*NGINX, *CADDY, *HAPROXY)
CELLS = (*ENGINES, *HOP)
A_FEW = (NGINX[0], NGINX[2], CADDY[1], HAPROXY[3], HOP[7])
"""One of each engine, of different rules, for every run; all of them are run by ``make matrix``."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chamber(tmp_path_factory.mktemp("chamber")) as url:
        yield url


async def looked_through(cell: Sabotage, app: str, policy: Policy, directory: Path) -> Checked:
    if cell.engine == "hop":
        async with hop(app, dict(cell.given)) as url:
            return await check(url, direct=app, policy=policy, patience_s=cell.patience_s)
    async with through(cell, app, directory) as url:
        return await check(url, direct=app, policy=policy, patience_s=cell.patience_s)


def expected_routes(cell: Sabotage, policy: Policy) -> tuple[frozenset[str], frozenset[str]]:
    """Routes that must be among those found, and routes that must not."""
    sockets = frozenset(route.path for route in policy.routes if route.kind is Kind.WEBSOCKET)
    streams = frozenset(route.path for route in policy.routes if route.kind is Kind.SSE)
    match cell.on:
        case On.SOCKETS:
            return sockets, streams
        case On.STREAMS:
            return streams, sockets
        case On.LIVE:
            return sockets | streams, frozenset()
        case On.EVERYWHERE:
            return frozenset(route.path for route in policy.routes), frozenset()
        case On.SOMEWHERE:
            return frozenset(), frozenset()


async def is_found(cell: Sabotage, app: str, directory: Path) -> None:
    policy = sampled(app)
    checked = await looked_through(cell, app, policy, directory)
    record(cell, checked, looked_at=len(policy.routes))
    if cell.unseen:
        assert not checked.roots, f"{cell.key} is seen after all: {checked.told()}"
        return
    assert set(checked.roots) == {cell.rule, *cell.beside}, checked.told()
    wanted, unwanted = expected_routes(cell, policy)
    assert wanted <= checked.roots[cell.rule], checked.told()
    assert not unwanted & checked.roots[cell.rule], checked.told()


@pytest.mark.parametrize("cell", A_FEW, ids=lambda cell: cell.key)
async def test_a_fault_is_found_as_what_it_is_on_the_routes_that_have_it(
    cell: Sabotage, app: str, tmp_path: Path
) -> None:
    await is_found(cell, app, tmp_path)


@pytest.mark.matrix
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.key)
async def test_every_fault_is_found_as_what_it_is_on_the_routes_that_have_it(
    cell: Sabotage, app: str, tmp_path: Path
) -> None:
    await is_found(cell, app, tmp_path)


def test_every_cell_is_its_own_and_names_a_rule_that_there_is() -> None:
    ids = {rule.id for rule in CATALOGUE}
    assert len({cell.key for cell in CELLS}) == len(CELLS)
    assert {identifier for cell in CELLS for identifier in (cell.rule, *cell.beside)} <= ids
    assert len(ENGINES) >= 40


def test_every_fault_of_a_hop_has_a_cell_and_they_agree_on_the_rule() -> None:
    by_flag = {cell.given[0][0]: cell.rule for cell in reversed(HOP)}
    assert {fault.flag: fault.rules[0] for fault in FAULTS} == by_flag


def test_what_is_recorded_is_of_cells_that_there_are_and_every_cell_is_recorded() -> None:
    kept = {(one.engine, one.fault): one for one in recorded()}
    assert set(kept) == {(cell.engine, cell.fault) for cell in CELLS}
    for cell in CELLS:
        result = kept[cell.engine, cell.fault]
        assert (result.rule, result.unseen, result.where) == (cell.rule, cell.unseen, cell.on.value), cell.key
        assert set(result.roots) == (set() if cell.unseen else {cell.rule, *cell.beside}), cell.key
