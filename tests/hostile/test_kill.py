"""The edge stays right for everybody else while somebody tries to bring it down.

Beside every attack runs a *bystander*: healthy requests one after another, a stream and a socket that stay open. All of
them must get their own answers, promptly, to the end; then the edge must be as it was.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import pytest

from tests.hostile.answer import Answer, read_answer
from tests.hostile.edge import IMPATIENT, running_edge
from tests.hostile.faulty import FaultyOrigin
from tests.hostile.frames import encode_frame, take_frame
from tests.hostile.front import WEBSOCKET, Front, request_head
from tests.hostile.scenarios_live import open_socket
from tests.hostile.wire import Wire, after

PROMPT_S = 2.0
"""How long a healthy request may take while the edge is under attack, on a machine that is busy with the attack."""
ENOUGH = 5
"""Healthy requests that a bystander sends at least."""
MEMORY_BOUND = 24 << 20
QUICK = ("--upstream-idle-timeout", "1s")
"""So that descriptors return soon."""
SPARE_DESCRIPTORS = 4
IDLE_CPU = 0.3
"""Share of one processor that an edge without work may use. A loop that spins uses all of it."""


@asynccontextmanager
async def fronted(*flags: str, descriptors: int = 0) -> AsyncIterator[Front]:
    """An edge with these flags; ``descriptors`` limits how many it may open."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    async with (
        FaultyOrigin() as origin,
        running_edge(origin.url, *IMPATIENT, *QUICK, *flags, before_start=limit if descriptors else None) as edge,
    ):
        front = Front(edge, origin)
        try:
            await front.must_serve()
            yield front
            assert edge.alive
            assert edge.tracebacks == []
        finally:
            await front.close()


@dataclass
class Bystander:
    """Healthy use of the edge, and how it went."""

    served: int = 0
    slowest_s: float = 0.0
    complaints: list[str] = field(default_factory=list)


@asynccontextmanager
async def bystander(front: Front) -> AsyncIterator[Bystander]:
    """Healthy requests, one stream and one socket for as long as the block lasts; judged at its end."""
    seen = Bystander()
    own = Front(front.edge, front.origin)
    socket, _ = await open_socket(own)
    stream, _ = await own.send("sse-forever")
    asking = asyncio.ensure_future(_ask_on(own, seen))
    try:
        yield seen
        async with asyncio.timeout(10):
            while seen.served < ENOUGH:
                await asyncio.sleep(0.01)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert seen.complaints == []
    assert seen.slowest_s < PROMPT_S
    await _still_echoes(socket)
    assert b"data:" in stream.inbox or await stream.fill(after(PROMPT_S))
    assert not stream.ended
    await own.close()


async def _ask_on(own: Front, seen: Bystander) -> None:
    while True:
        asked = await own.ask("echo")
        seen.served += 1
        seen.slowest_s = max(seen.slowest_s, asked.seconds)
        if not asked.own:
            seen.complaints.append(f"{asked.answer.told}: {asked.answer.body[:80]!r}")
        await asked.wire.abort()
        await asyncio.sleep(0.01)


async def _still_echoes(socket: Wire) -> None:
    socket.inbox.clear()
    await socket.send(encode_frame(b"still there", mask=True))
    assert await socket.fill(after(PROMPT_S))
    frame = take_frame(socket.inbox)
    assert frame is not None
    assert frame.payload == b"still there"


# Attacks


async def garbage(front: Front, random: Random) -> None:
    """Noise of every length on many connections, with and without waiting for what it brings."""
    for _ in range(150):
        wire = await front.dial()
        await wire.send(random.randbytes(random.choice((1, 3, 16, 300, 5000))))
        if random.random() < 0.2:
            await wire.fill(after(0.2))
        await wire.abort()


async def half_heads(front: Front, random: Random) -> None:
    """Connections that begin a request and never go on."""
    for _ in range(300):
        wire = await front.dial()
        await wire.send(request_head("echo", "never")[: random.randrange(1, 40)])


async def header_floods(front: Front, random: Random) -> None:
    """Header sections without an end."""

    async def flood() -> None:
        wire = await front.dial()
        await wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Flood: yes\r\n" * 100_000)

    await asyncio.gather(*[flood() for _ in range(20)])


