"""The edge stays right for everybody else while somebody tries to bring it down over HTTP/2, and memory stays bounded.

Beside every attack runs a bystander on a connection of its own: healthy requests, an event stream and a WebSocket. What
one stream does is seen by its neighbours on the same connection in tests/edge; here it is about connections.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import pytest
from hpack.hpack import Encoder

from antechamber.protocol.http2_frames import PREFACE
from tests.edge.two import Certificate, Two, connect_to, fields_of, issue
from tests.hostile.edge import IMPATIENT, Edge, running_edge
from tests.hostile.faulty import FaultyOrigin
from tests.hostile.frames import encode_frame
from tests.hostile.test_volume import GROWTH_BOUND, Growth, plain_origin, read_request_head
from tests.hostile.wire import Wire, after

MIB = 1 << 20
TRANSFER = 256 * MIB
ENOUGH = 5
MEMORY_BOUND = 24 * MIB
SPARE_DESCRIPTORS = 4
CONNECTIONS, STREAMS_EACH = 10, 100
STREAM_GROWTH_BOUND = 32 << 10
"""Bytes that an idle stream may take at most."""
ENHANCE_YOUR_CALM = 0xB


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return issue(tmp_path_factory.mktemp("tls"))


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


@dataclass(eq=False)
class Front:
    """A running edge with TLS, and how to connect to it."""

    edge: Edge
    certificate: Certificate
    _wires: list[Wire] = field(default_factory=list)

    async def wire(self) -> Wire:
        """A connection on which nothing has been said."""
        async with asyncio.timeout(20):
            wire = Wire(
                *await asyncio.open_connection(
                    self.edge.host, self.edge.port, ssl=self.certificate.two, server_hostname="edge.test"
                )
            )
        self._wires.append(wire)
        return wire

    async def begun(self) -> Wire:
        """A connection that has begun as HTTP/2 does."""
        wire = await self.wire()
        wire.writer.write(PREFACE + frame(4, 0, 0))
        return wire

    async def close(self) -> None:
        await asyncio.gather(*[wire.abort() for wire in self._wires], return_exceptions=True)

    async def two(self, *, window: int = MIB) -> Two:
        wire = await self.wire()
        two = Two(wire.reader, wire.writer, window=window)
        two.send()
        return two


@asynccontextmanager
async def fronted(certificate: Certificate, url: str, *flags: str) -> AsyncIterator[Front]:
    files = ("--tls-certificate", str(certificate.chain), "--tls-key", str(certificate.key))
    async with running_edge(url, *IMPATIENT, "--upstream-idle-timeout", "1s", *files, *flags) as edge:
        front = Front(edge, certificate)
        try:
            yield front
        finally:
            await front.close()
        assert edge.alive
        assert edge.tracebacks == []
        assert not [line for line in edge.said if "a fault of the edge" in line]


async def must_serve(two: Two, nonce: str) -> None:
    answer = await two.whole(two.ask(fields_of(b"GET", b"/f/echo/" + nonce.encode())))
    assert (answer.status, nonce.encode() in answer.body, answer.reset) == (200, True, None)


@asynccontextmanager
async def bystander(front: Front) -> AsyncIterator[None]:
    """Healthy use of the edge over one connection for as long as the block lasts; judged at its end."""
    two = await front.two()
    events = two.ask(fields_of(b"GET", b"/f/sse-forever/own"))
    socket = two.ask(connect_to(b"/f/ws/own"), ended=False)
    assert (await two.head(events)).status == 200
    assert (await two.head(socket)).status == 200
    served = 0

    async def ask_on() -> None:
        nonlocal served
        while True:
            await must_serve(two, f"own{served}")
            served += 1
            await asyncio.sleep(0.01)

    asking = asyncio.ensure_future(ask_on())
    yield
    async with asyncio.timeout(30):
        while served < ENOUGH and not asking.done():
            await asyncio.sleep(0.01)
    asking.cancel()
    (failed,) = await asyncio.gather(asking, return_exceptions=True)
    assert isinstance(failed, asyncio.CancelledError), failed
    two.streams[socket].body.clear()
    two.say(socket, encode_frame(b"still there", mask=True))
    await two.until(lambda: b"still there" in two.streams[socket].body)
    heard = len(two.streams[events].body)
    await two.until(lambda: len(two.streams[events].body) > heard)
    await two.close()


# Attacks


async def garbage(front: Front, random: Random) -> None:
    """Noise of every length, before and behind the preface."""
    for number in range(60):
        wire = await (front.wire() if number % 2 else front.begun())
        await wire.send(random.randbytes(random.choice((1, 9, 24, 300, 20_000))))
        await wire.abort()


async def spoiled_frames(front: Front, random: Random) -> None:
    """Frames of every kind with random flags, streams and contents."""
    for _ in range(60):
        wire = await front.begun()
        for _ in range(20):
            kind, stream = random.randrange(11), random.randrange(8)
            await wire.send(frame(kind, random.randrange(256), stream, random.randbytes(random.randrange(64))))
        await wire.abort()


async def resets(front: Front, random: Random) -> None:
    """Rapid Reset (CVE-2023-44487) on several connections at once."""

    async def flood() -> None:
        two = await front.two()
        for _ in range(5000):
            number = two.h2.get_next_available_stream_id()
            two.h2.send_headers(number, fields_of(b"GET", b"/f/delay/reset?ms=50"), end_stream=True)
            two.h2.reset_stream(number, 8)
        two.send()
        await two.until_closed()
        assert two.goaways[-1][0] == ENHANCE_YOUR_CALM

    await asyncio.gather(*[flood() for _ in range(5)])


async def malformed(front: Front, random: Random) -> None:
    """Requests that have to be reset, again and again (CVE-2025-8671)."""
    two = await front.two()
    while not two.closed:
        for _ in range(50):
            number = two.h2.get_next_available_stream_id()
            two.h2.send_headers(number, [*fields_of(), (b"connection", b"close")], end_stream=True)
        two.send()
        await two.until(lambda: two.closed or not two.h2.open_outbound_streams)
    assert two.goaways[-1][0] == ENHANCE_YOUR_CALM


async def made_to_reset(front: Front, random: Random) -> None:
    """The same by what is only an error behind a request that is well formed: the library resets those by itself."""
    block = Encoder().encode(fields_of(b"GET", b"/f/delay/reset?ms=50"))
    behinds: tuple[Callable[[int], bytes], ...] = (
        lambda number: frame(0, 1, number),
        lambda number: frame(1, 5, number, block),
    )
    for behind in behinds:
        wire = await front.begun()
        numbers = range(1, 20_000, 2)
        await wire.send(b"".join(frame(1, 5, number, block) + behind(number) for number in numbers))
        assert await wire.until_end(after(30))


async def heavy_heads(front: Front, random: Random) -> None:
    """Three thousand fields in three kilobytes, a thousand times."""
    block = Encoder().encode(fields_of()) + b"\x8f" * 3000
    wire = await front.begun()
    await wire.send(b"".join(frame(1, 5, number, block) for number in range(1, 2000, 2)))
    assert await wire.until_end(after(30))


async def late_frames(front: Front, random: Random) -> None:
    """Frames without an end for a stream that is over: each is answered with a reset."""
    block = Encoder().encode(fields_of())
    for late in (frame(0, 1, 1), frame(0, 0, 1, bytes(200)), frame(1, 5, 1, block)):
        wire = await front.begun()
        await wire.send(frame(1, 5, 1, block) + frame(3, 0, 1, bytes(4)) + late * 50_000)
        assert await wire.until_end(after(30))


async def unread_answers(front: Front, random: Random) -> None:
    """Pings and settings by the hundred thousand from clients that read nothing of what they bring."""

    async def flood(octets: bytes) -> None:
        wire = await front.begun()
        await wire.send(octets * 100_000)
        await wire.abort()

    await asyncio.gather(*[flood(one) for one in (frame(6, 0, 0, bytes(8)), frame(4, 0, 0), frame(0, 0, 1)) * 2])


async def endless_heads(front: Front, random: Random) -> None:
    """Header blocks in continuations without an end (CVE-2024-27316), and blocks that unpack to much more."""
    for _ in range(10):
        wire = await front.begun()
        await wire.send(frame(1, 1, 1, b"\x82") + frame(9, 0, 1, bytes(16000)) * 50)
        await wire.abort()
    encoder = Encoder()
    first = encoder.encode([*fields_of(), (b"x", b"a" * 3000)])
    bomb = encoder.encode([*fields_of(), *[(b"x", b"a" * 3000)] * 10_000])
    for _ in range(10):
        wire = await front.begun()
        await wire.send(frame(1, 5, 1, first) + frame(1, 5, 3, bomb[:16000]))
        await wire.abort()


async def half_heads(front: Front, random: Random) -> None:
    """Connections that begin a request and never go on."""
    wires = [await front.begun() for _ in range(100)]
    for wire in wires:
        await wire.send(frame(1, 1, 1, b"\x82\x84") + frame(9, 0, 1, b"\x87")[: random.randrange(1, 10)])


async def abandoned_uploads(front: Front, random: Random) -> None:
    """Bodies that are begun and left: by a reset, by the connection's end, or in the middle of nothing."""
    for number in range(40):
        two = await front.two()
        for _ in range(10):
            stream = two.ask(fields_of(b"POST", b"/f/echo/left%d" % number), ended=False)
            two.say(stream, b"x" * random.randrange(5000))
            if random.random() < 0.5:
                two.h2.reset_stream(stream, 8)
        two.send()
        await two.close()


