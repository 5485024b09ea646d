"""An HTTP/2 connection with a client: frames in and out, and a row of streams, each an ordinary downstream end.

It counts as one connection, however many streams it carries. What streams have to say goes out frame by frame: who has
little to say (an event, a short answer) before those who have much, and those in turn, as far as the windows and the
socket take it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from antechamber.edge.downstream import LINGER_IDLE_S, Downstream
from antechamber.edge.http2_stream import Http2Refusal, Http2Stream, StreamEnd
from antechamber.net.deadlines import NEVER
from antechamber.net.sockets import hold_back
from antechamber.protocol.failure import Failure
from antechamber.protocol.forwarded import Peer
from antechamber.protocol.handshake import key_of
from antechamber.protocol.http2_events import Content, Drained, Ended, Gone, Opened, Room, ServerEvent, Unwanted
from antechamber.protocol.http2_frames import MAX_FRAME_BYTES
from antechamber.protocol.http2_request import Request
from antechamber.protocol.http2_server import ConnectionFault, Http2Server
from antechamber.protocol.translate import RequestTranslator

if TYPE_CHECKING:
    from antechamber.edge.setting import Setting

WRITE_HIGH = 64 * 1024
"""Octets that wait in the transport before streams wait here instead: an event is behind no more than these, and what
the kernel has."""
UNSENT_MOST = 128 * 1024
"""Octets that the kernel takes beyond what is under way. Left to itself it takes 4 MB of a download, and an event is
half a minute behind them on a line of 1 Mbit/s."""
UNREAD_MOST = 1024 * 1024
"""Octets that a client may leave unread while it makes us answer (settings, pings, resets): no content is among what
is over :data:`WRITE_HIGH`."""
DRAIN_PATIENCE_S = 1.0
"""How long a client may take to learn that it must open no more streams."""
_LEAVING = frozenset({0x0, 0x8})
"""NO_ERROR and CANCEL: how a client takes its leave of a stream."""


class Http2Connection(asyncio.Protocol):
    """One client connection."""

    __slots__ = (
        "_batching",
        "_blocked",
        "_bulk",
        "_counted",
        "_draining",
        "_greeted",
        "_in_head",
        "_leading",
        "_meet",
        "_pumping",
        "_refused",
        "_streams",
        "filed_until",
        "patience_s",
        "peer",
        "server",
        "setting",
        "since",
        "translator",
        "transport",
    )

    def __init__(
        self,
        setting: Setting,
        meet: Callable[[Downstream], asyncio.Protocol],
        greeted: Callable[[], None] | None = None,
    ) -> None:
        """``meet`` says whom each stream talks to; ``greeted`` is as in :class:`Downstream`."""
        self.setting = setting
        self._meet = meet
        self._greeted = greeted
        limits = setting.limits
        self.server = Http2Server(
            max_streams=limits.streams_per_connection,
            head_bytes=limits.header_block_bytes,
            tunnels=setting.rules.upgrades,
            key=lambda: key_of(secrets.token_bytes(16)),
        )
        self._streams: dict[int, Http2Stream] = {}
        """By number; who has spoken last stands last."""
        self._leading: deque[Http2Stream] = deque()
        self._bulk: deque[Http2Stream] = deque()
        """Who has something to say: those with a frame or less, and those with more."""
        self._blocked = self._batching = self._pumping = False
        self._counted = self._draining = self._in_head = False
        self._refused = ""
        self.filed_until = NEVER

    # The connection, as the loop sees it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_HIGH)
        hold_back(transport, unsent_bytes=UNSENT_MOST)
        setting = self.setting
        peername = transport.get_extra_info("peername")
        self.peer = Peer(peername[0] if peername else "", secure=True, trust=setting.trust)
        self.translator = RequestTranslator(self.peer, setting.http2_rules)
        self.since = setting.deadlines.now
        self.patience_s = setting.timeouts.request_head_s
        setting.deadlines.watch(self)
        if self._greeted is not None:
            self._greeted()
            self._greeted = None
        self._refused = setting.admission.enter(self.peer.text, trusted=self.peer.trusted)
        self._counted = True
        setting.fronts.add(self)
        self.server.begin()
        self.flush()
        if self._refused:
            setting.notices.overload(self._refused)
            if setting.admission.answering():
                self._wait(LINGER_IDLE_S)
            else:
                self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._batching = True
        try:
            for event in self.server.receive(data, self.setting.deadlines.now):
                self._event(event)
        except ConnectionFault as fault:
            self._fail(fault.detail)
        except Exception as error:
            self.setting.notices.fault(error)
            self.transport.abort()
        self._batching = False
        if self.server.in_head is not self._in_head and not self.server.over:
            self._in_head = not self._in_head
            self._set_patience()
        self._pump()
        if self.transport.get_write_buffer_size() > UNREAD_MOST:
            self.transport.abort()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.let_go()
        for stream in list(self._streams.values()):
            self.within(stream, lambda stream=stream: stream.lost(exc))  # type: ignore[misc]
        self._leave()

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._pump()

    def _leave(self) -> None:
        if self._counted:
            self._counted = False
            self.patience_s = NEVER
            self.setting.fronts.discard(self)
            if self.setting.admission.leave(self.peer.text):
                self.setting.notices.calm()

    # Events

    def _event(self, event: ServerEvent) -> None:
        match event:
            case Opened():
                self._open(event.stream, event.request, event.ended)
            case Unwanted():
                stream, end = self._new(event.stream, None, ended=event.ended)
                self.within(stream, lambda: end.refuse(event.fault))
            case Room():
                self._room(event.stream)
            case Drained():
                self._drained()
            case Gone() if event.detail:
                self._tell_malformed(event.detail)
                self._gone(event)
            case Gone():
                self._gone(event)
            case _:
                self._heard(event)

    def _heard(self, event: Content | Ended) -> None:
        stream = self._streams.get(event.stream)
        if stream is None:
            if isinstance(event, Content):
                self.server.acknowledge(event.stream, event.window_bytes)
        elif isinstance(event, Content):
            octets, window_bytes = event.octets, event.window_bytes
            self.within(stream, lambda: stream.heard(octets, window_bytes))
        else:
            trailers = event.trailers
            self.within(stream, lambda: stream.heard_all(trailers))

    def _open(self, number: int, request: Request, ended: bool) -> None:
        stream, end = self._new(number, request, ended=ended)
        full = self._refused or self.setting.admission.too_many_exchanges(len(self.setting.ledger.open))
        if full:
            self.setting.notices.overload(full)
            self.within(stream, lambda: end.overloaded(full))
            if self._refused:
                self.drain()
        else:
            self.within(stream, lambda: stream.begin(request.head))

    def _new(self, number: int, request: Request | None, *, ended: bool) -> tuple[Http2Stream, StreamEnd]:
        stream = self._streams[number] = Http2Stream(self, number, request, ended=ended)
        self._set_patience()
        end = StreamEnd(self)
        stream.put(self._meet(end), end)
        return stream, end

    def _gone(self, event: Gone) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            exc = None if event.code in _LEAVING else ConnectionResetError(f"stream reset with code {event.code}")
            self.within(stream, lambda: stream.lost(exc))

    def _room(self, number: int) -> None:
        streams = self._streams.values() if number == 0 else filter(None, [self._streams.get(number)])
        for stream in streams:
            if stream.get_write_buffer_size():
                self._queue(stream)

    def within(self, stream: Http2Stream, act: Callable[[], None]) -> None:
        """A mistake of ours in one stream costs that stream."""
        try:
            act()
        except Exception as error:
            self.setting.notices.fault(error)
            stream.abort()

    def _tell_malformed(self, detail: str) -> None:
        entry = Http2Refusal(self.peer.text, b"", b"", "", self.setting.loop.time())
        self.setting.ledger.refuse(entry, 400, Failure.REQUEST_ERROR.value, detail)

    # What streams say

    def ready(self, stream: Http2Stream) -> None:
        """``stream`` has something to say, or has said all."""
        self._queue(stream)
        if not self._batching:
            self._pump()

    def spoke(self, stream: Http2Stream) -> None:
        """``stream`` has said something: it stands behind those for whom the connection's window had no room."""
        if self._streams.pop(stream.number, None) is not None:
            self._streams[stream.number] = stream

    def taken(self, stream: Http2Stream, window_bytes: int) -> None:
        """The edge has taken content of ``stream``: there is room for more."""
        self.server.acknowledge(stream.number, window_bytes)
        if not self._batching:
            self.flush()

    def forget(self, stream: Http2Stream) -> None:
        """``stream`` is over."""
        if self._streams.pop(stream.number, None) is None or self._streams:
            return
        if self._draining:
            self.close()
        else:
            self._set_patience()

    def flush(self) -> None:
        """Send what the protocol has to say."""
        octets = self.server.take()
        if octets and not self.transport.is_closing():
            self.transport.write(octets)

    def _queue(self, stream: Http2Stream) -> None:
        if not stream.queued:
            stream.queued = True
            (self._leading if stream.get_write_buffer_size() <= MAX_FRAME_BYTES else self._bulk).append(stream)

    def _pump(self) -> None:
        """Let one stream after the other say a frame, until nobody has anything to say or the socket takes no more."""
        if self._pumping:
            return
        self._pumping = True
        while not self._blocked and (row := self._leading or self._bulk):
            stream = row.popleft()
            stream.queued = False
            self.within(stream, lambda: self._queue(stream) if stream.say() else None)  # noqa: B023  (called at once)
            self.flush()
        self._pumping = False
        self.flush()

    # Time and ends

    @property
    def deadline(self) -> float:
        """When patience ends, in loop time."""
        return self.since + self.patience_s

    def _wait(self, patience_s: float) -> None:
        self.since = now = self.setting.deadlines.now
        self.patience_s = patience_s
        if now + patience_s < self.filed_until:
            self.setting.deadlines.watch(self)

    def _set_patience(self) -> None:
        """Streams have limits of their own; a head beside them may not take long, nor may nothing be asked for ever."""
        timeouts = self.setting.timeouts
        if self._in_head:
            self._wait(timeouts.request_head_s)
        elif not self._streams:
            self._wait(timeouts.keepalive_idle_s)
        elif not self._draining:
            self.patience_s = NEVER

    def expire(self) -> None:
        """Nothing has been asked for too long, or a head or the end takes too long."""
        try:
            self._expire()
        except Exception as error:  # it must not keep the clock from those who are next
            self.setting.notices.fault(error)
            self.transport.abort()

    def _expire(self) -> None:
        if self._in_head and not self.transport.is_closing():
            self.server.give_up()
            self._fail(f"the request head was not complete within {self.setting.timeouts.request_head_s:g} s")
        elif self._streams:
            self._drained()
        elif self.transport.is_closing():
            self.transport.abort()
        else:
            self.close()

    def drain(self) -> None:
        """Let the streams that are open end, and take no more (RFC 9113 6.8)."""
        if not self._streams:
            self.close()
        elif not self._draining:
            self._draining = True
            self.server.announce_end()
            self.flush()
            self._wait(DRAIN_PATIENCE_S)

    def _drained(self) -> None:
        self.patience_s = NEVER
        self.server.take_no_more()
        self.flush()
        if not self._streams:
            self.close()

    def close(self) -> None:
        """Say goodbye, and close as soon as everything is written."""
        self.server.take_no_more()
        self.flush()
        self._hang_up()

    def _fail(self, detail: str) -> None:
        """The client does not speak HTTP/2 as it should, or too much of it: tell it why, and end."""
        self._tell_malformed(detail)
        self.flush()
        for stream in list(self._streams.values()):
            self.within(stream, lambda stream=stream: stream.lost(None))  # type: ignore[misc]
        self._hang_up()

    def _hang_up(self) -> None:
        self._wait(LINGER_IDLE_S)
        if not self.transport.is_closing():
            self.transport.close()
