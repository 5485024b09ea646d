"""An HTTP/2 client for tests, over the ``h2`` library: it reads, and gives back windows, only when it is asked to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    DataReceived,
    Event,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.settings import SettingCodes, Settings

from antechamber.protocol.http2_server import PlainEncoder
from tests.edge.app import App
from tests.edge.front import Front, serving
from tests.edge.talk import PATIENCE_S

GOAWAY = 7
Fields = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's chain and key, and what trusts its authority: for HTTP/2 (``two``) and for HTTP/1.1 (``one``)."""

    chain: Path
    key: Path
    two: ssl.SSLContext
    one: ssl.SSLContext

    @property
    def flags(self) -> dict[str, str]:
        return {"tls_certificate": str(self.chain), "tls_key": str(self.key)}


def issue(directory: Path, name: str = "edge.test") -> Certificate:
    authority = trustme.CA()
    issued = authority.issue_cert(name, "127.0.0.1")
    chain, key = directory / "chain.pem", directory / "key.pem"
    issued.cert_chain_pems[0].write_to_path(chain)
    issued.private_key_pem.write_to_path(key)
    contexts = []
    for versions in (["h2", "http/1.1"], ["http/1.1"]):
        context = ssl.create_default_context()
        context.set_alpn_protocols(versions)
        authority.configure_trust(context)
        contexts.append(context)
    return Certificate(chain, key, *contexts)


@dataclass
class Stream:
    """What came on one stream."""

    interim: list[int] = field(default_factory=list)
    status: int = 0
    fields: Fields = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    trailers: Fields = field(default_factory=list)
    ended: bool = False
    reset: int | None = None

    def value(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.fields if key == name), None)

    @property
    def over(self) -> bool:
        return self.ended or self.reset is not None


def fields_of(method: bytes = b"GET", path: bytes = b"/", *more: tuple[bytes, bytes]) -> Fields:
    """The fields of an ordinary request."""
    return [(b":method", method), (b":scheme", b"https"), (b":authority", b"edge.test"), (b":path", path), *more]


def connect_to(path: bytes, *more: tuple[bytes, bytes]) -> Fields:
    """The fields that open a WebSocket (RFC 8441)."""
    return [
        (b":method", b"CONNECT"),
        (b":protocol", b"websocket"),
        (b":scheme", b"https"),
        (b":authority", b"edge.test"),
        (b":path", path),
        (b"sec-websocket-version", b"13"),
        *more,
    ]


class Two:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, window: int) -> None:
        self._reader = reader
        self.writer = writer
        self.h2 = H2Connection(
            H2Configuration(
                client_side=True,
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self.h2.encoder = PlainEncoder()
        self.h2.local_settings = Settings(
            client=True, initial_values={SettingCodes.INITIAL_WINDOW_SIZE: window, SettingCodes.ENABLE_PUSH: 0}
        )
        self.h2.initiate_connection()
        self._unread = bytearray()
        self.streams: dict[int, Stream] = {}
        self.goaways: list[tuple[int, int]] = []
        """Error code and last stream of each."""
        self.closed = False
        self.acknowledging = True

    def send(self) -> None:
        """Send what the library has to say."""
        self.writer.write(self.h2.data_to_send())

    def ask(self, fields: Fields, *, ended: bool = True) -> int:
        number = self.h2.get_next_available_stream_id()
        self.streams[number] = Stream()
        self.h2.send_headers(number, fields, end_stream=ended)
        self.send()
        return number

    def say(self, number: int, octets: bytes, *, ended: bool = False) -> None:
        self.h2.send_data(number, octets, end_stream=ended)
        self.send()

    async def upload(self, number: int, octets: bytes) -> None:
        """All of a body, as the server's windows take it."""
        sent = memoryview(octets)
        while sent:
            await self.until(lambda: self.h2.local_flow_control_window(number) > 0 or self.streams[number].over)
            if self.streams[number].over:
                return
            size = min(self.h2.local_flow_control_window(number), self.h2.max_outbound_frame_size, len(sent))
            self.h2.send_data(number, bytes(sent[:size]), end_stream=size == len(sent))
            sent = sent[size:]
            self.send()
            await self.writer.drain()

    async def until(self, true: Callable[[], object]) -> None:
        """Read until something is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                assert not self.closed, (list(self.streams.items())[-9:], self.goaways)
                await self.read()

    async def read(self) -> None:
        """Read what there is next."""
        try:
            data = await self._reader.read(65536)
        except OSError:
            data = b""
        if not data:
            self.closed = True
            return
        self._unread += data
        while len(self._unread) >= 9 and len(self._unread) >= 9 + int.from_bytes(self._unread[:3]):
            size = 9 + int.from_bytes(self._unread[:3])
            frame = bytes(self._unread[:size])
            del self._unread[:size]
            if frame[3] == GOAWAY:  # the library would hear nothing behind it
                self.goaways.append((int.from_bytes(frame[13:17]), int.from_bytes(frame[9:13])))
                continue
            for event in self.h2.receive_data(frame):
                self._event(event)
        self.send()

    async def until_closed(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not self.closed:
                await self.read()

    async def head(self, number: int) -> Stream:
        stream = self.streams[number]
        await self.until(lambda: stream.status or stream.reset is not None)
        return stream

    async def whole(self, number: int) -> Stream:
        stream = self.streams[number]
        await self.until(lambda: stream.over)
        return stream

    async def take(self, number: int, octets: bytes) -> None:
        """Exactly these octets of content come next on the stream."""
        stream = self.streams[number]
        await self.until(lambda: len(stream.body) >= len(octets) or stream.over)
        assert bytes(stream.body) == octets
        stream.body.clear()

    def acknowledge(self, number: int, size: int) -> None:
        self.h2.acknowledge_received_data(size, number)
        self.send()

    def _event(self, event: Event) -> None:
        stream = self.streams.get(getattr(event, "stream_id", 0) or 0, Stream())
        match event:
            case InformationalResponseReceived():
                stream.interim.append(int(dict(event.headers)[b":status"]))
            case ResponseReceived():
                stream.fields = [(bytes(name), bytes(value)) for name, value in event.headers]
                stream.status = int(stream.value(b":status") or b"0")
            case DataReceived():
                stream.body += event.data
                if self.acknowledging:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case TrailersReceived():
                stream.trailers = [(bytes(name), bytes(value)) for name, value in event.headers]
            case StreamEnded():
                stream.ended = True
            case StreamReset():
                stream.reset = int(event.error_code or 0)
            case _:
                pass

    async def close(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def secure(certificate: Certificate, **flags: str | list[str]) -> AsyncIterator[tuple[App, Front]]:
    """An app and the edge before it, with TLS."""
    async with App() as app, serving(app.url, **certificate.flags, **flags) as front:
        yield app, front


@asynccontextmanager
async def talking(front: Front, certificate: Certificate, *, window: int = 1 << 20) -> AsyncIterator[Two]:
    """A client connection whose streams may each be sent ``window`` octets."""
    wire = await front.dial(tls=certificate.two)
    tls = wire.writer.get_extra_info("ssl_object")
    assert tls.selected_alpn_protocol() == "h2"
    two = Two(wire.reader, wire.writer, window=window)
    two.send()
    try:
        yield two
    finally:
        await two.close()
