"""The judge convicts who is guilty: a relay that forwards bytes as they come must fail where it matters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.hostile import client_rules, upstream_rules
from tests.hostile.corpus import TABLES, load, load_all
from tests.hostile.lane import Lane
from tests.hostile.origin import RecordingOrigin

CASES = {case.id: case for case in load_all()}

CONVICTED = {
    "cl-dup-differ": "Content-Length",
    "te-te-cl": "both forwarded",
    "te-unknown": "Transfer-Encoding",
    "chunk-0x": "invalid chunk line",
    "host-missing": "0 Host lines",
    "host-slash": "forwarded as a complete request",
    "hop-nominated": "X-Hop reached the origin",
    "fwd-xff-lines": "last X-Forwarded-For",
    "hdr-fold": "starts with whitespace",
    "hdr-nul-value": "NUL forwarded",
    "rl-bare-cr": "bare CR forwarded",
    "rl-space-target": "malformed request line",
    "rsp-hop": "the response has X-RHop",
    "rsx-fold": "folded line",
    "rsx-space-colon": "ends in whitespace",
    "up-h2c-101": "TUNNEL",
    "rlx-connect-body": "hidden request",
}
ACQUITTED = ("base-get", "base-post-cl", "base-query", "pipe-two-get", "ws-ok", "upx-early", "rsp-set-cookie")


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def blind_relay(port: int) -> AsyncIterator[int]:
    """A TCP relay: the proxy that understands nothing."""
    tasks: set[asyncio.Task[None]] = set()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
        for task in (asyncio.ensure_future(pump(reader, up_writer)), asyncio.ensure_future(pump(up_reader, writer))):
            tasks.add(task)

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def relay_lane() -> AsyncIterator[Lane]:
    async with RecordingOrigin() as origin, blind_relay(origin.port) as port:
        lane = Lane("127.0.0.1", port, origin)
        await lane.learn_baseline()
        yield lane


@pytest.mark.parametrize("case_id", CONVICTED)
async def test_a_relay_that_forwards_what_it_should_not_is_convicted(case_id: str, relay_lane: Lane) -> None:
    reasons = await relay_lane.judge(CASES[case_id])
    assert any(CONVICTED[case_id] in reason for reason in reasons), reasons


@pytest.mark.parametrize("case_id", ACQUITTED)
async def test_a_relay_is_acquitted_of_what_it_does_right(case_id: str, relay_lane: Lane) -> None:
    assert await relay_lane.judge(CASES[case_id]) == []


def test_every_demand_in_the_tables_is_one_that_the_judge_knows() -> None:
    for case in CASES.values():
        assert set(case.expect.forwarded_as or {}) <= set(upstream_rules.RULES), case.id
        assert set(case.expect.client) <= set(client_rules.RULES), case.id


def test_every_case_demands_something() -> None:
    for case in CASES.values():
        expect = case.expect
        assert expect.forwarded_as is not None or expect.status_any_of is not None, case.id
        assert case.level in ("must", "should", "info"), case.id


def test_the_tables_share_no_id() -> None:
    ids = [case.id for name in TABLES for case in load(name)]
    assert len(ids) == len(set(ids))
    assert len(load(TABLES[0])) == 183
