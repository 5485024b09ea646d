"""A client's side of an HTTP/2 connection, spoiled: it is understood or ended; every request is one HTTP/1.1 head."""

from __future__ import annotations

import sys
from random import Random

from hpack.hpack import Encoder

from antechamber.protocol.http1 import END, parse_request_head
from antechamber.protocol.http2_events import Content, Gone, Opened, ServerEvent
from antechamber.protocol.http2_frames import PREFACE, FrameSplitter
from antechamber.protocol.http2_server import ConnectionFault, Http2Server
from tests.hostile.fuzz.drive import Target, main

NAMES = [
    b"a",
    b"cookie",
    b"host",
    b"te",
    b"content-length",
    b"transfer-encoding",
    b"connection",
    b"A",
    b"a b",
    b"",
    b":x",
]
VALUES = [b"1", b"", b"a b", b"trailers", b"app.test", b"1\r\nb: 2", b"\x00", b" 1", b"3", b"chunked", b"\xff"]
PSEUDO = [
    (b":method", [b"GET", b"POST", b"CONNECT", b"OPTIONS", b"GET /", b""]),
    (b":scheme", [b"https", b"http", b"ftp"]),
    (b":authority", [b"app.test", b"app.test:8443", b"a b", b"app.test\r\nX: 1"]),
    (b":path", [b"/", b"/a?b", b"*", b"", b"/ HTTP/1.1\r\n", b"/a b"]),
]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def fields(random: Random) -> list[tuple[bytes, bytes]]:
    """Those of a request, mostly a good one."""
    doubt = random.random() < 0.5
    chosen = [(name, random.choice(values) if doubt else values[0]) for name, values in PSEUDO]
    if random.random() < 0.1:
        chosen.append((b":protocol", random.choice([b"websocket", b"other"])))
    if random.random() < 0.1:
        random.shuffle(chosen)
    more = [(random.choice(NAMES), random.choice(VALUES)) for _ in range(random.randrange(4))] if doubt else []
    return chosen + more


def frames(random: Random) -> list[bytes]:
    """What a client says, frame by frame."""
    encoder = Encoder()
    said = [frame(4, 0, 0)]
    for _ in range(random.randrange(1, 12)):
        stream = random.randrange(1, 10, random.choice((1, 2)))
        match random.randrange(10):
            case 0 | 1 | 2:
                block = encoder.encode(fields(random))
                cut = random.randrange(len(block) + 1)
                if random.random() < 0.3:
                    said += [frame(1, random.choice((0, 1)), stream, block[:cut]), frame(9, 4, stream, block[cut:])]
                else:
                    said.append(frame(1, 4 | random.choice((0, 1)), stream, block))
            case 3 | 4:
                said.append(frame(0, random.choice((0, 1, 8, 9)), stream, random.randbytes(random.randrange(6))))
            case 5:
                said.append(frame(8, 0, random.choice((0, stream)), random.choice((1, 2**31 - 1)).to_bytes(4)))
            case 6:
                said.append(frame(3, 0, stream, bytes(4)))
            case 7:
                said.append(frame(4, 0, 0, random.randrange(1, 9).to_bytes(2) + random.randbytes(4)))
            case 8:
                said.append(frame(random.randrange(12), random.randrange(256), stream, random.randbytes(8)))
            case _:
                said.append(frame(6, 0, 0, bytes(8)))
    return said


def spoiled(octets: bytes, random: Random) -> bytes:
    """The same with a few octets changed, lost or added; often as it is."""
    spoilt = bytearray(octets)
    for _ in range(random.choice((0, 0, 1, 3))):
        at = random.randrange(len(spoilt))
        match random.randrange(3):
            case 0:
                spoilt[at] = random.randrange(256)
            case 1:
                del spoilt[at]
            case _:
                spoilt.insert(at, random.randrange(256))
    return bytes(spoilt)


def trial(random: Random) -> None:
    octets = PREFACE + spoiled(b"".join(frames(random)), random)
    server = Http2Server(max_streams=3, head_bytes=2048, tunnels=frozenset({b"websocket"}), key=lambda: b"key")
    server.begin()
    said = server.take()
    length: dict[int, int] = {}
    step = random.choice((1, 3, 50, len(octets)))
    ended_by: ConnectionFault | None = None
    try:
        for at in range(0, len(octets), step):
            for event in server.receive(octets[at : at + step], at / 1000):
                check(event, length)
                if isinstance(event, Opened) and random.random() < 0.5:
                    server.head(event.stream, [(b":status", b"200")])
                    server.content(event.stream, b"x", last=True)
            said += server.take()
    except ConnectionFault as fault:
        ended_by = fault
    said += server.take()
    if ended_by is not None:
        assert server.over
        assert ended_by.__cause__ is None, f"the library is not sure of itself: {ended_by.__cause__!r}"
        assert b"\x07\x00\x00\x00\x00\x00" in said, "no GOAWAY"
    assert well_formed(said)


def check(event: ServerEvent, length: dict[int, int]) -> None:
    """What is heard of a stream is one head, and no more content than it announces."""
    match event:
        case Opened():
            head = event.request.head
            assert head.endswith(END)
            assert head.count(END) == 1
            read = parse_request_head(head, line_limit=4096, count_limit=100)
            assert [name for name, _ in read.fields].count(b"host") == 1
            if event.request.length is not None:
                length[event.stream] = event.request.length
        case Content() if event.stream in length:
            length[event.stream] -= len(event.octets)
            assert length[event.stream] >= 0
        case Gone():
            length.pop(event.stream, None)
        case _:
            pass


def well_formed(said: bytes) -> bool:
    """Whether what the server said is whole frames."""
    splitter = FrameSplitter(block_limit=1 << 20)
    size = sum(len(one.octets) for one in splitter.split(PREFACE + said))
    return size == len(said)


TARGET = Target("http2_connection", trial)

if __name__ == "__main__":
    sys.exit(main(TARGET))
