"""Faults of the way to the upstream, each with an origin of its own, and the drain."""

from __future__ import annotations

import asyncio
import signal
from functools import partial

from tests.hostile.answer import read_answer
from tests.hostile.faulty import Door
from tests.hostile.front import CONNECT_PATIENCE_S, Company, Front, must_be_told, scenario
from tests.hostile.wire import Wire

MAX_ATTEMPTS = 10


@scenario(
    "refuse",
    "a refused connection is a told 502 at once, and service resumes by itself",
    "RFC 9110 15.6.3",
    Company.ALONE,
)
async def refuse(front: Front) -> None:
    await front.origin.unlisten()
    try:
        must_be_told(await front.ask("echo"), within_s=3, statuses=(502, 503))
        must_be_told(await front.ask("echo", method="POST", body=b"a" * 300_000), within_s=3, statuses=(502, 503))
    finally:
        await front.origin.listen()


@scenario(
    "connect-stall", "a connection attempt without an answer is a told 504 in time", "RFC 9110 15.6.5", Company.ALONE
)
async def connect_stall(front: Front) -> None:
    await front.origin.unlisten()
    front.origin.stall()
    try:
        must_be_told(
            await front.ask("echo", patience_s=CONNECT_PATIENCE_S), within_s=CONNECT_PATIENCE_S, statuses=(504,)
        )
    finally:
        front.origin.unstall()
        await front.origin.listen()


async def _slammed(door: Door, front: Front) -> None:
    await front.origin.drop_all()
    front.origin.door, before = door, front.origin.connections
    try:
        must_be_told(await front.ask("echo"), within_s=5, statuses=(502,))
        assert front.origin.connections - before <= MAX_ATTEMPTS
    finally:
        front.origin.door = Door.OPEN


scenario(
    "accept-close",
    "an upstream that accepts and closes is a told 502, after few attempts",
    "RFC 9112 9.3.1",
    Company.ALONE,
)(partial(_slammed, Door.CLOSE))
scenario(
    "accept-rst",
    "an upstream that accepts and resets is a told 502, after few attempts",
    "RFC 9110 15.6.3",
    Company.ALONE,
)(partial(_slammed, Door.RESET))


@scenario(
    "drain",
    "SIGTERM closes the listener, lets requests and streams finish, then the process ends",
    "nginx http_keepalive_shutdown.t",
    Company.ALONE,
)
async def drain(front: Front) -> None:
    request, request_nonce = await front.send("delay", query="?ms=1000")
    stream, stream_nonce = await front.send("sse-ok")
    await asyncio.gather(front.origin.arrival(request_nonce), front.origin.arrival(stream_nonce))
    front.edge.process.send_signal(signal.SIGTERM)
    await _no_longer_accepts(front)
    answer = await read_answer(request, 10)
    assert answer.status == 200
    assert request_nonce.encode() in answer.body
    assert answer.all("connection") == ["close"]
    events = await read_answer(stream, 10)
    assert events.whole
    assert events.body.count(b"data:") == 3
    async with asyncio.timeout(15):
        assert await front.edge.process.wait() == 0


async def _no_longer_accepts(front: Front) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                wire = await Wire.dial(front.edge.host, front.edge.port)
            except OSError:
                return
            await wire.abort()
            await asyncio.sleep(0.02)
