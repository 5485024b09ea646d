"""What single steps of the edge's data path cost, beside the usual way to do the same.

``python -m bench.steps`` prints a table. Behind ``docs/decisions/hot-path.md``. No sockets: a step is a fraction of a
microsecond, and a system call would hide it. Times are processor time; the two ways of a step take turns.
"""

import asyncio
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version

import uvloop

from antechamber.ledger import Entry
from antechamber.net.deadlines import NEVER, Deadlines
from antechamber.protocol.framing import ChunkedReader
from bench.ratios import Spread

ROUNDS = 15
STEPS = 5000
EVENT = b"88\r\n" + b"data: " + b"x" * 128 + b"\n\n" + b"\r\n"
"""An event of 136 octets as its own chunk, as the edge would write it."""
EVENT_OTHERWISE = b"0" + EVENT
"""The same with a zero before its size: it is read and written anew."""

Way = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens per request or per piece, done ``STEPS`` times by each of two ways."""

    title: str
    ours: Way
    usual: Way


class Watched:
    """A connection as the wheel sees it."""

    __slots__ = ("filed_until", "patience_s", "since")

    def __init__(self, now: float) -> None:
        self.filed_until = NEVER
        self.since = now
        self.patience_s = 60.0

    @property
    def deadline(self) -> float:
        return self.since + self.patience_s

    def expire(self) -> None:
        """Never comes: the deadline is always moved."""


class Sink:
    """Where pieces go; it only counts."""

    def __init__(self) -> None:
        self.octets = 0

    def write(self, data: bytes) -> None:
        self.octets += len(data)


class Piped(asyncio.Protocol):
    """A piece costs one call and one write, as in the edge's tunnel."""

    __slots__ = ("clock", "entry", "since", "write")

    def __init__(self, sink: Sink, clock: Deadlines, entry: Entry) -> None:
        self.write = sink.write
        self.clock = clock
        self.entry = entry
        self.since = clock.now

    def data_received(self, data: bytes) -> None:
        self.write(data)
        self.entry.bytes_down += len(data)
        self.entry.pieces_down += 1
        self.since = self.clock.now


def _entry() -> Entry:
    return Entry("192.0.2.1", b"GET", b"/api/event", "event", 1.0)


def steps() -> list[Step]:
    """The steps, on the running loop."""
    loop = asyncio.get_running_loop()
    clock = Deadlines(loop)
    watched = Watched(loop.time())
    clock.watch(watched)

    async def move_attribute() -> None:
        for _ in range(STEPS):
            watched.since = clock.now

    async def move_timer() -> None:
        handle = loop.call_later(60, watched.expire)
        for _ in range(STEPS):
            handle.cancel()
            handle = loop.call_later(60, watched.expire)
        handle.cancel()

    sink = Sink()
    piped = Piped(sink, clock, _entry())

    async def pipe_by_protocol() -> None:
        for _ in range(STEPS):
            loop.call_soon(piped.data_received, EVENT)
            await asyncio.sleep(0)

    async def pipe_by_stream() -> None:
        reader = asyncio.StreamReader()

        async def copy() -> None:
            while data := await reader.read(65536):
                sink.write(data)

        copying = asyncio.create_task(copy())
        for _ in range(STEPS):
            loop.call_soon(reader.feed_data, EVENT)
            await asyncio.sleep(0)
        reader.feed_eof()
        await copying

    def answer() -> None:
        sink.write(b"")

    async def answer_in_task() -> None:
        answer()

    async def call() -> None:
        for _ in range(STEPS):
            loop.call_soon(answer)
            await asyncio.sleep(0)

    async def task() -> None:
        for _ in range(STEPS):
            loop.call_soon(loop.create_task, answer_in_task())
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def pass_chunk() -> None:
        reader = ChunkedReader(reframe=True)
        for _ in range(STEPS):
            reader.read(EVENT)

    async def rewrite_chunk() -> None:
        reader = ChunkedReader(reframe=True)
        for _ in range(STEPS):
            reader.read(EVENT_OTHERWISE)

    return [
        Step("move a deadline: an attribute | a timer, cancelled and set", move_attribute, move_timer),
        Step("begin a request: a call | a task", call, task),
        Step("relay a piece: a protocol | a stream and a task that copies", pipe_by_protocol, pipe_by_stream),
        Step("an event in its own chunk: passed as it is | read and rewritten", pass_chunk, rewrite_chunk),
    ]


async def _spent(way: Way) -> float:
    before = time.process_time_ns()
    await way()
    return (time.process_time_ns() - before) / STEPS


async def measure() -> None:
    """Print nanoseconds per step: ours, the usual way, and their ratio."""
    for step in steps():
        ours: list[float] = []
        usual: list[float] = []
        await _spent(step.ours)
        await _spent(step.usual)
        for _ in range(ROUNDS):
            ours.append(await _spent(step.ours))
            usual.append(await _spent(step.usual))
        ratio = Spread.of([one / other for one, other in zip(ours, usual, strict=True)])
        print(
            f"{step.title:66} {Spread.of(ours).median:6.0f} | {Spread.of(usual).median:6.0f} ns"
            f"   x {ratio.median:.2f} ({ratio.low:.2f}-{ratio.high:.2f})"
        )


def main() -> None:
    """Measure on the loop that the edge runs on."""
    print(f"Python {platform.python_version()}, uvloop {version('uvloop')}", file=sys.stderr)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure())


if __name__ == "__main__":
    main()
