"""The server's side of an HTTP/2 connection, byte by byte, with the ``h2`` library's client as the other side."""

from __future__ import annotations

from h2.events import DataReceived, RemoteSettingsChanged, ResponseReceived, StreamReset
from h2.settings import SettingCodes

from antechamber.protocol.http2_events import Content, Drained, Ended, Gone, Opened, Room, Unwanted
from antechamber.protocol.http2_server import (
    CONNECTION_WINDOW_BYTES,
    STREAM_WINDOW_BYTES,
)
from tests.protocol.http2_pair import (
    CANCEL,
    HEAD_BYTES,
    MOST,
    PROTOCOL_ERROR,
    REFUSED_STREAM,
    Pair,
    fields,
    frame,
)


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
