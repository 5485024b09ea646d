"""One request over HTTP/2, spoken with the ``h2`` library's server side: what is sent, and what is heard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes, Settings

from antechamber.protocol.answer import AnswerEvent, Asked, Content, Done, Fault, Head, Interim
from antechamber.protocol.http2 import Http2Client

Hear = Callable[[Http2Client, bytes], list[AnswerEvent]]

GET = Asked(method="GET", scheme="https", authority="app.test", path="/x?y=1", fields=((b"Accept", b"a/b"),))


def post(size: int) -> Asked:
    return Asked(method="POST", scheme="https", authority="app.test", path="/up", body_bytes=size)


class Peer:
    """The other side of the connection: the library's server."""

    def __init__(self, *, window: int = 65535) -> None:
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="ascii"))
        self.h2.local_settings = Settings(
            client=False, initial_values={SettingCodes.INITIAL_WINDOW_SIZE: window, SettingCodes.MAX_FRAME_SIZE: 16384}
        )
        self.h2.initiate_connection()
        self.headers: list[tuple[str, str]] = []
        self.body = b""
        self.ended = False

    def take(self, data: bytes) -> bytes:
        for event in self.h2.receive_data(data):
            match event:
                case RequestReceived():
                    self.headers = [(str(name), str(value)) for name, value in event.headers]
                case DataReceived():
                    self.body += event.data
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case StreamEnded():
                    self.ended = True
        return self.h2.data_to_send()


def heard(client: Http2Client, data: bytes) -> list[AnswerEvent]:
    return client.hear(data)


def bytewise(client: Http2Client, data: bytes) -> list[AnswerEvent]:
    return [event for at in range(len(data)) for event in client.hear(data[at : at + 1])]


def answer(peer: Peer) -> bytes:
    peer.h2.send_headers(1, [(":status", "103"), ("link", "</a>")])
    peer.h2.send_headers(1, [(":status", "200"), ("content-type", "text/event-stream"), ("x-a", "1")])
    peer.h2.send_data(1, b"data: one\n\n")
    peer.h2.send_data(1, b"", end_stream=True)
    return peer.h2.data_to_send()


@pytest.mark.parametrize("hear", [heard, bytewise])
def test_an_answer_is_told_in_the_words_of_every_version_however_it_is_cut(hear: Hear) -> None:
    client, peer = Http2Client(), Peer()
    peer.take(client.ask(GET))
    events = hear(client, answer(peer))
    assert events == [
        Interim(103),
        Head(200, ((b"content-type", b"text/event-stream"), (b"x-a", b"1"))),
        Content(b"data: one\n\n"),
        Done(),
    ]


def test_a_request_has_the_pseudo_fields_and_none_that_belong_to_one_connection() -> None:
    """RFC 9113 8.2.2 and 8.3.1."""
    client, peer = Http2Client(), Peer()
    asked = Asked(
        method="GET",
        scheme="https",
        authority="app.test",
        path="/x",
        fields=((b"Connection", b"keep-alive"), (b"X-Mixed", b"v"), (b"Upgrade", b"x")),
    )
    peer.take(client.ask(asked))
    assert peer.headers == [
        (":method", "GET"),
        (":scheme", "https"),
        (":authority", "app.test"),
        (":path", "/x"),
        ("x-mixed", "v"),
    ]
    assert peer.ended


@pytest.mark.parametrize("window", [10, 65535, 1_000_000])
def test_a_body_goes_out_as_the_other_side_has_room_for_it(window: int) -> None:
    client, peer = Http2Client(), Peer(window=window)
    client.hear(peer.take(client.ask(post(200))))
    to_peer = client.reply() + client.say(b"a" * 150, last=False)
    to_peer += client.say(b"b" * 50, last=True)
    rounds = 0
    while not peer.ended and rounds < 200:
        client.hear(peer.take(to_peer))
        to_peer = client.reply()
        rounds += 1
    assert peer.body == b"a" * 150 + b"b" * 50
    assert not client.blocked
    assert ("content-length", "200") in peer.headers


def test_an_answer_before_the_end_of_the_body_is_heard() -> None:
    client, peer = Http2Client(), Peer()
    peer.take(client.ask(post(10_000)))
    peer.h2.send_headers(1, [(":status", "413")], end_stream=True)
    assert client.hear(peer.h2.data_to_send()) == [Head(413, ()), Done()]
    assert client.say(b"more", last=True) == b""


def test_a_stream_that_is_left_is_reset_once_and_the_connection_stays() -> None:
    client, peer = Http2Client(), Peer()
    client.hear(peer.take(client.ask(GET)))
    events = peer.h2.receive_data(client.leave())
    assert [event.error_code for event in events if isinstance(event, StreamReset)] == [ErrorCodes.CANCEL]
    assert client.leave() == b""
    assert client.hear(b"") == [], "what comes later is not ours"


def reset(peer: Peer) -> bytes:
    peer.h2.reset_stream(1, ErrorCodes.INTERNAL_ERROR)
    return peer.h2.data_to_send()


def goodbye(peer: Peer) -> bytes:
    peer.h2.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
    return peer.h2.data_to_send()


@pytest.mark.parametrize(
    ("say", "detail", "cut"),
    [
        (reset, "the stream was reset with INTERNAL_ERROR", True),
        (goodbye, "the connection was ended with ENHANCE_YOUR_CALM", True),
        (lambda _: b"", "closed in the middle of the answer", True),
        (lambda _: b"\x00" * 50, "not valid HTTP/2", False),
        (lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n", "answered in HTTP/1.1", False),
    ],
)
def test_every_way_an_answer_can_fail_is_one_fault_and_nothing_after_it(
    say: Callable[[Peer], bytes], detail: str, cut: bool
) -> None:
    client, peer = Http2Client(), Peer()
    client.hear(peer.take(client.ask(GET)))
    events = client.hear(say(peer))
    assert len(events) == 1
    assert isinstance(events[0], Fault)
    assert events[0].detail.startswith(detail)
    assert events[0].cut is cut
    assert client.hear(b"more") == []
