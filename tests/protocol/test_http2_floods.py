"""What costs a server much and a client nothing, and what is not HTTP/2: the connection ends, with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from h2.settings import SettingCodes
from hpack.hpack import Encoder

from antechamber.protocol.http2_allowances import FRAMES_IN_A_BURST, Allowance
from antechamber.protocol.http2_events import Ended
from antechamber.protocol.http2_frames import PREFACE
from antechamber.protocol.http2_server import ConnectionFault, Http2Server
from tests.protocol.http2_pair import (
    CANCEL,
    ENHANCE_YOUR_CALM,
    Pair,
    fields,
    frame,
)


def repeated(act: Callable[[], object]) -> None:
    for _ in range(1000):
        act()


def opened_and_reset(pair: Pair, heads: Sequence[bytes], *, pause_s: float = 0) -> None:
    """Send each head, a pause before it, and let the server reset its stream at once."""
    for index, octets in enumerate(heads):
        pair.now += pause_s
        pair.hear(octets)
        pair.server.reset(2 * index + 1, CANCEL)
        pair.server.take()


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


BLOCK = Encoder().encode(fields())
MADE_TO_RESET: dict[str, Callable[[int], bytes]] = {
    "a malformed head": lambda number: frame(1, 5, number, Encoder().encode([*fields(), (b"connection", b"close")])),
    "content behind the end": lambda number: frame(1, 5, number, BLOCK) + frame(0, 0, number, bytes(200)),
    "an end behind the end": lambda number: frame(1, 5, number, BLOCK) + frame(0, 1, number),
    "a head behind the end": lambda number: frame(1, 5, number, BLOCK) * 2,
    "a window that overflows": lambda number: frame(1, 5, number, BLOCK) + frame(8, 0, number, b"\x7f\xff\xff\xff"),
}


@pytest.mark.parametrize("made", MADE_TO_RESET.values(), ids=MADE_TO_RESET)
def test_streams_that_are_made_to_be_reset_by_us_end_the_connection(made: Callable[[int], bytes]) -> None:
    """CVE-2025-8671, MadeYouReset: each costs the app a request, and leaves room for the next."""
    pair, numbers = Pair(), iter(range(1, 2000, 2))
    with pytest.raises(ConnectionFault, match="again and again"):
        repeated(lambda: pair.hear(made(next(numbers))))
    assert next(numbers) < 100
    assert pair.server.over


def test_a_page_that_is_left_once_in_a_while_is_borne() -> None:
    pair = Pair()
    for number in range(1, 400, 2):
        pair.hear(MADE_TO_RESET["an end behind the end"](number))
        pair.now += 0.1
    assert not pair.server.over


LATE: dict[str, bytes] = {
    "content": frame(0, 0, 1, bytes(200)),
    "ends": frame(0, 1, 1),
    "heads": frame(1, 5, 1, BLOCK),
}


@pytest.mark.parametrize("octets", LATE.values(), ids=LATE)
def test_frames_for_a_stream_that_was_reset_are_borne_for_a_while(octets: bytes) -> None:
    """What was under way may come (RFC 9113 5.1); each is answered, so it may not come for ever."""
    pair = Pair()
    pair.client.reset_stream(pair.ask(), CANCEL)
    pair.hear()
    for _ in range(1000):
        pair.hear(octets)
    with pytest.raises(ConnectionFault, match=r"too fast|carry nothing"):
        repeated(lambda: pair.hear(octets))


def test_a_window_opened_octet_by_octet_earns_nothing() -> None:
    """CVE-2019-9511, data dribble: one frame from us for each of the client's."""
    pair = Pair()
    pair.client.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    number = pair.ask()
    pair.hear()
    pair.server.head(number, [(b":status", b"200")])

    def act() -> None:
        for _ in range(3):
            pair.hear(frame(8, 0, number, (1).to_bytes(4)))
            pair.server.content(number, b"x")
            pair.server.take()

    with pytest.raises(ConnectionFault, match="carry nothing"):
        repeated(act)


def test_heads_of_thousands_of_fields_end_the_connection_unless_they_come_slowly() -> None:
    """A field of the static table is one octet on the wire, and 3 µs of work."""
    octets = [frame(1, 5, number, BLOCK + b"\x8f" * 400) for number in range(1, 1000, 2)]
    opened_and_reset(slow := Pair(), octets[:100], pause_s=1)
    assert not slow.server.over
    with pytest.raises(ConnectionFault, match="too many fields"):
        opened_and_reset(Pair(), octets)


def test_streams_behind_a_farewell_are_refused_for_a_while() -> None:
    pair, numbers = Pair(), iter(range(3, 4000, 2))
    pair.hear(frame(1, 5, 1, BLOCK))
    pair.server.take_no_more()
    with pytest.raises(ConnectionFault, match="behind GOAWAY"):
        repeated(lambda: pair.hear(frame(1, 5, next(numbers), BLOCK)))


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


def test_an_allowance_comes_back_with_time() -> None:
    allowance = Allowance(burst=2, per_s=1)
    assert [allowance.take(10.0) for _ in range(3)] == [True, True, False]
    assert allowance.take(12.5)
    allowance.earn(100)
    assert [allowance.take(12.5) for _ in range(3)] == [True, True, False]


def test_content_that_dribbles_ends_the_connection_unless_it_comes_slowly() -> None:
    slow, fast = Pair(), Pair()
    for pair in (slow, fast):
        pair.ask(method=b"POST", ended=False)
        pair.hear()
    for _ in range(30):
        slow.now += 1
        slow.hear(frame(0, 0, 1, b"x") * 1500)
        slow.server.acknowledge(1, 1500)
        slow.server.take()
    with pytest.raises(ConnectionFault, match="too small"):
        repeated(lambda: fast.hear(frame(0, 0, 1, b"x") * 100))


def test_heads_that_take_long_to_unpack_end_the_connection_unless_they_come_slowly() -> None:
    """Each is within its limit; Huffman's code makes unpacking a kilobyte cost what a hundred frames do."""
    octets = [frame(1, 5, number, Encoder().encode([*fields(), (b"x", b"a1Z_" * 800)])) for number in range(1, 2000, 2)]
    opened_and_reset(slow := Pair(), octets[:100], pause_s=1)
    assert not slow.server.over
    with pytest.raises(ConnectionFault, match="too much in request heads"):
        opened_and_reset(Pair(), octets)


def test_a_long_value_is_said_in_no_time_and_as_it_is() -> None:
    """The library's own way takes time that grows with the square of the length."""
    pair = Pair()
    number = pair.ask()
    pair.hear()
    pair.server.head(number, [(b":status", b"200"), (b"x", b"a" * 100_000)])
    assert b"a" * 16000 in pair.server.take()
