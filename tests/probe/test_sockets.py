"""Watching WebSockets: the handshake that was asked for, and frames with their times."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from antechamber.net.stream import Arrival
from antechamber.policy.model import Address
from antechamber.probe.exchange import Request
from antechamber.probe.sockets import converse_on
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, SocketTranscript, TimedFrame
from antechamber.protocol.handshake import Refusal, accept_of
from antechamber.protocol.websocket import Event, Ping, Pong, Receiver, Role, Text
from antechamber.protocol.websocket_frame import Opcode, encode_close, encode_frame
from tests.probe.scripted import START_S, ScriptedStream

TARGET = Target(address=Address(host="app.test", port=80), scheme="https", host="app.test")


class SwitchingStream(ScriptedStream):
    """Accepts the handshake that it was sent, then plays its script."""

    async def read(self, *, within_s: float) -> Arrival:
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", self.sent)
        if key is not None and not self.switched:
            self.switched = True
            fields = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept_of(key[1])
            return Arrival(START_S + 0.1, b"HTTP/1.1 101 Switching Protocols\r\n" + fields + b"\r\n\r\n")
        return await super().read(within_s=within_s)

    switched = False

    def frames_sent(self) -> list[Event]:
        return Receiver(Role.SERVER).feed(self.sent.partition(b"\r\n\r\n")[2])


def two(frames: Sequence[TimedFrame]) -> bool:
    return len(frames) >= 2


async def converse(stream: ScriptedStream, *say: tuple[Opcode, bytes]) -> SocketTranscript:
    return await converse_on(stream, TARGET, Request(target="/ws"), enough=two, patience_s=5.0, total_s=60.0, say=say)


async def test_messages_are_stamped_when_they_arrive() -> None:
    first, second = encode_frame(Opcode.TEXT, b"ready"), encode_frame(Opcode.BINARY, b"\x01x")
    seen = await converse(SwitchingStream([(0.5, first), (1.0, second[:1]), (2.0, second[1:])]))
    assert seen.refusal is None
    assert [data for _, data in seen.messages] == [b"ready", b"\x01x"]
    assert [at_s for at_s, _ in seen.messages] == pytest.approx([0.5, 2.0])


async def test_the_handshake_carries_the_origin_of_the_target() -> None:
    """Apps compare it with the forwarded scheme and host: without it nothing is proven."""
    stream = SwitchingStream([])
    await converse(stream)
    assert b"Origin: https://app.test\r\n" in stream.sent


async def test_pings_are_answered_and_what_is_to_be_said_is_said_first() -> None:
    stream = SwitchingStream([(0.2, encode_frame(Opcode.PING, b"?")), (0.3, encode_frame(Opcode.TEXT, b"a"))])
    seen = await converse(stream, (Opcode.TEXT, b"hello"))
    assert stream.frames_sent()[:2] == [Text("hello"), Pong(b"?")]
    assert [type(frame.event) for frame in seen.frames] == [Ping, Text]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n<html", 200),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 14\r\n\r\nInvalid origin", 403),
    ],
)
async def test_a_refusal_keeps_the_answer_that_came_instead(head: bytes, status: int) -> None:
    seen = await converse(ScriptedStream([(0.0, head)]))
    assert seen.refusal is Refusal.NOT_SWITCHED
    assert seen.http.status == status
    assert seen.http.body in (b"<html", b"Invalid origin")


async def test_an_answer_to_somebody_elses_key_is_refused() -> None:
    head = b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: abc\r\n\r\n"
    seen = await converse(ScriptedStream([(0.0, head)]))
    assert seen.refusal is Refusal.WRONG_ACCEPT


@pytest.mark.parametrize(
    ("wire", "end", "detail"),
    [
        (encode_close(1011, "upstream gone"), End.COMPLETE, "closed with 1011 upstream gone"),
        (b"", End.CUT, "ended without a Close frame"),
        (b"\xff\xff", End.MALFORMED, "reserved bit"),
    ],
)
async def test_how_the_socket_ended_is_told(wire: bytes, end: End, detail: str) -> None:
    seen = await converse(SwitchingStream([(0.5, wire)]))
    assert seen.http.ending.end is end
    assert detail in seen.http.ending.detail


async def test_silence_after_the_101_is_told_from_a_refusal() -> None:
    """101 does not mean live: the app may be frozen behind it."""
    seen = await converse(SwitchingStream([]))
    assert seen.refusal is None
    assert seen.frames == ()
    assert seen.http.ending.end is End.SILENT
