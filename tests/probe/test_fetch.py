"""Plain requests: what is written down about an answer, from scripts of its bytes."""

from __future__ import annotations

import pytest

from antechamber.net.stream import StreamError
from antechamber.policy.model import Address
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch, fetch_on
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, HttpTranscript
from antechamber.protocol.failure import Failure
from tests.probe.scripted import BREAK, START_S, ScriptedStream, bytewise

TARGET = Target(
    address=Address(host="app.test", port=80), scheme="http", host="app.test", fields=((b"Cookie", b"s=1"),)
)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def ask(stream: ScriptedStream, request: Request | None = None) -> HttpTranscript:
    request = request or Request(target="/x")
    return await fetch_on(stream, TARGET, request, patience_s=5.0, pace_s=0.0, limit_bytes=1000)


async def test_first_byte_head_and_pieces_are_stamped_when_they_arrive() -> None:
    stream = ScriptedStream(
        [
            (0.1, b"HTTP/1.1 200 OK\r\nTransf"),
            (0.2, b"er-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            (1.5, b"2\r\nd"),
            (2.5, b"e\r\n0\r\n\r\n"),
        ]
    )
    seen = await ask(stream)
    assert seen.status == 200
    assert [seen.first_byte_s, seen.head_s, *(piece.at_s for piece in seen.pieces)] == pytest.approx(
        [0.1, 0.2, 0.2, 1.5, 2.5]
    )
    assert [piece.data for piece in seen.pieces] == [b"abc", b"d", b"e"]
    assert seen.ending.end is End.COMPLETE
    assert seen.ending.at_s == pytest.approx(2.5)


BODIES = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "chunked": CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    "after 103 and 100": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
}


@pytest.mark.parametrize("wire", BODIES.values(), ids=BODIES.keys())
async def test_an_answer_reads_the_same_whole_and_byte_by_byte(wire: bytes) -> None:
    whole = await ask(ScriptedStream([(0.0, wire)]))
    pieces = await ask(ScriptedStream(bytewise(wire)))
    assert whole.body == pieces.body == b"hello"
    assert whole.ending.end is pieces.ending.end is End.COMPLETE
    assert whole.interim == pieces.interim


async def test_interim_answers_are_noted_and_not_taken_for_the_final_one() -> None:
    seen = await ask(ScriptedStream([(0.0, BODIES["after 103 and 100"])]))
    assert (seen.interim, seen.status) == ((103, 100), 200)


async def test_a_body_without_length_ends_with_the_connection() -> None:
    seen = await ask(ScriptedStream([(0.0, b"HTTP/1.0 200 OK\r\n\r\nhel"), (0.5, b"lo"), (0.9, b"")]))
    assert seen.body == b"hello"
    assert seen.ending.end is End.COMPLETE


ENDINGS: list[tuple[str, list[tuple[float, bytes | object]], End, str]] = [
    ("silence before the head", [], End.SILENT, "nothing came for 5.0 s"),
    ("silence in the body", [(0.0, CHUNKED + b"1\r\na\r\n")], End.SILENT, "nothing came for 5.0 s"),
    ("closed without an answer", [(0.3, b"")], End.CUT, "closed without an answer"),
    ("closed in the head", [(0.1, b"HTTP/1.1 2"), (0.3, b"")], End.CUT, "closed in the head"),
    ("closed in the body", [(0.0, CHUNKED + b"5\r\nab"), (0.3, b"")], End.CUT, "closed in the middle of the body"),
    ("broken in the body", [(0.0, CHUNKED), (0.3, BREAK)], End.CUT, "the connection broke"),
    ("not HTTP", [(0.0, b"SSH-2.0-x\r\n\r\n")], End.MALFORMED, "not valid HTTP/1.1"),
    ("bad chunk", [(0.0, CHUNKED + b"zz\r\n")], End.MALFORMED, "chunk-size line"),
    ("endless head", [(0.0, b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000)], End.MALFORMED, "response head of more than"),
]


@pytest.mark.parametrize(("script", "end", "detail"), [row[1:] for row in ENDINGS], ids=[row[0] for row in ENDINGS])
async def test_every_way_an_answer_can_fail_is_an_ending_not_an_exception(
    script: list[tuple[float, bytes | object]], end: End, detail: str
) -> None:
    seen = await ask(ScriptedStream(script))
    assert seen.ending.end is end
    assert detail in seen.ending.detail


async def test_the_request_names_the_host_and_carries_what_the_target_carries() -> None:
    stream = ScriptedStream([(0.0, BODIES["length"])])
    await ask(stream, Request(target="/up?x=1", method="POST", fields=((b"X-A", b"b"),), body=(b"one", b"two")))
    head, _, body = stream.sent.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /up?x=1 HTTP/1.1"
    assert {b"Host: app.test", b"Cookie: s=1", b"X-A: b", b"Content-Length: 6"} <= set(lines)
    assert body == b"onetwo"


class DeafStream(ScriptedStream):
    """Takes the head of a request and no body, as a server does that has refused it."""

    async def write(self, data: bytes, *, within_s: float) -> float:
        if self.sent:
            raise StreamError(Failure.CONNECTION_TERMINATED, "the peer has closed the connection", at_s=START_S)
        return await super().write(data, within_s=within_s)


@pytest.mark.parametrize(
    ("script", "status", "detail"),
    [
        ([(0.1, b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"), (0.1, b"")], 413, ""),
        ([(0.1, b"")], None, "closed without an answer"),
        ([(0.1, BREAK)], None, "the peer has closed the connection"),
    ],
)
async def test_an_answer_that_comes_before_the_body_is_sent_is_read(
    script: list[tuple[float, bytes | object]], status: int | None, detail: str
) -> None:
    """RFC 9112 9.5: who refuses a body may answer at once and close."""
    seen = await ask(DeafStream(script), Request(target="/up", method="POST", body=(b"one", b"two")))
    assert seen.status == status
    assert seen.ending.detail == detail


async def test_the_answer_to_head_has_no_body_to_wait_for() -> None:
    seen = await ask(ScriptedStream([(0.0, BODIES["length"][:-5])]), Request(target="/", method="HEAD"))
    assert seen.ending.end is End.COMPLETE


async def test_reading_stops_at_the_limit() -> None:
    seen = await ask(ScriptedStream([(0.0, CHUNKED)] + [(0.1, b"190\r\n" + b"x" * 400 + b"\r\n")] * 9))
    assert len(seen.body) == 1200
    assert seen.ending.end is End.STOPPED


async def test_nobody_listening_is_an_ending_too(unused_tcp_port: int) -> None:
    target = Target.of(f"http://127.0.0.1:{unused_tcp_port}")
    seen = await fetch(target, Request(target="/"), patience_s=5.0)
    assert seen.status is None
    assert seen.ending.end is End.UNREACHABLE
