"""A server's side of an HTTP/2 connection and the ``h2`` library's client, that hand each other octets."""

from __future__ import annotations

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated

from antechamber.protocol.http2_events import ServerEvent
from antechamber.protocol.http2_server import (
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
