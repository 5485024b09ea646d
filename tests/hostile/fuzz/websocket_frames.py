"""WebSocket frames: messages come back as they were sent, noise ends in one violation, cuts do not matter."""

from __future__ import annotations

import sys
from random import Random

from antechamber.protocol.websocket import Binary, Close, Event, Lost, Ping, Receiver, Role, Text, Violation
from antechamber.protocol.websocket_frame import Opcode, encode_close, encode_frame
from tests.hostile.fuzz.drive import Target, main
from tests.protocol.material import cuts

LIMIT_BYTES = 1 << 16
TEXTS = ("", "a", "zażółć gęślą jaźń", "\N{GRINNING FACE}" * 50, "x" * 125, "y" * 126, "z" * 65535)


def trial(random: Random) -> None:
    sent, octets = _conversation(random)
    assert _events([octets]) == sent
    spoiled = _spoiled(octets, random)
    whole = _events([spoiled])
    assert whole == _events(cuts(spoiled, random)), spoiled[:200]
    ends = [event for event in whole if isinstance(event, Close | Violation | Lost)]
    assert ends == whole[-1:], "exactly one end, and nothing behind it"


def _events(pieces: list[bytes]) -> list[Event]:
    receiver = Receiver(Role.SERVER, message_limit_bytes=LIMIT_BYTES)
    events = [event for piece in pieces for event in receiver.feed(piece)]
    return events + receiver.feed_eof()


def _conversation(random: Random) -> tuple[list[Event], bytes]:
    """Messages in one to three frames with pings between them, and an orderly close."""
    events: list[Event] = []
    octets = b""
    for _ in range(random.randrange(4)):
        message = _message(random)
        data = message.data if isinstance(message, Binary) else message.text.encode()
        parts = _parts(data, random)
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            first = Opcode.BINARY if isinstance(message, Binary) else Opcode.TEXT
            octets += encode_frame(Opcode.CONTINUATION if number else first, part, mask=random.randbytes(4), fin=last)
            if not last and random.random() < 0.3:
                octets += encode_frame(Opcode.PING, b"?", mask=random.randbytes(4))
                events.append(Ping(b"?"))
        events.append(message)
    return [*events, Close(1000, "bye")], octets + encode_close(1000, "bye", mask=b"abcd")


def _message(random: Random) -> Text | Binary:
    text = random.choice(TEXTS)
    return Binary(text.encode()) if random.random() < 0.5 else Text(text)


def _parts(data: bytes, random: Random) -> list[bytes]:
    first, second = sorted(random.randrange(len(data) + 1) for _ in range(2))
    return random.choice(([data], [data[:first], data[first:]], [data[:first], data[first:second], data[second:]]))


def _spoiled(octets: bytes, random: Random) -> bytes:
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(octets) + 1)
        octets = octets[:at] + random.randbytes(random.randrange(3)) + octets[at + random.randrange(3) :]
    return octets


TARGET = Target("websocket_frames", trial)

if __name__ == "__main__":
    sys.exit(main(TARGET))
