"""The server's side of an HTTP/2 connection, byte by byte, with the ``h2`` library's client as the other side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, RemoteSettingsChanged, ResponseReceived, StreamReset
from h2.settings import SettingCodes

from antechamber.protocol.http2_events import Content, Drained, Ended, Gone, Opened, Room, ServerEvent, Unwanted
from antechamber.protocol.http2_frames import PREFACE, Allowance
from antechamber.protocol.http2_server import (
    CONNECTION_WINDOW_BYTES,
    FRAMES_IN_A_BURST,
    STREAM_WINDOW_BYTES,
    ConnectionFault,
    Http2Server,
)

NO_ERROR, PROTOCOL_ERROR, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM = 0, 1, 6, 7, 8, 11
MOST = 4
HEAD_BYTES = 4096


def fields(method: bytes = b"GET", *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return [(b":method", method), (b":scheme", b"https"), (b":authority", b"app.test"), (b":path", b"/"), *more]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


class Pair:
    """A server and a client that hand each other octets; ``bytewise`` hands them over one by one."""

    def __init__(self, *, bytewise: bool = False) -> None:
        self.server = Http2Server(
            max_streams=MOST, head_bytes=HEAD_BYTES, tunnels=frozenset({b"websocket"}), key=lambda: b"a key"
        )
        self.server.begin()
        self.client = H2Connection(
            H2Configuration(header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False)
        )
        self.client.initiate_connection()
        self.now = 100.0
        self._bytewise = bytewise
        self.said = self.client.receive_data(self.server.take())
        self.hear()
        self.say()

    def hear(self, data: bytes = b"") -> list[ServerEvent]:
        """What the server hears of ``data``, or of what the client has to say."""
        data = data or self.client.data_to_send()
        pieces = [data[at : at + 1] for at in range(len(data))] if self._bytewise else [data]
        return [event for piece in pieces for event in self.server.receive(piece, self.now)]

    def say(self) -> list[object]:
        """What the client hears of what the server has to say."""
        return list(self.client.receive_data(self.server.take()))

    def ask(self, *more: tuple[bytes, bytes], method: bytes = b"GET", ended: bool = True) -> int:
        number = self.client.get_next_available_stream_id()
        self.client.send_headers(number, fields(method, *more), end_stream=ended)
        return number

    def goaway(self) -> ConnectionTerminated:
        (terminated,) = [event for event in self.say() if isinstance(event, ConnectionTerminated)]
        return terminated


@pytest.fixture(params=[False, True], ids=["whole", "byte by byte"])
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair(bytewise=request.param)


def of(kind: type[object], events: list[object]) -> list[object]:
    return [event for event in events if isinstance(event, kind)]


def test_the_server_begins_with_its_settings_and_a_wide_window(pair: Pair) -> None:
    (changed,) = [event for event in pair.said if isinstance(event, RemoteSettingsChanged)]
    settings = {code: one.new_value for code, one in changed.changed_settings.items()}
    assert settings[SettingCodes.MAX_CONCURRENT_STREAMS] == MOST
    assert settings[SettingCodes.ENABLE_CONNECT_PROTOCOL] == 1
    assert settings[SettingCodes.MAX_HEADER_LIST_SIZE] == HEAD_BYTES
    assert settings[SettingCodes.INITIAL_WINDOW_SIZE] == STREAM_WINDOW_BYTES
    assert pair.client.outbound_flow_control_window == CONNECTION_WINDOW_BYTES


def test_a_request_and_its_response(pair: Pair) -> None:
    number = pair.ask(method=b"POST", ended=False)
    (opened,) = pair.hear()
    assert isinstance(opened, Opened)
    assert (opened.stream, opened.ended, opened.request.chunked) == (number, False, True)
    pair.client.send_data(number, b"abc", pad_length=5)
    pair.client.send_data(number, b"def", end_stream=True)
    assert pair.hear() == [Content(number, b"abc", 9), Content(number, b"def", 3), Ended(number)]
    pair.server.head(number, [(b":status", b"200")])
    pair.server.content(number, b"answer")
    pair.server.content(number, b"", last=True)
    kinds = [type(event).__name__ for event in pair.say()]
    assert kinds == ["ResponseReceived", "DataReceived", "DataReceived", "StreamEnded"]
    assert pair.server.room(number) == 0


def test_what_is_said_on_a_stream_that_is_gone_goes_nowhere(pair: Pair) -> None:
    number = pair.ask()
    pair.hear()
    pair.client.reset_stream(number, CANCEL)
    assert pair.hear() == [Gone(number, CANCEL)]
    pair.server.head(number, [(b":status", b"200")])
    pair.server.content(number, b"x")
    pair.server.reset(number, CANCEL)
    pair.server.acknowledge(number, 10)
    assert of(ResponseReceived, pair.say()) == []


def test_content_is_counted_against_its_announced_length(pair: Pair) -> None:
    long, short, exact = [pair.ask((b"content-length", b"3"), method=b"POST", ended=False) for _ in range(3)]
    pair.hear()
    for number, octets in ((long, b"abcd"), (short, b"ab"), (exact, b"abc")):
        pair.client.send_data(number, octets, end_stream=number != long)
    events = pair.hear()
    assert [(event.stream, event.code) for event in events if isinstance(event, Gone)] == [
        (long, PROTOCOL_ERROR),
        (short, PROTOCOL_ERROR),
    ]
    assert events[-2:] == [Content(exact, b"abc", 3), Ended(exact)]
    assert {event.stream_id for event in pair.say() if isinstance(event, StreamReset)} == {long, short}


def test_padding_is_no_content(pair: Pair) -> None:
    number = pair.ask((b"content-length", b"3"), method=b"POST", ended=False)
    pair.hear()
    pair.client.send_data(number, b"abc", end_stream=True, pad_length=100)
    assert pair.hear() == [Content(number, b"abc", 104), Ended(number)]


def test_a_malformed_request_costs_its_stream_and_no_other(pair: Pair) -> None:
    good = pair.ask()
    bad = pair.ask((b"connection", b"close"))
    opened, gone = pair.hear()
    assert isinstance(opened, Opened)
    assert isinstance(gone, Gone)
    assert (gone.stream, gone.code) == (bad, PROTOCOL_ERROR)
    assert gone.detail
    pair.server.head(good, [(b":status", b"204")], last=True)
    events = pair.say()
    assert [event.stream_id for event in events if isinstance(event, StreamReset)] == [bad]
    assert [event.stream_id for event in events if isinstance(event, ResponseReceived)] == [good]


def test_a_protocol_that_is_not_relayed_is_told(pair: Pair) -> None:
    number = pair.ask((b"a", b"1"), method=b"GET")
    pair.hear()
    pair.client.send_headers(number + 2, [*fields(b"CONNECT")[:4], (b":protocol", b"other")])
    (unwanted,) = pair.hear()
    assert isinstance(unwanted, Unwanted)
    assert (unwanted.stream, unwanted.fault.status) == (number + 2, 501)


def test_streams_over_the_limit_are_refused_and_may_be_repeated(pair: Pair) -> None:
    pair.client.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 1000
    pair.client.remote_settings.acknowledge()
    numbers = [pair.ask() for _ in range(MOST + 2)]
    assert [event.stream for event in pair.hear() if isinstance(event, Opened)] == numbers[:MOST]
    resets = [event for event in pair.say() if isinstance(event, StreamReset)]
    assert [(event.stream_id, event.error_code) for event in resets] == [
        (number, REFUSED_STREAM) for number in numbers[MOST:]
    ]
    pair.server.head(numbers[0], [(b":status", b"204")], last=True)
    pair.say()
    pair.ask()
    assert len(pair.hear()) == 1


def test_windows_bound_what_is_said_and_grow_again(pair: Pair) -> None:
    number = pair.ask()
    pair.hear()
    pair.server.head(number, [(b":status", b"200")])
    said = 0
    while room := pair.server.room(number):
        assert room <= 16384
        pair.server.content(number, b"x" * room)
        said += room
    assert said == 65535
    received = [event for event in pair.say() if isinstance(event, DataReceived)]
    for event in received:
        pair.client.acknowledge_received_data(event.flow_controlled_length, number)
    assert {event.stream for event in pair.hear() if isinstance(event, Room)} == {0, number}
    assert pair.server.room(number) > 0


def test_a_window_that_overflows_costs_its_stream(pair: Pair) -> None:
    number = pair.ask()
    pair.hear()
    (gone,) = pair.hear(frame(8, 0, number, (2**31 - 1).to_bytes(4)))
    assert isinstance(gone, Gone)
    assert gone.stream == number


# What costs us much and a client nothing


def repeated(act: Callable[[], object]) -> None:
    for _ in range(1000):
        act()


FLOODS: dict[str, Callable[[int], bytes]] = {
    "pings": lambda number: frame(6, 0, 0, bytes(8)),
    "settings": lambda number: frame(4, 0, 0),
    "settings acknowledged": lambda number: frame(4, 1, 0),
    "priorities": lambda number: frame(2, 0, number, bytes(4) + b"\x10"),
    "empty content": lambda number: frame(0, 0, number),
    "padding": lambda number: frame(0, 8, number, b"\x01\x00"),
    "window updates": lambda number: frame(8, 0, 0, (1).to_bytes(4)),
    "window updates of a stream": lambda number: frame(8, 0, number, (1).to_bytes(4)),
    "unknown frames": lambda number: frame(0xBE, 0, 0, b"anything"),
    "farewells": lambda number: frame(7, 0, 0, bytes(8)),
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_of_frames_that_carry_nothing_ends_the_connection(flood: Callable[[int], bytes]) -> None:
    """CVE-2019-9511 to 9518: data dribble, ping, reset, settings and empty frames flood."""
    pair = Pair()
    number = pair.ask(method=b"POST", ended=False)
    pair.hear()
    octets = flood(number)
    with pytest.raises(ConnectionFault, match="carry nothing"):
        pair.hear(octets * (int(FRAMES_IN_A_BURST) + 1))
    assert pair.goaway().error_code == ENHANCE_YOUR_CALM


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_the_same_frames_at_a_humane_pace_are_borne(flood: Callable[[int], bytes]) -> None:
    pair = Pair()
    number = pair.ask(method=b"POST", ended=False)
    pair.hear()
    for _ in range(30):
        pair.hear(flood(number) * 100)
        pair.server.take()
        pair.now += 1
    assert not pair.server.over


def test_window_updates_that_answer_content_are_free() -> None:
    pair = Pair()
    number = pair.ask()
    pair.hear()
    pair.server.head(number, [(b":status", b"200")])
    for _ in range(int(FRAMES_IN_A_BURST) * 2):
        pair.server.content(number, b"x")
        pair.server.take()
        pair.hear(frame(8, 0, 0, (1).to_bytes(4)) + frame(8, 0, number, (1).to_bytes(4)))
    assert not pair.server.over


def test_streams_opened_and_reset_at_once_end_the_connection() -> None:
    """CVE-2023-44487, Rapid Reset."""
    pair = Pair()

    def act() -> None:
        pair.client.reset_stream(pair.ask(), CANCEL)
        pair.hear()

    with pytest.raises(ConnectionFault, match="too fast"):
        repeated(act)
    assert pair.client.highest_outbound_stream_id < 100
    assert pair.goaway().error_code == ENHANCE_YOUR_CALM


def test_streams_that_are_made_to_be_reset_by_us_end_the_connection() -> None:
    """CVE-2025-8671, MadeYouReset."""
    pair = Pair()

    def act() -> None:
        pair.ask((b"connection", b"close"))
        pair.hear()
        pair.say()

    with pytest.raises(ConnectionFault, match="malformed"):
        repeated(act)
    assert pair.goaway().error_code == ENHANCE_YOUR_CALM


def test_a_client_that_ignores_the_limit_on_streams_is_sent_away() -> None:
    pair = Pair()
    pair.client.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 100_000
    pair.client.remote_settings.acknowledge()

    def act() -> None:
        pair.ask()
        pair.hear()

    with pytest.raises(ConnectionFault, match="again and again"):
        repeated(act)
    assert pair.server.over


def test_a_head_in_endless_continuations_ends_the_connection(pair: Pair) -> None:
    """CVE-2024-27316 and its siblings: the block is bounded as it comes, not when it is complete."""
    pair.hear(frame(1, 0x1, 1, bytes(1000)))
    with pytest.raises(ConnectionFault, match="header block larger"):
        repeated(lambda: pair.hear(frame(9, 0, 1, bytes(1000))))
    assert pair.server.over


def test_a_small_block_that_unpacks_to_a_large_one_ends_the_connection(pair: Pair) -> None:
    """CVE-2016-6581, the HPACK bomb."""
    pair.ask((b"x", b"a" * 3000))
    pair.hear()
    pair.client.encoder.header_table_size = 4096
    block = pair.client.encoder.encode([*fields(), *[(b"x", b"a" * 3000)] * 20])
    assert len(block) < 200
    with pytest.raises(ConnectionFault):
        pair.hear(frame(1, 0x5, 3, block))
    assert pair.goaway().error_code == ENHANCE_YOUR_CALM


NOT_HTTP2: dict[str, bytes] = {
    "a frame that is too large": (16385).to_bytes(3) + bytes(6),
    "content of no stream": frame(0, 0, 7, b"x"),
    "content of the connection": frame(0, 0, 0, b"x"),
    "a stream of even number": frame(1, 0x5, 2, b"\x82"),
    "a promise": frame(5, 0x4, 1, b"\x00\x00\x00\x02\x82"),
    "a continuation of nothing": frame(9, 0x4, 1, b"\x82"),
    "a block that is broken into": frame(1, 0, 1, b"\x82") + frame(6, 0, 0, bytes(8)),
    "a block that is broken into by what is of no interest": frame(1, 0, 1, b"\x82") + frame(2, 0, 1, bytes(5)),
    "a block that is no HPACK": frame(1, 0x5, 1, b"\xff\xff\xff\xff\xff"),
    "an index of nothing": frame(1, 0x5, 1, b"\xbf"),
    "settings of odd length": frame(4, 0, 0, b"12345"),
    "settings of a stream": frame(4, 0, 1),
    "a window that is too large": frame(4, 0, 0, b"\x00\x04\x80\x00\x00\x00"),
    "a frame size that is too small": frame(4, 0, 0, b"\x00\x05\x00\x00\x00\x01"),
    "a ping of the wrong length": frame(6, 0, 0, b"1234"),
    "a ping of a stream": frame(6, 0, 1, bytes(8)),
    "a window update of nothing": frame(8, 0, 0, bytes(4)),
    "a connection window that overflows": frame(8, 0, 0, (2**31 - 1).to_bytes(4)),
    "a reset of no stream": frame(3, 0, 0, bytes(4)),
    "a reset of the wrong length": frame(3, 0, 1, b"1"),
    "a priority of the connection": frame(2, 0, 0, bytes(5)),
    "a priority of the wrong length": frame(2, 0, 1, b"1"),
    "a farewell of a stream": frame(7, 0, 1, bytes(8)),
    "a farewell that is too short": frame(7, 0, 0, b"1"),
    "padding longer than its frame": frame(1, 0xD, 1, b"\xff\x82"),
    "HTTP/1.1": b"GET / HTTP/1.1\r\n",
}


@pytest.mark.parametrize("octets", NOT_HTTP2.values(), ids=NOT_HTTP2)
def test_what_is_not_http2_ends_the_connection_with_a_reason(pair: Pair, octets: bytes) -> None:
    with pytest.raises(ConnectionFault) as fault:
        pair.hear(octets)
    assert fault.value.detail
    assert pair.server.over
    assert b"\x07\x00\x00\x00\x00\x00" in pair.server.take(), "no GOAWAY"


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", PREFACE[:10] + b"x", b"\x00" * 30])
def test_what_does_not_begin_as_http2_ends_at_once(octets: bytes) -> None:
    server = Http2Server(max_streams=1, head_bytes=1024, tunnels=frozenset(), key=bytes)
    server.begin()
    with pytest.raises(ConnectionFault, match="does not begin"):
        list(server.receive(octets, 0))


def test_what_is_of_no_interest_is_thrown_away(pair: Pair) -> None:
    number = pair.ask(method=b"POST", ended=False)
    pair.hear()
    noise = frame(2, 0, number, number.to_bytes(4) + b"\x10") + frame(0x0A, 0, 0, b"altsvc") + frame(0xFF, 0xFF, 9, b"")
    assert pair.hear(noise) == []
    pair.client.send_data(number, b"", end_stream=True)
    assert pair.hear() == [Ended(number)]


# Ends


def test_a_drain_has_two_steps_and_loses_no_request(pair: Pair) -> None:
    """RFC 9113 6.8: what was under way when the client learned of it is still served."""
    first = pair.ask()
    pair.hear()
    pair.server.announce_end()
    octets = pair.server.take()
    late = pair.ask()
    (opened,) = pair.hear()
    assert isinstance(opened, Opened)
    client = pair.client
    pings = [octets[at : at + 17] for at in range(len(octets)) if octets[at : at + 5] == b"\x00\x00\x08\x06\x00"]
    assert len(pings) == 1
    (drained,) = pair.hear(frame(6, 1, 0, pings[0][9:]))
    assert isinstance(drained, Drained)
    pair.server.take_no_more()
    pair.server.take()
    client.send_headers(late + 2, fields(), end_stream=True)
    assert pair.hear() == []
    for number in (first, late):
        pair.server.head(number, [(b":status", b"204")], last=True)
    assert {event.stream_id for event in pair.say() if isinstance(event, ResponseReceived)} == {first, late}


def test_a_client_that_says_goodbye_still_gets_its_answers(pair: Pair) -> None:
    number = pair.ask()
    pair.hear()
    assert pair.hear(frame(7, 0, 0, bytes(8))) == []
    pair.server.head(number, [(b":status", b"204")], last=True)
    assert len(of(ResponseReceived, pair.say())) == 1


def test_an_allowance_comes_back_with_time() -> None:
    allowance = Allowance(burst=2, per_s=1)
    assert [allowance.take(10.0) for _ in range(3)] == [True, True, False]
    assert allowance.take(12.5)
    allowance.earn(100)
    assert [allowance.take(12.5) for _ in range(3)] == [True, True, False]
