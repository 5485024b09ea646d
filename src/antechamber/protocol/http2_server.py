"""The server's side of one HTTP/2 connection, sans-IO: octets in, events out, over the ``h2`` library (RFC 9113).

``h2`` keeps the states, the windows and the compression. What it would make the whole connection pay for, though it is
one stream's fault, is done here before it comes to that: requests are judged field by field
(:mod:`antechamber.protocol.http2_request`), content is counted against its announced length, streams beyond the limit
are refused. What costs a server much and a client nothing has an allowance
(:mod:`antechamber.protocol.http2_allowances`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    PingAckReceived,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import H2Error, StreamClosedError
from h2.settings import SettingCodes, Settings
from hpack.hpack import Encoder

from antechamber.protocol.failure import RequestFault
from antechamber.protocol.http1 import Field
from antechamber.protocol.http2_allowances import SMALL_BYTES, Allowances
from antechamber.protocol.http2_events import Content, Drained, Ended, Gone, Opened, Room, ServerEvent, Unwanted
from antechamber.protocol.http2_frames import (
    END_STREAM,
    MAX_FRAME_BYTES,
    PREFACE,
    Frame,
    FrameFault,
    FrameSplitter,
    Kind,
)
from antechamber.protocol.http2_request import Malformed, request_of, trailers_of

STREAM_WINDOW_BYTES: Final = 256 * 1024
"""Content of one request that may be under way or wait here; 20 Mbit/s at a round trip of 100 ms."""
CONNECTION_WINDOW_BYTES: Final = 4 * 1024 * 1024
"""The same of all requests of a connection: sixteen uploads that stand still do not stop a seventeenth."""
HEADER_TABLE_BYTES: Final = 4096
"""What our compressor remembers, whatever a client offers: it is our memory."""
CLOSED_REMEMBERED: Final = 1024
NO_STREAM_LIMIT: Final = 2**31 - 1
_DRAIN_PING: Final = b"drained?"
_GOAWAY: Final = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00"


class ConnectionFault(Exception):
    """The connection is of no more use. What it is told of that is among the octets to send."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class PlainEncoder(Encoder):
    """Says values as they are: the library's Huffman code takes time that grows with the square of a value's length
    (64 KB, 0.27 s), and saves a fifth of a head that is sent once."""

    def add(self, to_add: tuple[bytes, bytes], sensitive: bool, huffman: bool = False) -> bytes:
        return super().add(to_add, sensitive, huffman=False)


class _Connection(H2Connection):
    """How a stream ended is remembered for the last thousand, not for 65,536: a megabyte a connection."""

    MAX_CLOSED_STREAMS = CLOSED_REMEMBERED

    def let_go(self) -> None:
        """Forget the table of bound methods, through which it holds itself and 45 KB until the collector comes."""
        self._frame_dispatch_table = {}


@dataclass(slots=True)
class _Open:
    """One stream. ``left`` is what is missing of an announced length."""

    left: int | None
    heard_out: bool
    said_all: bool = False


