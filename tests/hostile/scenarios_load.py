"""Faults of number: clients that leave, trickle, flood or do not read, and everybody else beside them."""

from __future__ import annotations

import asyncio
from functools import partial

from tests.hostile.edge import CLIENT_TIMEOUT_S, RESPONSE_TIMEOUT_S
from tests.hostile.fault_modes import BLOCK
from tests.hostile.front import CLIENT_PATIENCE_S, SLACK_S, Company, Front, must_be_released, scenario
from tests.hostile.scenarios_live import settled
from tests.hostile.scenarios_uploads import MEMORY_BOUND, TAKEN_BOUND
from tests.hostile.wire import after

PROMPT_S = 1.5
"""How long a healthy request may take beside any number of sick ones."""


async def _leaves_waiting(reset: bool, front: Front) -> None:
    wire, nonce = await front.send("stall-header")
    visit = await front.origin.arrival(nonce)
    await (wire.reset() if reset else wire.close())
    await must_be_released(visit, within_s=2)


scenario("abort-waiting", "a client that leaves before the answer frees the upstream", "HAProxy abortonclose")(
    partial(_leaves_waiting, False)
)
scenario("abort-waiting-rst", "a client that resets before the answer frees the upstream", "HAProxy abortonclose")(
    partial(_leaves_waiting, True)
)


@scenario("client-slow-header", "a header section that never ends is cut off", "nginx client_header_timeout")
async def slow_header(front: Front) -> None:
    wire = await front.dial()
    await wire.send(b"GET / HTTP/1.1\r\nHost: example.test\r\nX-A: ")
    until = after(CLIENT_PATIENCE_S)
    while not wire.inbox and not wire.ended and asyncio.get_running_loop().time() < until:
        await wire.send(b"a")
        await wire.fill(min(until, after(0.5)))
    assert wire.ended or wire.inbox.startswith(b"HTTP/1.1 408 "), "still accepting"


async def healthy_is_prompt(front: Front) -> None:
    for _ in range(3):
        asked = await front.ask("echo")
        assert asked.own, asked.answer.told
        assert asked.seconds < PROMPT_S


@scenario("stalled-50", "50 requests stuck at the origin delay nobody else", "isolation", Company.ALONE)
async def stalled_50(front: Front) -> None:
    stuck = await asyncio.gather(*[front.send("stall-header") for _ in range(50)])
    await asyncio.gather(*[front.origin.arrival(nonce) for _, nonce in stuck])
    await healthy_is_prompt(front)


@scenario("slowloris-200", "200 connections with unfinished heads delay nobody else", "isolation", Company.ALONE)
async def slowloris_200(front: Front) -> None:
    for _ in range(200):
        wire = await front.dial()
        await wire.send(b"GET / HTTP/1.1\r\nHost: exam")
    await healthy_is_prompt(front)


@scenario("parallel-200", "200 requests at once each get their own answer", "RFC 9110 7.5; RFC 9112 9.2", Company.ALONE)
async def parallel_200(front: Front) -> None:
    answers = await asyncio.gather(*[front.ask("delay", query=f"?ms={n * 37 % 400}") for n in range(200)])
    assert [asked.answer.told for asked in answers if not asked.own] == []


@scenario(
    "slow-reader", "256 MB to a client that reads nothing are not taken from the origin", "back-pressure", Company.ALONE
)
async def slow_reader(front: Front) -> None:
    before = front.edge.resident_bytes()
    wire, nonce = await front.send("big", query=f"?n={256 << 20}")
    visit = await front.origin.arrival(nonce)
    assert await settled(visit) < TAKEN_BOUND
    assert front.edge.resident_bytes() - before < MEMORY_BOUND
    await wire.abort()
    await must_be_released(visit)


@scenario("download-64mb", "a 64 MB download arrives exactly", "RFC 9110 6.4", Company.ALONE)
async def download_64mb(front: Front) -> None:
    size = 64 << 20
    asked = await front.ask("big", query=f"?n={size}", patience_s=60)
    assert asked.answer.whole
    assert len(asked.answer.body) == size
    assert asked.answer.body == BLOCK * (size // len(BLOCK))


@scenario("fd-leak", "descriptors return to their level after 60 aborted requests", "resource hygiene", Company.ALONE)
async def descriptors_return(front: Front) -> None:
    await front.must_serve()
    await front.close()
    before = front.edge.descriptors()
    for _ in range(3):
        await asyncio.gather(*[_leaves_waiting(True, front) for _ in range(20)])
    async with asyncio.timeout(max(CLIENT_TIMEOUT_S, RESPONSE_TIMEOUT_S) + SLACK_S):
        while front.edge.descriptors() > before + 2:
            await asyncio.sleep(0.1)
