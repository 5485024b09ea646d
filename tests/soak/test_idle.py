"""Nothing passes for a minute, for two, for an hour: what was rendered keeps the stream and the socket open.

61 s is past the 60 s at which most proxies cut by default, 125 s past Cloudflare's 100 s and the two minutes of many
load balancers, 3,590 s just within the hour that OpenChamber's guide asks for. What is seen goes into
``docs/soak.json``, with its date.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from antechamber.protocol.handshake import key_of
from antechamber.protocol.websocket_frame import Opcode, encode_frame
from tests.engines.binaries import BUILDS, Build
from tests.engines.deployed import deployed, policy_of
from tests.soak.quiet_app import CLIENT, FIRST, LAST, QuietApp
from tests.soak.record import Held, record

pytestmark = [pytest.mark.soak, pytest.mark.engine, pytest.mark.timeout(2 * 3600)]

STREAM, SOCKET = "/api/global/event", "/api/global/event/ws"
PATIENCE_S = 30.0

ASK = {
    "event stream": b"GET %b HTTP/1.1\r\nHost: chamber.test\r\nAccept: text/event-stream\r\n\r\n" % STREAM.encode(),
    "WebSocket": b"GET %b HTTP/1.1\r\nHost: chamber.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: %b\r\nSec-WebSocket-Version: 13\r\n\r\n" % (SOCKET.encode(), key_of(bytes(16))),
}
SAY = {"event stream": b"", "WebSocket": encode_frame(Opcode.TEXT, CLIENT, mask=bytes(4))}


@contextlib.asynccontextmanager
async def front(build: Build, to: str, directory: Path) -> AsyncIterator[int]:
    """The port of an engine that obeys the policy with its defaults."""
    directory.mkdir()
    async with deployed(build, policy_of({"to": to}), directory) as port:
        yield port


async def hold(port: int, kind: str, silence_over: asyncio.Event) -> str:
    """What became of one connection: empty if all was said on both sides of the silence."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(ASK[kind])
        async with asyncio.timeout(PATIENCE_S):
            await reader.readuntil(FIRST)
        rest = asyncio.create_task(reader.readuntil(LAST))
        over = asyncio.create_task(silence_over.wait())
        await asyncio.wait({rest, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if rest.done() and not silence_over.is_set():
            return f"ended in the silence: {rest.exception() or rest.result()!r}"
        writer.write(SAY[kind])
        async with asyncio.timeout(PATIENCE_S):
            await rest
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        writer.close()
    return ""


@pytest.mark.parametrize("silence_s", [61, 125, 3590])
async def test_a_stream_and_a_socket_outlive_a_silence_behind_every_engine(silence_s: int, tmp_path: Path) -> None:
    silence_over = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        app = await stack.enter_async_context(QuietApp())
        held: dict[tuple[str, str], asyncio.Task[str]] = {}
        for build in BUILDS:
            to = f"http://127.0.0.1:{app.port}"
            port = await stack.enter_async_context(front(build, to, tmp_path / build.key))
            for kind in ASK:
                held[build.key, kind] = asyncio.create_task(hold(port, kind, silence_over))
        await asyncio.wait(held.values(), timeout=silence_s)  # returns early only if every one of them has ended
        app.go_on()
        silence_over.set()
        outcomes = {key: await task for key, task in held.items()}
        on = datetime.now(UTC).date().isoformat()
        record(Held(*key, silence_s=silence_s, outcome=outcome, on=on) for key, outcome in outcomes.items())
        assert not {key: outcome for key, outcome in outcomes.items() if outcome}
        for _ in BUILDS:
            async with asyncio.timeout(PATIENCE_S):
                assert await app.heard.get() == SAY["WebSocket"]