class Http2Server:
    """One connection. ``key`` makes a ``Sec-WebSocket-Key``: chance is not of this room."""

    def __init__(
        self, *, max_streams: int, head_bytes: int, tunnels: frozenset[bytes], key: Callable[[], bytes]
    ) -> None:
        self._max_streams = max_streams
        self._tunnels = tunnels
        self._key = key
        most = 2 * head_bytes + MAX_FRAME_BYTES  # up to this a head can be told that it is too large (431)
        self._frames = FrameSplitter(block_limit=most)
        self._h2 = _Connection(
            H2Configuration(
                client_side=False,
                header_encoding=None,
                validate_inbound_headers=False,
                normalize_inbound_headers=False,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self._h2.encoder = PlainEncoder()
        self._h2.decoder.max_header_list_size = most
        self._settings = {
            SettingCodes.ENABLE_PUSH: 0,
            SettingCodes.MAX_CONCURRENT_STREAMS: max_streams,
            SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW_BYTES,
            SettingCodes.MAX_HEADER_LIST_SIZE: head_bytes,
            SettingCodes.ENABLE_CONNECT_PROTOCOL: int(bool(tunnels)),
        }
        self._open: dict[int, _Open] = {}
        self._allowances = Allowances(max_streams)
        self._unsent = bytearray()
        self._last_taken: int | None = None
        """The last stream that is served, once no more are."""
        self.over = False

    # What is heard

    def begin(self) -> None:
        """Say what every server says first."""
        self._h2.local_settings = Settings(client=False, initial_values=self._settings)
        self._h2.initiate_connection()
        # Streams beyond the limit are refused one by one here; h2 would end the connection.
        lenient = self._settings | {SettingCodes.MAX_CONCURRENT_STREAMS: NO_STREAM_LIMIT}
        self._h2.local_settings = Settings(client=False, initial_values=lenient)
        self._h2.receive_data(PREFACE)  # the client's is judged where frames are cut
        self._h2.increment_flow_control_window(CONNECTION_WINDOW_BYTES - 65535)

    def receive(self, data: bytes, now: float) -> Iterator[ServerEvent]:
        """What the octets mean, frame by frame. Raises :class:`ConnectionFault`."""
        try:
            for frame in self._frames.split(data):
                yield from self._frame(frame, now)
                if self.over:
                    return
        except FrameFault as fault:
            raise self._ended(fault.code, fault.detail) from None

    @property
    def in_head(self) -> bool:
        """Whether a request head has begun and is not complete: nothing else may come before it is."""
        return self._frames.in_block

    def _frame(self, frame: Frame, now: float) -> Iterator[ServerEvent]:
        self._allowances.frame(frame, now, late=self._is_late(frame))
        if frame.kind == Kind.DATA and self._miscounts(frame):
            yield self._spoilt(frame.stream, "the content is not as long as was announced", now)
        if not self._is_of_no_interest(frame):
            yield from self._feed(frame, now)  # content of a stream just reset as well: the windows must know of it

    def _is_late(self, frame: Frame) -> bool:
        """Whether a frame belongs to a request that is over: ``h2`` answers with a reset."""
        opened = self._open.get(frame.stream)
        if opened is None:
            return frame.stream <= self._h2.highest_inbound_stream_id
        return opened.heard_out

    def _is_of_no_interest(self, frame: Frame) -> bool:
        """Priorities are not followed (RFC 9113 5.3.2), extensions are not known, and a client that goes away still
        waits for its answers, which ``h2`` would not send any more (RFC 9113 6.8)."""
        if self._frames.in_block:
            return False
        size = len(frame.octets) - 9
        match frame.kind:
            case Kind.PRIORITY:
                return frame.stream != 0 and size == 5
            case Kind.GOAWAY:
                return frame.stream == 0 and size >= 8
            case _:
                return frame.kind > Kind.CONTINUATION

    def _miscounts(self, frame: Frame) -> bool:
        """Whether a DATA frame shows that its request's announced length is not the true one."""
        stream = self._open.get(frame.stream)
        size = frame.content_bytes
        if stream is None or stream.left is None or stream.heard_out or size < 0:
            return False
        stream.left -= size
        return stream.left < 0 or (stream.left > 0 and bool(frame.flags & END_STREAM))

    def _feed(self, frame: Frame, now: float) -> Iterator[ServerEvent]:
        try:
            heard = self._h2.receive_data(frame.octets)
        except H2Error as error:
            self._unsent += self._h2.data_to_send()  # h2 has written its GOAWAY
            self.over = True
            raise ConnectionFault(f"not valid HTTP/2: {error}") from None
        except Exception as error:  # what a client sends must not be able to do this
            raise self._ended(ErrorCodes.PROTOCOL_ERROR, f"not understood: {type(error).__name__}") from error
        for event in heard:
            yield from self._event(event, now)

    def _event(self, event: Event, now: float) -> Iterator[ServerEvent]:
        match event:
            case RequestReceived():
                self._allowances.fields(len(event.headers), now)
                yield from self._request(event.stream_id, event.headers, event.stream_ended is not None, now)
            case DataReceived():
                window_bytes = event.flow_controlled_length
                if event.data or event.stream_id not in self._open:
                    yield Content(event.stream_id, event.data, window_bytes)
                elif window_bytes:
                    self.acknowledge(event.stream_id, window_bytes)
            case TrailersReceived():
                self._allowances.fields(len(event.headers), now)
                yield from self._trailers(event.stream_id, event.headers, now)
            case StreamEnded() if event.stream_id in self._open and not self._open[event.stream_id].heard_out:
                self._heard_out(event.stream_id)
                yield Ended(event.stream_id)
            case StreamReset():
                if not event.remote_reset:  # h2 has ended it, for content behind its end or a window that overflows
                    self._allowances.reset("streams that had to be reset, again and again", now)
                self._open.pop(event.stream_id, None)
                yield Gone(event.stream_id, event.error_code or 0)
            case WindowUpdated():
                yield Room(event.stream_id)
            case RemoteSettingsChanged():
                if self._h2.encoder.header_table_size > HEADER_TABLE_BYTES:
                    self._h2.encoder.header_table_size = HEADER_TABLE_BYTES
                yield Room(0)
            case PingAckReceived() if event.ping_data == _DRAIN_PING:
                yield Drained()

    def _request(self, stream: int, fields: list[Field], ended: bool, now: float) -> Iterator[ServerEvent]:
        too_late = self._last_taken is not None and stream > self._last_taken
        if too_late or len(self._open) >= self._max_streams:
            why = "streams behind GOAWAY" if too_late else f"more than {self._max_streams} streams"
            self._allowances.reset(f"{why}, again and again", now)
            self._reset(stream, ErrorCodes.REFUSED_STREAM)
            return
        self._open[stream] = opened = _Open(None, heard_out=ended)
        try:
            request = request_of(fields, ended=ended, tunnels=self._tunnels, key=self._key())
        except Malformed as malformed:
            yield self._spoilt(stream, malformed.detail, now)
        except RequestFault as fault:
            yield Unwanted(stream, fault, ended)
        else:
            opened.left = request.length
            yield Opened(stream, request, ended)

    def _trailers(self, stream: int, fields: list[Field], now: float) -> Iterator[ServerEvent]:
        opened = self._open.get(stream)
        if opened is None:
            return
        try:
            if opened.left:
                raise Malformed("the content is not as long as was announced")
            trailers = trailers_of(fields)
        except Malformed as malformed:
            yield self._spoilt(stream, malformed.detail, now)
        else:
            self._heard_out(stream)
            yield Ended(stream, trailers)

    def _spoilt(self, stream: int, detail: str, now: float) -> Gone:
        """Reset a stream by the client's fault, which must not be for nothing either (CVE-2025-8671)."""
        self._allowances.reset("malformed requests, again and again", now)
        self.reset(stream, ErrorCodes.PROTOCOL_ERROR)
        return Gone(stream, ErrorCodes.PROTOCOL_ERROR, detail)

    def _heard_out(self, stream: int) -> None:
        opened = self._open[stream]
        opened.heard_out = True
        if opened.said_all:
            del self._open[stream]

    # What is said

    def take(self) -> bytes:
        """The octets to send."""
        if not self._unsent:
            return self._h2.data_to_send()
        octets = bytes(self._unsent) + self._h2.data_to_send()
        self._unsent.clear()
        return octets

    def head(self, stream: int, fields: list[Field], *, last: bool = False) -> None:
        """A response head, interim or final, or trailers."""
        if self._says(stream, last=last):
            self._h2.send_headers(stream, fields, end_stream=last)

    def content(self, stream: int, octets: bytes, *, last: bool = False) -> None:
        """One frame of content, within :meth:`room`."""
        if self._says(stream, last=last):
            self._h2.send_data(stream, octets, end_stream=last)
            if len(octets) >= SMALL_BYTES or last or self.room(stream):  # no window that is opened octet by octet
                self._allowances.earn()

    def room(self, stream: int) -> int:
        """Octets of content that fit into one frame now."""
        if self.over or stream not in self._open:
            return 0
        return max(0, min(self._h2.local_flow_control_window(stream), MAX_FRAME_BYTES))

    def acknowledge(self, stream: int, window_bytes: int) -> None:
        """Give room back to the client: that much of its content has been taken."""
        if not self.over:
            self._h2.acknowledge_received_data(window_bytes, stream)

    def discard(self, window_bytes: int) -> None:
        """Content was thrown away: other streams get room for as much, this one gets none."""
        if not self.over and window_bytes:
            self._h2.increment_flow_control_window(window_bytes)

    def reset(self, stream: int, code: int) -> None:
        """End a stream in the middle, or (``NO_ERROR``) tell that the rest of its request is not wanted."""
        if self._open.pop(stream, None) is not None:
            self._reset(stream, code)

    def _reset(self, stream: int, code: int) -> None:
        if not self.over:
            with suppress(StreamClosedError):  # both sides have said all: trailers that are malformed, say
                self._h2.reset_stream(stream, code)

    def _says(self, stream: int, *, last: bool) -> bool:
        opened = self._open.get(stream)
        if opened is None or opened.said_all or self.over:
            return False
        if last:
            opened.said_all = True
            if opened.heard_out:
                del self._open[stream]
        return True

    # Ends

    def announce_end(self) -> None:
        """Ask for no more streams; those that are under way are still taken, until :class:`Drained` (RFC 9113 6.8)."""
        if not self.over:
            self._go_away(NO_STREAM_LIMIT, ErrorCodes.NO_ERROR)
            self._h2.ping(_DRAIN_PING)

    def let_go(self) -> None:
        """The connection is gone: nothing is heard or said any more."""
        self.over = True
        self._h2.let_go()

    def give_up(self) -> None:
        """End the connection: the client has begun something and does not go on."""
        self._ended(ErrorCodes.ENHANCE_YOUR_CALM, "")

    def take_no_more(self) -> None:
        """Refuse every stream from here on; those that are open go on."""
        if not self.over and self._last_taken is None:
            self._last_taken = self._h2.highest_inbound_stream_id
            self._go_away(self._last_taken, ErrorCodes.NO_ERROR)

    def _ended(self, code: int, detail: str) -> ConnectionFault:
        self._go_away(self._h2.highest_inbound_stream_id, code)
        self.over = True
        return ConnectionFault(detail)

    def _go_away(self, last: int, code: int) -> None:
        """``h2`` would send nothing behind a GOAWAY of its own."""
        self._unsent += self._h2.data_to_send() + _GOAWAY + last.to_bytes(4) + int(code).to_bytes(4)
