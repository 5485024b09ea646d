"""WebSocket frames: RFC 6455, case by case, by property, and against the ``websockets`` library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close as TheirClose
from websockets.frames import Frame as TheirFrame
from websockets.protocol import OPEN, Protocol, Side

from antechamber.protocol.websocket import Binary, Close, Event, Lost, Ping, Pong, Receiver, Role, Text, Violation
from antechamber.protocol.websocket_frame import (
    CloseCode,
    Opcode,
    apply_mask,
    encode_close,
    encode_frame,
    may_be_sent,
)

MASK = b"\x37\xfa\x21\x3d"
LIMIT = 4096


def read(pieces: Sequence[bytes], *, role: Role = Role.CLIENT, limit: int = LIMIT) -> list[Event]:
    """All events of ``pieces`` and of the end of the bytes after them."""
    receiver = Receiver(role, message_limit_bytes=limit)
    events = [event for piece in pieces for event in receiver.feed(piece)]
    assert receiver.over is (bool(events) and isinstance(events[-1], Close | Violation))
    return events + receiver.feed_eof()


def frame(opcode: Opcode, payload: bytes = b"", *, fin: bool = True) -> bytes:
    return encode_frame(opcode, payload, fin=fin)


# --- the examples of RFC 6455 section 5.7 ---------------------------------------------------------------------------

RFC_EXAMPLES: list[tuple[str, Role, bytes, Event]] = [
    ("unmasked text", Role.CLIENT, bytes.fromhex("810548656c6c6f"), Text("Hello")),
    ("masked text", Role.SERVER, bytes.fromhex("818537fa213d7f9f4d5158"), Text("Hello")),
    ("fragmented text", Role.CLIENT, bytes.fromhex("010348656c80026c6f"), Text("Hello")),
    ("unmasked ping", Role.CLIENT, bytes.fromhex("890548656c6c6f"), Ping(b"Hello")),
    ("masked pong", Role.SERVER, bytes.fromhex("8a8537fa213d7f9f4d5158"), Pong(b"Hello")),
    ("256 bytes", Role.CLIENT, bytes.fromhex("827e0100") + bytes(256), Binary(bytes(256))),
    ("64 KiB", Role.CLIENT, bytes.fromhex("827f0000000000010000") + bytes(65536), Binary(bytes(65536))),
]


@pytest.mark.parametrize(("role", "wire", "event"), [row[1:] for row in RFC_EXAMPLES], ids=[r[0] for r in RFC_EXAMPLES])
def test_the_examples_of_the_rfc_are_read_whole_and_byte_by_byte(role: Role, wire: bytes, event: Event) -> None:
    pieces = [wire[at : at + 1] for at in range(len(wire))]
    assert read([wire], role=role, limit=65536) == [event, Lost(within_frame=False)]
    assert read(pieces, role=role, limit=65536) == [event, Lost(within_frame=False)]


# --- what is refused, and with which code ---------------------------------------------------------------------------

PROTOCOL_ERROR, INVALID_DATA, TOO_BIG = CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.TOO_BIG

REFUSED: list[tuple[str, bytes, CloseCode]] = [
    ("rsv1 without an extension (5.2)", b"\xc1\x00", PROTOCOL_ERROR),
    ("rsv3 without an extension (5.2)", b"\x91\x00", PROTOCOL_ERROR),
    ("reserved data opcode (5.2)", b"\x83\x00", PROTOCOL_ERROR),
    ("reserved control opcode (5.2)", b"\x8b\x00", PROTOCOL_ERROR),
    ("masked by a server (5.1)", b"\x81\x80" + MASK, PROTOCOL_ERROR),
    ("16-bit length below 126 (5.2)", b"\x82\x7e\x00\x7d" + bytes(125), PROTOCOL_ERROR),
    ("64-bit length below 65536 (5.2)", b"\x82\x7f" + (65535).to_bytes(8, "big"), PROTOCOL_ERROR),
    ("64-bit length with the top bit (5.2)", b"\x82\x7f\x80" + bytes(7), PROTOCOL_ERROR),
    ("fragmented ping (5.5)", b"\x09\x00", PROTOCOL_ERROR),
    ("ping of 126 bytes (5.5)", b"\x89\x7e\x00\x7e" + bytes(126), PROTOCOL_ERROR),
    ("continuation of nothing (5.4)", b"\x80\x00", PROTOCOL_ERROR),
    ("new text inside a text (5.4)", b"\x01\x01a\x81\x01b", PROTOCOL_ERROR),
    ("close of one byte (5.5.1)", b"\x88\x01\x03", PROTOCOL_ERROR),
    ("close 1005 on the wire (7.4.1)", b"\x88\x02\x03\xed", PROTOCOL_ERROR),
    ("close 999 (7.4.2)", b"\x88\x02\x03\xe7", PROTOCOL_ERROR),
    ("close reason not UTF-8 (5.5.1)", b"\x88\x03\x03\xe8\xff", INVALID_DATA),
    ("text not UTF-8 (8.1)", b"\x81\x01\xff", INVALID_DATA),
    ("text ends within a character (8.1)", b"\x81\x01\xc3", INVALID_DATA),
    ("surrogate in a text (8.1)", b"\x81\x03\xed\xa0\x80", INVALID_DATA),
    ("bad UTF-8 in a fragment, before its end (8.1)", b"\x01\x01\xff", INVALID_DATA),
    ("message over the limit", b"\x82\x7e\x10\x01", TOO_BIG),
    ("fragments over the limit together", b"\x02\x7e\x10\x00" + bytes(4096) + b"\x80\x01", TOO_BIG),
]


@pytest.mark.parametrize(("wire", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
@pytest.mark.parametrize("trailing", [b"", b"\x81\x01x"], ids=["alone", "with a frame behind"])
def test_what_the_rfc_forbids_ends_the_connection_with_its_code(wire: bytes, code: CloseCode, trailing: bytes) -> None:
    pieces = [bytes([byte]) for byte in wire + trailing]
    (whole,) = read([wire + trailing])
    assert isinstance(whole, Violation)
    assert whole.code == code
    assert read(pieces) == [whole]


def test_a_server_refuses_an_unmasked_frame() -> None:
    (event,) = read([b"\x81\x00"], role=Role.SERVER)
    assert event == Violation(PROTOCOL_ERROR, "frame is not masked")


def test_control_frames_may_stand_between_fragments() -> None:
    """RFC 6455 section 5.4."""
    parts = [frame(Opcode.TEXT, b"\xc3", fin=False), frame(Opcode.PING, b"?"), frame(Opcode.CONTINUATION, b"\xa9")]
    assert read(parts) == [Ping(b"?"), Text("é"), Lost(within_frame=False)]


def test_bytes_after_a_close_frame_are_discarded() -> None:
    """RFC 6455 section 1.4."""
    assert read([frame(Opcode.CLOSE) + b"\xff\xff\xff"]) == [Close(None, "")]


def test_an_end_in_the_middle_of_a_frame_is_told_from_an_end_between_frames() -> None:
    assert read([b"\x81"]) == [Lost(within_frame=True)]
    assert read([b"\x81\x02a"]) == [Lost(within_frame=True)]
    assert read([b"\x01\x01a"]) == [Lost(within_frame=False)]


def test_the_next_message_starts_with_a_full_size_allowance() -> None:
    wire = frame(Opcode.BINARY, bytes(LIMIT))
    assert read([wire + wire]) == [Binary(bytes(LIMIT)), Binary(bytes(LIMIT)), Lost(within_frame=False)]


# --- properties -----------------------------------------------------------------------------------------------------

opcodes = st.sampled_from(list(Opcode))
plausible_frames = st.builds(
    lambda opcode, payload, fin, masked: encode_frame(
        opcode,
        payload[:125] if opcode.control else payload,
        fin=fin or opcode.control,
        mask=MASK if masked else None,
    ),
    opcodes,
    st.one_of(st.binary(max_size=200), st.text(max_size=60).map(str.encode), st.just(b"\x03\xe8bye")),
    st.booleans(),
    st.sampled_from([False] * 9 + [True]),
)
wires = st.one_of(
    st.lists(plausible_frames, max_size=6).map(b"".join),
    st.binary(max_size=40),
    st.tuples(st.lists(plausible_frames, max_size=3).map(b"".join), st.binary(max_size=12)).map(b"".join),
)


@st.composite
def cut(draw: st.DrawFn, source: st.SearchStrategy[bytes]) -> tuple[bytes, list[bytes]]:
    """Bytes, and the same bytes in pieces."""
    wire = draw(source)
    cuts = sorted(draw(st.sets(st.integers(0, len(wire)), max_size=12)) | {0, len(wire)})
    return wire, [wire[a:b] for a, b in pairwise(cuts)]


@given(cut(wires), st.sampled_from(Role))
def test_every_cut_of_the_bytes_gives_the_same_events(sample: tuple[bytes, list[bytes]], role: Role) -> None:
    wire, pieces = sample
    assert read(pieces, role=role, limit=150) == read([wire], role=role, limit=150)


@given(st.lists(st.one_of(st.text(max_size=300), st.binary(max_size=300)), max_size=5), st.none() | st.just(MASK))
def test_what_is_written_is_read_back(messages: list[str | bytes], mask: bytes | None) -> None:
    wire = b"".join(
        encode_frame(Opcode.TEXT, message.encode(), mask=mask)
        if isinstance(message, str)
        else encode_frame(Opcode.BINARY, message, mask=mask)
        for message in messages
    )
    expected: list[Event] = [Text(m) if isinstance(m, str) else Binary(m) for m in messages]
    role = Role.SERVER if mask else Role.CLIENT
    assert read([wire], role=role) == [*expected, Lost(within_frame=False)]


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_masking_is_the_xor_of_the_rfc_and_its_own_inverse(payload: bytes, mask: bytes) -> None:
    """RFC 6455 section 5.3: transformed[i] = original[i] XOR key[i MOD 4]."""
    masked = apply_mask(payload, mask)
    assert masked == bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    assert apply_mask(masked, mask) == payload


@given(st.integers(1000, 4999).filter(may_be_sent), st.text(max_size=200))
def test_a_close_reason_is_cut_at_a_character_to_fit_the_frame(code: int, reason: str) -> None:
    close, *rest = read([encode_close(code, reason)])
    assert rest == []
    assert isinstance(close, Close)
    assert close.code == code
    assert reason.startswith(close.reason)
    assert len(reason.encode()) - len(close.reason.encode()) <= max(0, len(reason.encode()) - 120)


@pytest.mark.parametrize(
    "write",
    [
        lambda: encode_frame(Opcode.TEXT, mask=b"abc"),
        lambda: encode_frame(Opcode.PING, bytes(126)),
        lambda: encode_frame(Opcode.PING, fin=False),
        lambda: encode_close(CloseCode.NO_STATUS),
    ],
    ids=["mask of three bytes", "long ping", "fragmented ping", "close 1005"],
)
def test_frames_that_must_not_exist_cannot_be_written(write: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match=r"mask|control|code"):
        write()


# --- differential: the same frames through the sans-IO core of ``websockets`` ----------------------------------------


def read_theirs(wire: bytes, side: Side, limit: int) -> tuple[list[Event], int | None, bool]:
    """Messages and control frames as ``websockets`` sees them, the code it would close with, and whether a message was
    still in pieces by then.
    """
    protocol = Protocol(side, state=OPEN, max_size=limit)
    protocol.receive_data(wire)
    events: list[Event] = []
    text, parts, unfinished = False, b"", False
    for item in protocol.events_received():
        assert isinstance(item, TheirFrame)
        opcode = int(item.opcode)
        match opcode:
            case Opcode.PING:
                events.append(Ping(bytes(item.data)))
            case Opcode.PONG:
                events.append(Pong(bytes(item.data)))
            case Opcode.CLOSE:
                theirs = TheirClose.parse(item.data)
                events.append(Close(int(theirs.code) if item.data else None, theirs.reason))
            case _:
                text, parts = (text, parts) if opcode == Opcode.CONTINUATION else (opcode == Opcode.TEXT, b"")
                parts += bytes(item.data)
                unfinished = not item.fin
                if item.fin:
                    events.append(Text(parts.decode()) if text else Binary(parts))
    failed = protocol.parser_exc is not None and protocol.close_sent is not None
    return events, int(protocol.close_sent.code) if failed and protocol.close_sent else None, unfinished


def has_valid_text(wire: bytes, role: Role, limit: int) -> bool:
    """The sans-IO core of ``websockets`` leaves UTF-8 and shortest lengths to others; such inputs are not compared."""
    faults = [event for event in read([wire], role=role, limit=limit) if isinstance(event, Violation)]
    return not any("UTF-8" in fault.reason or "shortest" in fault.reason for fault in faults)


@given(wires, st.sampled_from(Role), st.sampled_from([150, LIMIT]))
def test_frames_are_read_as_the_websockets_library_reads_them(wire: bytes, role: Role, limit: int) -> None:
    if not has_valid_text(wire, role, limit):
        return
    events = read([wire], role=role, limit=limit)
    ours = [event for event in events if not isinstance(event, Lost | Violation)]
    our_code = next((int(event.code) for event in events if isinstance(event, Violation)), None)
    theirs, their_code, unfinished = read_theirs(wire, Side.CLIENT if role is Role.CLIENT else Side.SERVER, limit)
    if unfinished and their_code == PROTOCOL_ERROR and ours and isinstance(ours[-1], Close):
        # They refuse a Close between the fragments of a message; RFC 6455 5.4 lets control frames stand there.
        assert ours[:-1] == theirs
        return
    assert ours == theirs
    if their_code is None:
        # We refuse a head as soon as it is here; they wait for the payload of a frame that cannot become valid.
        assert our_code in (None, PROTOCOL_ERROR, TOO_BIG)
    elif our_code is None:
        # They judge a frame by its first two bytes; we wait for the rest of its head, which never came.
        assert events[-1] == Lost(within_frame=True)
    else:
        # One frame may hold two faults, and which is named first is free.
        assert our_code == their_code or {our_code, their_code} in ({1002, 1009}, {1002, 1007})
