"""Faults around request bodies: early answers, expectations, uploads that nobody reads, aborts, exactness."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from functools import partial

from tests.hostile.answer import Answer, read_answer
from tests.hostile.edge import RESPONSE_TIMEOUT_S
from tests.hostile.front import (
    ANSWER_PATIENCE_S,
    CLIENT_PATIENCE_S,
    Company,
    Front,
    must_be_released,
    request_head,
    scenario,
)
from tests.hostile.wire import Wire

BLOCK = bytes(range(256)) * 256
MEMORY_BOUND = 8 << 20
"""How much resident memory may grow, whatever the size of a transfer."""
TAKEN_BOUND = 64 << 20
"""How much may be taken that nobody reads: the kernel's buffers on both sides, each of which grows up to the machine's
``tcp_rmem`` and ``tcp_wmem`` (36 MiB together are not rare), and the edge's own. Transfers held against it are at least
twice as long."""


@dataclass
class Upload:
    """A body under way."""

    wire: Wire
    nonce: str
    size: int
    chunked: bool
    sent: int = 0
    digest: str = ""

    async def send(self) -> None:
        """Send the body block by block, as far as the other side takes it."""
        digest = hashlib.sha256()
        while self.sent < self.size:
            block = BLOCK[: self.size - self.sent]
            if not await self.wire.send(b"%x\r\n%b\r\n" % (len(block), block) if self.chunked else block):
                return
            digest.update(block)
            self.sent += len(block)
        if self.chunked:
            await self.wire.send(b"0\r\n\r\n")
        self.digest = digest.hexdigest()

    async def answer(self, timeout_s: float) -> Answer:
        """Send, and read the answer meanwhile."""
        sending = asyncio.ensure_future(self.send())
        try:
            return await read_answer(self.wire, timeout_s)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def begin(front: Front, mode: str, size: int, *, chunked: bool = False) -> Upload:
    length = "Transfer-Encoding: chunked\r\n" if chunked else f"Content-Length: {size}\r\n"
    wire, nonce = await front.send(mode, method="POST", fields=length)
    return Upload(wire, nonce, size, chunked)


@scenario("early-413", "an early 413 ends a 20 MB upload without a hang and without a success", "RFC 9112 9.6")
async def early_413(front: Front) -> None:
    upload = await begin(front, "early-413", 20 << 20)
    answer = await upload.answer(ANSWER_PATIENCE_S)
    assert answer.status >= 400 or upload.wire.ended, answer.told


@scenario("early-413-delivered", "the early 413 itself reaches the client", "RFC 9112 9.6 (lingering close)")
async def early_413_delivered(front: Front) -> None:
    for _ in range(3):
        upload = await begin(front, "early-413", 2 << 20)
        assert (await upload.answer(ANSWER_PATIENCE_S)).status == 413


@scenario("early-413-open", "an early 413 is passed on at once though the upstream stays open", "RFC 9112 9.3")
async def early_413_open(front: Front) -> None:
    upload = await begin(front, "early-413-open", 20 << 20)
    async with asyncio.timeout(RESPONSE_TIMEOUT_S):
        assert (await upload.answer(ANSWER_PATIENCE_S)).status == 413


@scenario("early-200-read", "a 200 before the body is read mixes up nothing behind it", "RFC 9112 9.3", Company.ALONE)
async def early_200_read(front: Front) -> None:
    upload = await begin(front, "early-200-read", 3 << 20)
    answer = await upload.answer(ANSWER_PATIENCE_S)
    assert answer.status in (200, 502), answer.told
    await front.must_serve(4)


@scenario(
    "never-reads", "an upload that nobody reads is paused, bounded in memory, and ends in 504", "ME-01", Company.ALONE
)
async def never_reads(front: Front) -> None:
    before = front.edge.resident_bytes()
    upload = await begin(front, "never-reads", 128 << 20)
    answer = await upload.answer(ANSWER_PATIENCE_S)
    assert answer.status == 504, answer.told
    assert upload.sent < TAKEN_BOUND, f"took {upload.sent >> 20} MB"
    assert front.edge.resident_bytes() - before < MEMORY_BOUND


@scenario("expect-100", "a client that waits for 100 gets it, then one answer", "RFC 9110 10.1.1")
async def expect_100(front: Front) -> None:
    wire, _ = await front.send("expect", method="POST", fields="Content-Length: 5\r\nExpect: 100-continue\r\n")
    answer = await read_answer(wire, 3, stop_at_interim=True)
    assert answer.interim == [100], answer.told
    await wire.send(b"hello")
    await read_answer(wire, 5, answer=answer)
    assert answer.status == 200
    assert b'"got": 5' in answer.body


@scenario("expect-refused", "a refused expectation is passed on and disturbs nobody", "CVE-2024-24791", Company.ALONE)
async def expect_refused(front: Front) -> None:
    for _ in range(3):
        wire, _ = await front.send(
            "expect-refused", method="POST", fields="Content-Length: 5\r\nExpect: 100-continue\r\n"
        )
        assert (await read_answer(wire, ANSWER_PATIENCE_S)).status == 417
        assert (await front.ask("echo")).own


async def _leaves(chunked: bool, reset: bool, front: Front) -> None:
    wire, nonce = await front.dial(), front.nonce()
    if chunked:
        head, start = "Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n6\r\n world\r\n"
    else:
        head, start = "Content-Length: 1000000\r\n", b"x" * 100_000
    await wire.send(request_head("echo", nonce, method="POST", fields=head) + start)
    visit = await front.origin.arrival(nonce)
    await (wire.reset() if reset else wire.close())
    await must_be_released(visit)
    assert not visit.complete, "the origin saw a whole message although its client was cut off"


for _id, _chunked, _reset, _words in (
    ("abort-upload-cl", False, False, "leaves inside a body of known length"),
    ("abort-upload-chunked", True, False, "leaves inside a chunked body"),
    ("abort-upload-chunked-rst", True, True, "resets inside a chunked body"),
):
    scenario(_id, f"a client that {_words} leaves no whole message behind", "RFC 9112 8")(
        partial(_leaves, _chunked, _reset)
    )


@scenario("client-slow-body", "a body that stops is cut off and never completed", "nginx client_body_timeout")
async def slow_body(front: Front) -> None:
    wire, nonce = await front.send("echo", method="POST", fields="Content-Length: 1000\r\n")
    await wire.send(b"x" * 10)
    answer = await read_answer(wire, CLIENT_PATIENCE_S)
    assert answer.status == 408, answer.told
    visit = await front.origin.arrival(nonce)
    await must_be_released(visit)
    assert not visit.complete


async def _exact(mode: str, size: int, chunked: bool, front: Front) -> None:
    before, peak = front.edge.resident_bytes(), 0
    upload = await begin(front, mode, size, chunked=chunked)
    answering = asyncio.ensure_future(upload.answer(90))
    while not answering.done():
        peak = max(peak, front.edge.resident_bytes())
        await asyncio.wait([answering], timeout=0.05)
    answer = await answering
    assert answer.status == 200, answer.told
    visit = front.origin.visits(upload.nonce)[0]
    assert (visit.got, visit.digest) == (size, upload.digest)
    assert peak - before < MEMORY_BOUND, f"resident memory grew by {(peak - before) >> 20} MB"


for _id, _mode, _size, _chunked, _words in (
    ("upload-64mb", "echo", 64 << 20, False, "64 MB of known length arrive exactly"),
    ("upload-64mb-chunked", "echo", 64 << 20, True, "64 MB in chunks arrive exactly"),
    ("upload-slow-origin", "slow-reads", 24 << 20, False, "24 MB to a slow origin arrive exactly"),
):
    scenario(_id, f"{_words}, in bounded memory", "RFC 9110 6.4", Company.ALONE)(
        partial(_exact, _mode, _size, _chunked)
    )