async def dropped_connections(front: Front, random: Random) -> None:
    """500 connections that are opened and reset, some with a request under way."""
    for number in range(500):
        wire = await front.dial()
        if number % 3:
            await wire.send(request_head("delay", f"dropped{number}", query="?ms=50"))
        await wire.reset()


async def abandoned_uploads(front: Front, random: Random) -> None:
    """Bodies that are begun and left, in chunks and with a length."""
    for number in range(100):
        wire = await front.dial()
        length = random.choice(("Content-Length: 1000000\r\n", "Transfer-Encoding: chunked\r\n"))
        await wire.send(request_head("echo", f"left{number}", method="POST", fields=length) + b"400\r\n" + b"x" * 900)
        if random.random() < 0.5:
            await wire.reset()


async def socket_storm(front: Front, random: Random) -> None:
    """Handshakes whose clients are gone before the answer."""
    for number in range(200):
        wire = await front.dial()
        await wire.send(request_head("ws", f"storm{number}", fields=WEBSOCKET))
        await wire.reset()


async def wrong_chunks(front: Front, random: Random) -> None:
    """Chunked bodies that turn wrong after megabytes."""
    for number in range(20):
        wire = await front.dial()
        head = request_head("echo", f"wrong{number}", method="POST", fields="Transfer-Encoding: chunked\r\n")
        await wire.send(head + b"10000\r\n" + b"x" * 65536 + b"\r\n" + b"zz\r\n")


Attack = Callable[[Front, Random], Awaitable[None]]
ATTACKS: tuple[Attack, ...] = (
    garbage,
    half_heads,
    header_floods,
    dropped_connections,
    abandoned_uploads,
    socket_storm,
    wrong_chunks,
)


@pytest.fixture
def seeded() -> Random:
    return Random(20)  # the same for every run: what matters is the mixture


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_an_attack_disturbs_nobody_else(attack: Attack, seeded: Random) -> None:
    async with fronted() as front:
        level = front.edge.descriptors()
        memory = front.edge.resident_bytes()
        async with bystander(front):
            await attack(front, seeded)
        assert front.edge.resident_bytes() - memory < MEMORY_BOUND
        await front.close()
        await descriptors_return(front, level)
        await front.must_serve()


async def descriptors_return(front: Front, level: int) -> None:
    """The edge lets go of every connection that the clients dropped."""
    async with asyncio.timeout(15):
        while front.edge.descriptors() > level + SPARE_DESCRIPTORS:
            await asyncio.sleep(0.1)


async def test_requests_cancelled_at_random_points_spoil_no_answer(seeded: Random) -> None:
    """500 requests are dropped at any octet, on the way up or down: no connection to the app is reused half-read."""
    async with fronted() as front:

        async def drop(number: int) -> None:
            mode, query = seeded.choice((("delay", "?ms=20"), ("big", "?n=300000"), ("sse-ok", ""), ("echo", "")))
            octets = request_head(mode, f"cancelled{number}", query=query)
            wire = await front.dial()
            await wire.send(octets[: seeded.randrange(len(octets)) if seeded.random() < 0.3 else len(octets)])
            enough = seeded.choice((0, 1, 100, 70_000))
            while wire.received < enough and await wire.fill(after(0.1)):
                pass
            await (wire.reset() if seeded.random() < 0.5 else wire.close())

        level = front.edge.descriptors()
        async with bystander(front):
            for start in range(0, 500, 50):
                await asyncio.gather(*[drop(number) for number in range(start, start + 50)])
        answers = await asyncio.gather(*[front.ask("echo") for _ in range(100)])
        assert [asked.answer.told for asked in answers if not asked.own] == []
        await front.close()
        await descriptors_return(front, level)


async def test_a_pipelining_flood_is_paused_and_answered_in_order() -> None:
    """A client that sends 20,000 requests and reads nothing is not read on; when it reads, all come, in order."""
    count = 20_000
    async with fronted("--send-timeout", "30s") as front:
        memory = front.edge.resident_bytes()
        wire = await front.dial()
        octets = b"".join(request_head("echo", f"p{number}") for number in range(count))
        async with bystander(front):
            wire.send_beside(octets)
            await asyncio.sleep(1)  # an observation window: nobody reads meanwhile
            reached = [number for number in range(0, count, 100) if front.origin.visits(f"p{number}")]
            assert len(reached) < count // 100, "the edge took every request of a client that reads nothing"
            assert front.edge.resident_bytes() - memory < MEMORY_BOUND
            for number in range(2000):
                answer = await read_answer(wire, 10)
                assert f'"nonce": "p{number}"'.encode() in answer.body, (number, answer.told, answer.body)
            await wire.abort()


