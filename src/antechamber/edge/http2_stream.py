"""One stream of an HTTP/2 connection: below it looks like frames, above it like a connection with one request on it.

The edge's own :class:`Downstream` sits on top, so that every promise is kept by the code that keeps it for HTTP/1.1:
the request is given to it as HTTP/1.1 octets, and the HTTP/1.1 octets that it answers with become frames again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from antechamber.edge.answer import overload
from antechamber.edge.downstream import LINGER_IDLE_S, Downstream, State
from antechamber.edge.exchange import Exchange
from antechamber.edge.upstream import WRITE_HIGH
from antechamber.ledger import Entry
from antechamber.net.deadlines import NEVER
from antechamber.protocol.failure import Failure
from antechamber.protocol.framing import LAST_CHUNK
from antechamber.protocol.handshake import accept_of
from antechamber.protocol.http1 import Field, parse_fields
from antechamber.protocol.http2_frames import MAX_FRAME_BYTES
from antechamber.protocol.http2_request import WEBSOCKET, Request
from antechamber.protocol.http2_response import End, Head, ResponseReader
from antechamber.protocol.translate import ResponsePlan

if TYPE_CHECKING:
    from antechamber.edge.http2_connection import Http2Connection

PROTOCOL = "HTTP/2.0"
NOBODY = asyncio.Protocol()
"""Who is above a stream that is over. Two that know each other wait for the collector, which seldom comes, with all
that they hold."""
NO_ERROR = 0x0
INTERNAL_ERROR = 0x2
CANCEL = 0x8


class Http2Exchange(Exchange):
    """An exchange whose entry in the books says how it came."""

    __slots__ = ()

    protocol = PROTOCOL

    def _switch(self, plan: ResponsePlan, data: bytes) -> None:
        """The client has sent no key (RFC 8441 5), so nobody but the edge can see what the app made of it."""
        keys = _values(self.plan.section, b"sec-websocket-key")
        accepted = _values(plan.head, b"sec-websocket-accept")
        if self.plan.upgrade == WEBSOCKET and accepted != [accept_of(key) for key in keys]:
            self.fail(Failure.UPGRADE_FAILED, "the app accepted another WebSocket than it was asked for (RFC 6455 4.1)")
        else:
            super()._switch(plan, data)


class Http2Refusal(Entry):
    """What the books say of a request that was none, or of a connection that was none."""

    __slots__ = ()

    protocol = PROTOCOL


class StreamEnd(Downstream):
    """The downstream end on top of one stream: it is not counted as a connection, and over after one exchange."""

    __slots__ = ("_connection",)

    exchanges = Http2Exchange
    refusals = Http2Refusal

    def __init__(self, connection: Http2Connection) -> None:
        super().__init__(connection.setting)
        self._connection = connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_HIGH)
        self.write = self.transport.write
        self.peer = self._connection.peer
        self.translator = self._connection.translator
        self.since = self.setting.deadlines.now
        self.patience_s = self.setting.timeouts.request_head_s
        self.setting.deadlines.watch(self)
        self.setting.connections.add(self)

    def leave(self) -> None:
        self.patience_s = NEVER
        self.setting.connections.discard(self)

    def exchange_done(self, *, close: bool, unread: bool) -> None:
        self.exchange = None
        self.close()

    def linger(self) -> None:
        """The stream does that (:meth:`Http2Stream.close`)."""
        self.close()

    def overloaded(self, reason: str) -> None:
        """Refuse the request that is about to come."""
        self.state = State.CLOSING
        self.write(overload(reason))
        self.close()


class Http2Stream(asyncio.Transport):
    """To the protocol above a transport, to the connection below a source of frames and a sink of content."""

    __slots__ = (
        "_above",
        "_chunked",
        "_closing",
        "_connection",
        "_end",
        "_gone",
        "_held",
        "_high",
        "_opening",
        "_pausing",
        "_reader",
        "_request_over",
        "_resting",
        "_said_end",
        "_server",
        "_taken",
        "_trailers",
        "_waiting",
        "number",
        "queued",
    )

    def __init__(self, connection: Http2Connection, number: int, request: Request | None, *, ended: bool) -> None:
        super().__init__()
        self.number = number
        self.queued = False
        """It stands in the connection's row of those who have something to say."""
        self._connection = connection
        self._server = connection.server
        self._reader = ResponseReader(to_head=request is not None and request.method == b"HEAD")
        self._chunked = request is not None and request.chunked
        self._opening = request.tunnel if request is not None else b""
        """The protocol that the app was asked to switch to, until it has: what the client says is for nobody else."""
        self._held: deque[tuple[bytes, int]] = deque()
        """What the client sent and nobody has taken, with what it takes of the windows; nothing is the end."""
        self._resting = False
        """Nothing more is to be given on for now."""
        self._request_over = ended
        self._waiting = bytearray()
        """Content that waits for the client's windows."""
        self._trailers: list[Field] | None = None
        """Once the response is whole: what goes out behind what is waiting."""
        self._said_end = False
        self._taken = 0
        """Content that the client has taken since its patience was last counted anew."""
        self._high = WRITE_HIGH
        self._pausing = False
        self._closing = self._gone = False

    # From the client

    def put(self, above: asyncio.Protocol, end: StreamEnd) -> None:
        """Put ``above`` on top. ``end`` is the downstream end, whoever may stand before it."""
        self._above = above
        self._end = end
        above.connection_made(self)

    def begin(self, head: bytes) -> None:
        """Give on the head of the request, which waits for nothing."""
        self._above.data_received(head)

    def heard(self, content: bytes, window_bytes: int) -> None:
        """A piece of content, or of what a tunnel carries."""
        if self._gone:
            self._server.discard(window_bytes)
            return
        self._held.append((b"%x\r\n%b\r\n" % (len(content), content) if self._chunked else content, window_bytes))
        self._pass_on()

    def heard_all(self, trailers: bytes) -> None:
        """The client has sent all of its request."""
        self._request_over = True
        if self._gone:
            self._connection.forget(self)
            return
        last = b""
        if self._chunked:
            last = b"0\r\n%b\r\n" % trailers if trailers else LAST_CHUNK
        self._held.append((last, 0))
        self._pass_on()

    def _pass_on(self) -> None:
        """Give on what was held, as far as it is taken."""
        while self._held and (self._closing or not (self._resting or self._opening)):
            octets, window_bytes = self._held.popleft()
            if not self._closing and octets:
                self._above.data_received(octets)
            elif not self._closing and self._reader.tunnel and not self._above.eof_received():
                self.close()
            if window_bytes:
                self._connection.taken(self, window_bytes)

    def lost(self, exc: Exception | None) -> None:
        """The stream is no more: it was reset, or its connection is gone."""
        self._connection.forget(self)
        if not self._gone:
            self._let_go()
            self._part(exc)

    def _part(self, exc: Exception | None) -> None:
        above, self._above = self._above, NOBODY
        del self._end  # nothing is said any more
        above.connection_lost(exc)

    def _let_go(self) -> None:
        self._gone = self._closing = True
        self._waiting.clear()
        self._pass_on()

    # From the edge

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or self._trailers is not None:
            return
        parts = self._reader.read(bytes(data))
        for part, following in zip(parts, [*parts[1:], None], strict=True):
            match part:
                case Head():
                    self._begin(part, last=following == End())
                case End():
                    self._trailers = part.trailers
                case _:
                    self._waiting += part
        self._connection.ready(self)
        if len(self._waiting) > self._high and not self._pausing:
            self._pausing = True
            self._above.pause_writing()

    def _begin(self, head: Head, *, last: bool) -> None:
        fields = head.fields
        if head.switched:
            fields = [one for one in fields if one[0] not in (b":status", b"sec-websocket-accept")]
            # To the client that is a plain success (RFC 8441 5). The tunnel begins when this call is over.
            fields = [(b":status", b"200"), *fields]
            self._opening = b""
            self._soon(self._pass_on)
        self._server.head(self.number, fields, last=last)
        self._said_end = last

    def say(self) -> bool:
        """Say one frame of what waits, and the end where it is reached. Whether there is more, and room for it."""
        if self._waiting:
            room = self._server.room(self.number)
            octets = bytes(self._waiting[:room])
            del self._waiting[:room]
            last = not self._waiting and self._trailers == []
            if octets:
                self._server.content(self.number, octets, last=last)
                self._said_end = last
                self._connection.spoke(self)
                self._count(len(octets))
        if not self._waiting:
            self._say_end()
        elif self._pausing and len(self._waiting) <= self._high // 4:
            self._relieve()
        return bool(self._waiting) and self._server.room(self.number) > 0

    def _count(self, taken_bytes: int) -> None:
        """A client with a hundred downloads takes each of them slowly: a frame's worth is what counts as reading."""
        self._taken += taken_bytes
        if self._taken >= MAX_FRAME_BYTES:
            self._taken = 0
            self._end.since = self._end.setting.deadlines.now

    def _say_end(self) -> None:
        if self._trailers is not None and not self._said_end:
            if self._trailers:
                self._server.head(self.number, self._trailers, last=True)
            else:
                self._server.content(self.number, b"", last=True)
            self._said_end = True
        if self._pausing:
            self._relieve()
        if self._closing and not self._gone:
            self._finish(INTERNAL_ERROR if self._trailers is None else NO_ERROR)

    def _relieve(self) -> None:
        self._pausing = False
        if not self._closing:
            self._above.resume_writing()

    def _finish(self, code: int) -> None:
        """All is said: the rest of the request is not wanted, or the response will never be whole.

        A client that is still sending gets no more room for it, and some time to read the answer: RFC 9113 8.1 allows
        to reset the stream at once, but then curl (7.88) reports an error in place of the answer.
        """
        self._let_go()
        self._soon(lambda: self._part(None))
        if code or self._request_over or self._reader.tunnel:
            self._stop(code)
        else:
            asyncio.get_running_loop().call_later(LINGER_IDLE_S, self._stop, code)

    def _stop(self, code: int) -> None:
        if code or not self._request_over:
            self._server.reset(self.number, code)
        self._connection.forget(self)
        self._connection.flush()

    def _soon(self, act: Callable[[], None]) -> None:
        """Not inside a call of the edge's, which expects nothing before it has finished."""
        asyncio.get_running_loop().call_soon(self._connection.within, self, act)

    # What a transport is

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            if self._reader.tunnel and self._trailers is None:
                self._trailers = []
            self._pass_on()
            self._connection.ready(self)

    def abort(self) -> None:
        if not self._gone:
            self._waiting.clear()
            self._finish(CANCEL if self._reader.tunnel else INTERNAL_ERROR)

    def write_eof(self) -> None:
        """The app's side of a tunnel has ended; a response says by itself where it ends."""
        if self._reader.tunnel and self._trailers is None:
            self._trailers = []
            self._connection.ready(self)

    def can_write_eof(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return not self._resting

    def pause_reading(self) -> None:
        self._resting = True

    def resume_reading(self) -> None:
        self._resting = False
        if self._held:
            self._soon(self._pass_on)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = high or WRITE_HIGH

    def get_write_buffer_size(self) -> int:
        return len(self._waiting)

    def get_extra_info(self, name: str, default: object = None) -> object:
        return default

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._above = cast(asyncio.Protocol, protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._above


def _values(lines: bytes, name: bytes) -> list[bytes]:
    """All values of a field in a head or its section."""
    return [value for key, value in parse_fields(lines) if key.lower() == name]
