"""Faults of WebSockets and event streams: ends on either side, floods, half-closes, delays."""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial

from tests.hostile.answer import read_answer
from tests.hostile.fault_modes import LAST_WORDS, Visit
from tests.hostile.frames import encode_frame, take_frame
from tests.hostile.front import WEBSOCKET, Company, Front, must_be_released, must_be_told, scenario
from tests.hostile.scenarios_uploads import MEMORY_BOUND, TAKEN_BOUND
from tests.hostile.wire import Wire, after

LATENCY_S = 0.5
STAMP = re.compile(rb"data: (\d+\.\d+)\n\n")


async def open_socket(front: Front, mode: str = "ws") -> tuple[Wire, Visit]:
    """An accepted WebSocket whose echo works."""
    asked = await front.ask(mode, fields=WEBSOCKET)
    assert asked.status == 101, asked.answer.told
    if mode == "ws":
        await asked.wire.send(encode_frame(b"hello", mask=True))
        await asked.wire.fill(after(5))
        frame = take_frame(asked.wire.inbox)
        assert frame is not None
        assert frame.payload == b"hello"
    return asked.wire, front.visit(asked)


@scenario("ws-wrong-proto", "101 for another protocol than was asked for is a told 502", "RFC 9110 7.8 (MUST NOT)")
async def wrong_protocol(front: Front) -> None:
    must_be_told(await front.ask("ws-wrong-proto", fields=WEBSOCKET), within_s=3, statuses=(502,))


@scenario("ws-refused", "a refused handshake is passed on and the connection stays in step", "RFC 6455 4.1")
async def refused(front: Front) -> None:
    asked = await front.ask("ws-refused", fields=WEBSOCKET)
    assert (asked.status, asked.answer.body) == (403, b"no")
    again = await front.ask("echo", wire=asked.wire)
    assert again.own or again.gone


@scenario("ws-rst", "an upstream reset ends the client's WebSocket at once", "RFC 6455 7.1.1")
async def upstream_resets(front: Front) -> None:
    wire, _ = await open_socket(front)
    await wire.send(encode_frame(b"RESET", mask=True))
    assert await wire.until_end(after(5))


@scenario("ws-fin", "what an upstream sends last arrives whole, then the end", "RFC 9110 9.3.6 (outstanding data)")
async def last_words(front: Front) -> None:
    wire, _ = await open_socket(front)
    await wire.send(encode_frame(b"LAST WORDS", mask=True))
    assert await wire.until_end(after(5))
    frame = take_frame(wire.inbox)
    assert frame is not None
    assert frame.payload == LAST_WORDS


async def _client_leaves(reset: bool, front: Front) -> None:
    wire, visit = await open_socket(front)
    await (wire.reset() if reset else wire.close())
    await must_be_released(visit)


scenario("ws-client-close", "a client that closes its WebSocket frees the upstream", "RFC 6455 7.1.1")(
    partial(_client_leaves, False)
)
scenario("ws-client-rst", "a client that resets its WebSocket frees the upstream", "RFC 9110 9.3.6")(
    partial(_client_leaves, True)
)


async def settled(visit: Visit) -> int:
    """How much of a flood was taken once nothing more is."""
    before = -1
    while visit.sent != before or not visit.sent:
        before = visit.sent
        await asyncio.sleep(0.4)  # an observation window: nothing is waited for, something must not happen
    return before


@scenario(
    "ws-backpressure", "a WebSocket flood to a client that does not read is bounded", "flow control", Company.ALONE
)
async def socket_flood(front: Front) -> None:
    wire, visit = await open_socket(front)
    before = front.edge.resident_bytes()
    await wire.send(encode_frame(b"FLOOD", mask=True))
    assert await settled(visit) < TAKEN_BOUND
    assert front.edge.resident_bytes() - before < MEMORY_BOUND


@scenario("ws-halfclose", "a half-close is passed on through a tunnel", "RFC 9110 9.3.6")
async def half_close(front: Front) -> None:
    wire, _ = await open_socket(front, "ws-halfclose")
    await wire.send(encode_frame(b"bye", mask=True))
    wire.send_eof()
    assert await wire.until_end(after(5))
    assert wire.inbox == b"AFTER-EOF"


@scenario("sse-latency", "each event arrives at once, the first included", "WHATWG SSE")
async def latency(front: Front) -> None:
    wire, _ = await front.send("sse-forever", fields="Accept: text/event-stream\r\n")
    delays: list[float] = []
    until = after(10)
    while len(delays) < 6 and await wire.fill(until):
        stamps = STAMP.findall(wire.inbox)
        delays += [time.time() - float(stamp) for stamp in stamps[len(delays) :]]
    assert len(delays) >= 6
    assert max(delays) < LATENCY_S, delays


@scenario("sse-ok", "a stream that ends is whole", "RFC 9112 7.1")
async def stream_ends(front: Front) -> None:
    asked = await front.ask("sse-ok", fields="Accept: text/event-stream\r\n")
    assert asked.answer.whole
    assert asked.answer.body.count(b"data:") == 3


async def _breaks(mode: str, front: Front) -> None:
    asked = await front.ask(mode, fields="Accept: text/event-stream\r\n")
    assert asked.status == 200
    assert not asked.answer.whole, "a broken stream ended like a whole one"
    assert asked.wire.ended, "EventSource would wait for ever instead of reconnecting"
    assert asked.answer.body.count(b"data:") == 3, "events were lost"


scenario("sse-rst", "an upstream reset inside a stream: its events arrive, then a visible cut", "RFC 9112 8")(
    partial(_breaks, "sse-rst")
)
scenario("sse-fin", "an upstream end without the last chunk: its events arrive, then a visible cut", "RFC 9112 8")(
    partial(_breaks, "sse-fin")
)


async def _leaves_stream(mode: str, front: Front) -> None:
    wire, nonce = await front.send(mode)
    visit = await front.origin.arrival(nonce)
    while b"data:" not in wire.inbox:
        assert await wire.fill(after(5))
    await wire.close()
    await must_be_released(visit, within_s=2.5)


scenario("sse-client-abort", "a client that leaves a running stream frees the upstream", "HAProxy abortonclose")(
    partial(_leaves_stream, "sse-forever")
)
scenario("sse-idle-abort", "a client that leaves a silent stream frees the upstream at once", "HAProxy abortonclose")(
    partial(_leaves_stream, "sse-idle")
)


@scenario("half-close", "a half-closed client gets its answer, or its upstream is let go", "RFC 9112 9.6")
async def request_half_close(front: Front) -> None:
    wire, nonce = await front.send("delay", query="?ms=300")
    visit = await front.origin.arrival(nonce)
    wire.send_eof()
    answer = await read_answer(wire, 5)
    assert answer.status == 200 or wire.ended
    await must_be_released(visit)