# Limits


def refused_for_now(answer: Answer) -> bool:
    return answer.status == 503 and bool(answer.all("retry-after")) and answer.whole


async def test_connections_over_the_limit_are_told_and_the_others_unharmed() -> None:
    async with fronted("--max-connections", "10") as front:
        async with bystander_connections(front, 10) as held:
            extra = await front.ask("echo")
            assert refused_for_now(extra.answer)
            await asyncio.gather(*[keeps_its_own(front, wire) for wire in held])
        await front.must_serve()


async def test_one_address_cannot_take_all_connections() -> None:
    async with fronted("--max-connections-per-client", "5") as front:
        async with bystander_connections(front, 5) as held:
            assert refused_for_now((await front.ask("echo")).answer)
            other = await dial_from(front, "127.0.0.2")
            assert (await front.ask("echo", wire=other)).own
            await asyncio.gather(*[keeps_its_own(front, wire) for wire in held])
        await front.must_serve()


async def test_streams_over_the_limit_are_told_while_requests_go_on() -> None:
    async with fronted("--max-streams", "3") as front:
        streams = [await front.send("sse-forever") for _ in range(3)]
        for wire, _ in streams:
            assert await wire.fill(after(5))
        assert refused_for_now((await front.ask("sse-forever")).answer)
        assert refused_for_now((await front.ask("ws", fields=WEBSOCKET)).answer)
        assert (await front.ask("echo")).own
        await streams[0][0].abort()
        async with asyncio.timeout(5):
            while (await front.ask("ws", fields=WEBSOCKET)).status != 101:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def bystander_connections(front: Front, count: int) -> AsyncIterator[list[Wire]]:
    """Connections that were served once and are kept open. Earlier ones may still be on their way out."""
    held: list[Wire] = []
    await front.close()
    async with asyncio.timeout(10):
        while len(held) < count:
            asked = await front.ask("echo")
            if asked.own:
                held.append(asked.wire)
            else:
                await asked.wire.abort()
    yield held
    await front.close()


async def keeps_its_own(front: Front, wire: Wire) -> None:
    asked = await front.ask("echo", wire=wire)
    assert asked.own, f"{asked.answer.told}: {asked.answer.body!r}"


async def dial_from(front: Front, source: str) -> Wire:
    reader, writer = await asyncio.open_connection(front.edge.host, front.edge.port, local_addr=(source, 0))
    wire = Wire(reader, writer)
    front.wires.append(wire)
    return wire


@pytest.mark.parametrize("descriptors", [64, 128])
async def test_running_out_of_descriptors_refuses_clearly_without_spinning_and_recovers(descriptors: int) -> None:
    async with fronted(descriptors=descriptors) as front:
        async with bystander_connections(front, 4) as held:
            crowd = await asyncio.gather(*[front.dial() for _ in range(3 * descriptors)])
            await asyncio.gather(*[wire.send(request_head("stall-header", "crowd")) for wire in crowd])
            ends = await asyncio.gather(*[read_answer(wire, 2) for wire in crowd])
            told = [answer for answer in ends if answer.status]
            assert any(refused_for_now(answer) for answer in told), "nobody was told"
            assert {answer.status for answer in told} <= {503, 504}
            started = front.edge.cpu_s()
            await asyncio.sleep(1)  # an observation window: nothing happens, so nothing should be used
            assert front.edge.cpu_s() - started < IDLE_CPU
            await asyncio.gather(*[keeps_its_own(front, wire) for wire in held])
        await front.must_serve(patience_s=20)


async def test_an_upstream_that_comes_later_is_found() -> None:
    """The edge starts without its app, says so to whoever asks, and serves as soon as the app is there."""
    origin = FaultyOrigin()
    await origin.listen()
    await origin.unlisten()
    async with running_edge(origin.url, *IMPATIENT) as edge:
        front = Front(edge, origin)
        assert (await front.ask("echo")).status == 502
        await origin.listen()
        await front.must_serve()
        await front.close()
    await origin.unlisten()
