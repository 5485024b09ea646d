"""Extended CONNECT, spoken with the ``h2`` library's server side: asked for only where it is offered (RFC 8441)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived
from h2.settings import SettingCodes, Settings

from antechamber.protocol.answer import AnswerEvent, Asked, Content, Done, Fault, Head
from antechamber.protocol.handshake import Refusal, extended_fields, judge_extended
from antechamber.protocol.http2_socket import NOT_OFFERED, Http2Socket

ASKED = Asked(
    method="GET", scheme="https", authority="app.test", path="/ws?x=1", fields=(*extended_fields(), (b"Origin", b"o"))
)


class Peer:
    """A server that offers extended CONNECT, or does not."""

    def __init__(self, *, offers: bool, window: int = 65535) -> None:
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="ascii"))
        values = {SettingCodes.ENABLE_CONNECT_PROTOCOL: int(offers), SettingCodes.INITIAL_WINDOW_SIZE: window}
        self.h2.local_settings = Settings(client=False, initial_values=values)
        self.h2.initiate_connection()
        self.headers: dict[str, str] = {}
        self.content = b""

    def take(self, data: bytes) -> bytes:
        for event in self.h2.receive_data(data):
            match event:
                case RequestReceived():
                    self.headers = {str(name): str(value) for name, value in event.headers}
                case DataReceived():
                    self.content += event.data
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        return self.h2.data_to_send()


def opened(peer: Peer) -> Http2Socket:
    """A client whose socket was accepted."""
    client = Http2Socket()
    client.hear(peer.take(client.ask(ASKED)))
    peer.take(client.reply())
    peer.h2.send_headers(1, [(":status", "200")])
    assert client.hear(peer.h2.data_to_send()) == [Head(200, ())]
    return client


def test_nothing_is_asked_before_the_settings_have_come() -> None:
    """RFC 8441 section 3: the setting comes first."""
    client, peer = Http2Socket(), Peer(offers=True)
    settings = peer.take(client.ask(ASKED))
    assert client.offered is None
    assert peer.headers == {}
    assert client.hear(settings) == []
    peer.take(client.reply())
    assert client.offered is True
    assert peer.headers == {
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "https",
        ":authority": "app.test",
        ":path": "/ws?x=1",
        "sec-websocket-version": "13",
        "origin": "o",
    }


def test_where_it_is_not_offered_nothing_is_asked_and_that_is_the_fault() -> None:
    client, peer = Http2Socket(), Peer(offers=False)
    assert client.hear(peer.take(client.ask(ASKED))) == [Fault(NOT_OFFERED, cut=False)]
    peer.take(client.reply())
    assert client.offered is False
    assert peer.headers == {}


@pytest.mark.parametrize("offers", [True, False])
def test_a_greeting_alone_learns_what_is_offered_and_asks_for_nothing(offers: bool) -> None:
    client, peer = Http2Socket(), Peer(offers=offers)
    assert client.hear(peer.take(client.greet())) == []
    peer.take(client.reply())
    assert client.offered is offers
    assert peer.headers == {}


def whole(client: Http2Socket, data: bytes) -> list[AnswerEvent]:
    return client.hear(data)


def bytewise(client: Http2Socket, data: bytes) -> list[AnswerEvent]:
    return [event for at in range(len(data)) for event in client.hear(data[at : at + 1])]


@pytest.mark.parametrize("hear", [whole, bytewise])
def test_content_goes_both_ways_however_it_is_cut(hear: Callable[[Http2Socket, bytes], list[AnswerEvent]]) -> None:
    peer = Peer(offers=True)
    client = opened(peer)
    peer.h2.send_data(1, b"\x81\x02hi")
    assert hear(client, peer.h2.data_to_send()) == [Content(b"\x81\x02hi")]
    peer.take(client.say(b"\x81\x80mask", last=False))
    assert peer.content == b"\x81\x80mask"
    peer.h2.end_stream(1)
    assert hear(client, peer.h2.data_to_send()) == [Done()]


def test_what_is_said_obeys_the_other_sides_window() -> None:
    peer = Peer(offers=True, window=1000)
    client = opened(peer)
    sent = client.say(b"m" * 2500, last=False)
    assert client.blocked
    while len(peer.content) != 2500:
        client.hear(peer.take(sent))
        sent = client.reply()
    assert not client.blocked


def test_a_reset_names_its_error() -> None:
    peer = Peer(offers=True)
    client = Http2Socket()
    client.hear(peer.take(client.ask(ASKED)))
    peer.take(client.reply())
    peer.h2.reset_stream(1, ErrorCodes.HTTP_1_1_REQUIRED)
    assert client.hear(peer.h2.data_to_send()) == [Fault("the stream was reset with HTTP_1_1_REQUIRED", cut=True)]


@pytest.mark.parametrize(
    ("status", "fields", "refusal"),
    [
        (200, [], None),
        (204, [], None),
        (200, [(b"sec-websocket-accept", b"x")], None),
        (403, [], Refusal.NOT_ACCEPTED),
        (101, [], Refusal.NOT_ACCEPTED),
        (0, [], Refusal.NOT_ACCEPTED),
        (200, [(b"content-type", b"text/html")], Refusal.NOT_ACCEPTED),
        (200, [(b"sec-websocket-extensions", b"permessage-deflate")], Refusal.UNASKED_EXTENSION),
        (200, [(b"sec-websocket-protocol", b"chat")], Refusal.UNASKED_PROTOCOL),
    ],
)
def test_which_answers_open_a_socket(status: int, fields: list[tuple[bytes, bytes]], refusal: Refusal | None) -> None:
    assert judge_extended(status, fields) is refusal