async def stalled_windows(front: Front, random: Random) -> None:
    """Large answers for which there is no room, a hundred to a connection."""
    held = []
    for _ in range(3):
        two = await front.two(window=1)
        held.append(two)
        two.acknowledging = False
        for number in range(100):
            two.ask(fields_of(b"GET", b"/f/big/stalled%d?n=300000" % number))
        await two.until(lambda two=two: all(stream.status for stream in two.streams.values()))  # type: ignore[misc]
    for two in held:
        await two.close()


Attack = Callable[[Front, Random], Awaitable[None]]
ATTACKS: tuple[Attack, ...] = (
    garbage,
    spoiled_frames,
    resets,
    malformed,
    made_to_reset,
    heavy_heads,
    late_frames,
    unread_answers,
    endless_heads,
    half_heads,
    abandoned_uploads,
    stalled_windows,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_an_attack_disturbs_nobody_else(attack: Attack, certificate: Certificate) -> None:
    bound = MEMORY_BOUND + (300 * 400_000 if attack is stalled_windows else 0)
    async with FaultyOrigin() as origin, fronted(certificate, origin.url) as front:
        two = await front.two()
        await must_serve(two, "before")
        level, memory = front.edge.descriptors(), front.edge.resident_bytes()
        async with bystander(front):
            await attack(front, Random(20))
        assert front.edge.resident_bytes() - memory < bound
        async with asyncio.timeout(30):
            while front.edge.descriptors() > level + SPARE_DESCRIPTORS:
                await asyncio.sleep(0.1)
        await must_serve(await front.two(), "after")


# Size without memory


async def test_a_download_to_a_slow_reader_takes_no_memory(certificate: Certificate) -> None:
    def serve(connection: socket.socket) -> None:
        read_request_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % TRANSFER)
        for _ in range(TRANSFER // MIB):
            connection.sendall(bytes(MIB))

    with plain_origin(serve) as url:
        async with fronted(certificate, url) as front:
            two = await front.two()
            growth = Growth(front.edge)
            number = two.ask(fields_of(b"GET", b"/down"))
            stream, received, reads = two.streams[number], 0, 0
            while not stream.over:
                await two.read()
                received += len(stream.body)
                stream.body.clear()
                reads += 1
                if reads < 300:
                    await asyncio.sleep(0.002)
                if reads % 64 == 0:
                    growth.look()
            assert (received, stream.ended) == (TRANSFER, True)
            assert growth.peak < GROWTH_BOUND, f"{growth.peak >> 10} KiB"
            await two.close()


async def test_an_upload_to_a_slow_app_takes_no_memory(certificate: Certificate) -> None:
    def serve(connection: socket.socket) -> None:
        left = TRANSFER - len(read_request_head(connection))
        reads, space = 0, bytearray(256 * 1024)
        while left:
            left -= connection.recv_into(space)
            reads += 1
            if reads < 300:
                time.sleep(0.002)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")

    with plain_origin(serve) as url:
        async with fronted(certificate, url) as front:
            two = await front.two()
            growth = Growth(front.edge)
            fields = fields_of(b"POST", b"/up", (b"content-length", b"%d" % TRANSFER))
            number = two.ask(fields, ended=False)
            block = bytes(16384)
            for sent in range(0, TRANSFER, len(block)):
                while two.h2.local_flow_control_window(number) < len(block):
                    await two.read()
                two.say(number, block, ended=sent + len(block) == TRANSFER)
                await two.writer.drain()
                if sent % (4 * MIB) == 0:
                    growth.look()
            assert bytes((await two.whole(number)).body) == b"ok"
            assert growth.peak < GROWTH_BOUND, f"{growth.peak >> 10} KiB"
            await two.close()


async def test_a_thousand_idle_event_streams_over_ten_connections(certificate: Certificate) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    async with FaultyOrigin() as origin, fronted(certificate, origin.url) as front:
        await must_serve(await front.two(), "before")
        growth = Growth(front.edge)
        connections = [await front.two() for _ in range(CONNECTIONS)]
        for two in connections:
            for number in range(STREAMS_EACH):
                two.ask(fields_of(b"GET", b"/f/sse-idle/n%d" % number))
            await two.until(lambda two=two: all(b"data:" in one.body for one in two.streams.values()))  # type: ignore[misc]
        growth.look()
        assert growth.peak < CONNECTIONS * STREAMS_EACH * STREAM_GROWTH_BOUND, f"{growth.peak >> 10} KiB"
        await must_serve(await front.two(), "beside")
        level = front.edge.descriptors()
        assert level > CONNECTIONS * STREAMS_EACH
        for two in connections:
            await two.close()
        async with asyncio.timeout(30):
            while front.edge.descriptors() > level - CONNECTIONS * STREAMS_EACH:
                await asyncio.sleep(0.05)
