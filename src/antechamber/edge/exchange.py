"""The downward half of an exchange: the response on its way to the client, and how everything ends.

Heads go out the moment they are read, bodies piece by piece as they come; a client that reads slowly pauses the app. A
response that breaks off is never completed on the app's behalf: the client's connection is cut where the octets end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from antechamber.edge.answer import RETRY_AFTER_S, answer, options_answer
from antechamber.edge.readers import response_reader
from antechamber.edge.sending import Sending
from antechamber.edge.stream import StreamSource
from antechamber.edge.tunnel import Tunnel
from antechamber.ledger import COMPLETE, EXCHANGE, UPSTREAM, Party, Reason, Shape
from antechamber.protocol.exchange import ENDED, RESPONDING, SWITCHED, WAITING, Phase
from antechamber.protocol.failure import Failure, ResponseFault
from antechamber.protocol.framing import (
    CHUNKED,
    CLOSE,
    BodyReader,
    ChunkedReader,
    CloseReader,
    FramingFault,
    LengthReader,
)
from antechamber.protocol.http1 import END, has_stray
from antechamber.protocol.translate import RequestPlan, ResponsePlan

if TYPE_CHECKING:
    from antechamber.edge.downstream import Downstream

MAX_INTERIM = 100
"""Interim responses to one request: an app that sends more is broken."""

_HEAD_ENDS = {
    (False, False): b"\r\n",
    (False, True): b"Connection: close\r\n\r\n",
    (True, False): b"Transfer-Encoding: chunked\r\n\r\n",
    (True, True): b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
}
"""How a response head ends, by whether its body is chunked and whether the connection closes behind it."""

_TIMEOUTS = {
    Failure.CONNECTION_TIMEOUT: Reason.CONNECT_TIMEOUT,
    Failure.CONNECTION_WRITE_TIMEOUT: Reason.SEND_TIMEOUT,
    Failure.RESPONSE_TIMEOUT: Reason.RESPONSE_TIMEOUT,
}
"""Why an exchange ended, for the failures that are the app's silence."""


class Exchange(Sending):
    """From a request head to the last octet of its response."""

    __slots__ = ("_answer", "_client_blocked", "_close", "_idle_s", "_reader", "_source", "tunnel")

    def __init__(self, downstream: Downstream, method: bytes, target: bytes, plan: RequestPlan) -> None:
        super().__init__(downstream, method, target, plan)
        self.tunnel: Tunnel | None = None
        self._answer: ResponsePlan | None = None
        self._reader: BodyReader | None = None
        self._source: StreamSource | None = None
        self._close = plan.close
        self._client_blocked = False
        self._idle_s = 0.0

    @property
    def last_byte_at(self) -> float:
        """When something was last forwarded, to the clock's resolution."""
        if self.ended_at:
            return self.ended_at
        return max(self.downstream.since, (self.tunnel or self._source or self.downstream).since)

    # The response

    def response_data(self, data: bytes) -> None:
        """Octets from the app."""
        reader = self._reader
        if reader is None:
            self._read_head(self._received + data if self._received else data)
            return
        try:
            piece = reader.read(data)
        except FramingFault as fault:
            self._cut(Party.UPSTREAM, Reason.PROTOCOL, fault.detail)
            return
        downstream = self.downstream
        if piece:
            downstream.write(piece)
            self.bytes_down += len(piece)
            self.pieces_down += 1
        downstream.since = self.setting.deadlines.now
        if reader.done:
            self._complete(reader.rest)

    def _read_head(self, data: bytes) -> None:
        """Read interim responses and the head; what follows is the body's."""
        setting = self.setting
        limit = setting.limits.response_header_block_bytes
        while self.phase is WAITING:
            end = data.find(END, max(0, len(self._received) - 3))
            if end < 0 or end > limit:
                self._wait_for_head(data, limit)
                return
            block, data = data[: end + 4], data[end + 4 :]
            self._received = b""
            try:
                plan = setting.responses.translate(block, self.method, self.plan.upgrade)
            except ResponseFault as fault:
                if not self._was_not_meant(block):
                    self.fail(fault.failure, fault.detail)
                return
            if plan.status >= 200:
                self._respond(plan, data)
            elif plan.status == 101:
                self._switch(plan, data)
            else:
                self._pass_interim(plan)

    def _wait_for_head(self, data: bytes, limit: int) -> None:
        if len(data) > limit:
            self.fail(Failure.RESPONSE_HEADER_SIZE, f"the response head is larger than {limit} bytes")
        elif not b"HTTP/1.".startswith(data[:7]):
            if not self._was_not_meant(data):
                self.fail(Failure.PROTOCOL_ERROR, "the app does not speak HTTP/1.1")
        elif has_stray(data, len(self._received)):
            self.fail(Failure.PROTOCOL_ERROR, "control characters or bare line ends in the response head")
        else:
            self._received = data

    def _pass_interim(self, plan: ResponsePlan) -> None:
        self._interim += 1
        if self._interim > MAX_INTERIM:
            self.fail(Failure.PROTOCOL_ERROR, f"more than {MAX_INTERIM} interim responses")
        elif self.plan.minor == 1:
            self.downstream.write(plan.head + b"\r\n")

    def _respond(self, plan: ResponsePlan, data: bytes) -> None:
        """The final head has come: send it on at once, with what came of the body."""
        setting, downstream = self.setting, self.downstream
        unbounded = plan.framing is CHUNKED or plan.framing is CLOSE
        lasting = unbounded and (plan.event_stream or plan.incremental or self.bounds.live)
        if lasting and setting.ledger.streams >= setting.limits.streams:
            self.refuse_stream()
            return
        self._go(RESPONDING)
        self.status = plan.status
        self._answer = plan
        if len(data) == plan.length and plan.whole and self.plan.plain and not setting.draining:
            downstream.write(plan.whole + data)  # head and body in one piece: how most answers come
            self.bytes_down = plan.length
            self.pieces_down = 1
            self._complete(b"")
            return
        reframe = self.plan.minor == 1
        self._close = self.plan.close or setting.draining or self.body is not None or (unbounded and not reframe)
        date = b"" if plan.dated else setting.date()
        head = plan.head + date + _HEAD_ENDS[unbounded and reframe, self._close]
        if plan.status == 426:
            head = head[:-2] + b"Connection: Upgrade\r\n\r\n"
        if lasting:
            self._idle_s = self.bounds.stream_idle_s
            self._travel_light()
            setting.ledger.stream_opened(self, Shape.STREAM)
        else:
            self._idle_s = self.bounds.response_s
        reader = response_reader(plan, reframe=reframe)
        if reader is None:
            downstream.write(head)
            self._complete(data)
            return
        self._reader = reader
        downstream.wait(self._idle_s)
        self._first_piece(reader, head, data)
        if lasting and reframe and isinstance(reader, ChunkedReader) and self.upstream is not None:
            self._source = StreamSource(self, self.upstream, reader)

    def _first_piece(self, reader: BodyReader, head: bytes, data: bytes) -> None:
        try:
            piece = reader.read(data) if data else b""
        except FramingFault as fault:
            self.downstream.write(head)
            self._cut(Party.UPSTREAM, Reason.PROTOCOL, fault.detail)
            return
        self.downstream.write(head + piece)
        if piece:
            self.bytes_down += len(piece)
            self.pieces_down += 1
        if reader.done:
            self._complete(reader.rest)

    def _switch(self, plan: ResponsePlan, data: bytes) -> None:
        """The app accepted the upgrade: from here on the octets are opaque."""
        upstream = self.upstream
        assert upstream is not None
        self._go(SWITCHED)
        self.status = plan.status
        self.upstream = upstream.exchange = None
        self._travel_light()
        self.bytes_down += len(data)
        self.pieces_down += bool(data)
        self.tunnel = Tunnel(self, self.downstream, upstream, idle_s=self.bounds.stream_idle_s)
        self.setting.ledger.stream_opened(self, Shape.TUNNEL)
        self.tunnel.begin(plan.head + b"Connection: Upgrade\r\n\r\n" + data, self.downstream.take_held())

    def _travel_light(self) -> None:
        """Let go of the heads: a stream may stay for days, and there may be thousands."""
        self.downstream.translator.forget()
        self.plan = replace(self.plan, section=b"", accept=b"")
        if self._answer is not None:
            self._answer = replace(self._answer, head=b"", whole=b"")

    # Back-pressure

    def client_blocked(self) -> None:
        """The client does not read: stop reading the app."""
        self._client_blocked = True
        if self.upstream is not None and not self.upstream.transport.is_closing():
            self.upstream.transport.pause_reading()
        timeouts = self.setting.timeouts
        self.downstream.wait(timeouts.send_s if self.shape is EXCHANGE else timeouts.stream_send_s)

    def client_flows(self) -> None:
        """The client reads again."""
        self._client_blocked = False
        self._read_on()
        self.downstream.wait(self._idle_s or self.bounds.response_s)

    def _read_on(self) -> None:
        if self.upstream is not None and not self.upstream.transport.is_closing():
            self.upstream.transport.resume_reading()

    # Ends

    def upstream_ended(self) -> None:
        """The app closed its side in an orderly way."""
        if isinstance(self._reader, CloseReader):
            last = self._reader.end()
            if last:
                self.downstream.write(last)
            self._complete(b"")
        else:
            self.upstream_lost(None)

    def upstream_lost(self, exc: Exception | None) -> None:
        """The app's connection is gone in the middle of an exchange."""
        if self.phase is RESPONDING:
            self._cut(Party.UPSTREAM, Reason.LOST, "the app's response broke off")
        elif self._received or self._interim:
            self.fail(Failure.RESPONSE_INCOMPLETE, "the app closed the connection inside its response head")
        elif not self._try_again():
            self.fail(Failure.CONNECTION_TERMINATED, "the app closed the connection without an answer")

    def upstream_broke(self, unread: bytes, exc: Exception) -> None:
        """The app's connection broke while it was written to; ``unread`` is what the app had said before.

        An app that answers early and closes does this to an upload (RFC 9112 9.6), and its answer must win.
        """
        self._upstream_blocked = True
        if unread:
            self.response_data(unread)
        if self.phase is not ENDED:
            self.upstream_lost(exc)

    def client_left(self, reason: Reason) -> None:
        """The client is gone: let go of the app at once."""
        self._let_go()
        if self.phase is not ENDED:
            self._end(Party.CLIENT, reason)

    def expire(self) -> None:
        """A deadline has passed: whose turn was it?"""
        match self.phase:
            case Phase.DIALLING:
                self.fail(Failure.CONNECTION_TIMEOUT, "no connection to the app in time")
            case Phase.WAITING if self._was_never_told_to_continue():
                limit = self.setting.timeouts.body_idle_s
                self.fail(
                    Failure.RESPONSE_TIMEOUT,
                    f"the app did not say within {limit:g} s whether it wants the body (Expect)",
                )
            case Phase.WAITING if self.body is not None and not self._upstream_blocked:
                limit = self.setting.timeouts.body_idle_s
                self._reply(408, f"no part of the request body for {limit:g} s", Failure.REQUEST_ERROR)
                self._end(Party.CLIENT, Reason.BODY_TIMEOUT)
            case Phase.WAITING if self.body is not None:
                limit = self.upward_patience_s
                self.fail(Failure.CONNECTION_WRITE_TIMEOUT, f"the app took nothing of the request for {limit:g} s")
            case Phase.WAITING:
                self.fail(Failure.RESPONSE_TIMEOUT, f"no answer from the app within {self.bounds.response_s:g} s")
            case _ if self._client_blocked:
                self._cut(Party.CLIENT, Reason.SEND_TIMEOUT, "the client did not read")
                self.downstream.transport.abort()
            case _:
                lasting = self.shape is not EXCHANGE
                by, reason = (Party.EDGE, Reason.IDLE) if lasting else (Party.UPSTREAM, Reason.RESPONSE_TIMEOUT)
                self._cut(by, reason, f"nothing from the app for {self._idle_s:g} s")

    def end_for_drain(self) -> None:
        """The grace period is over."""
        if self.tunnel is not None:
            self.tunnel.end(Party.EDGE, Reason.DRAIN)
        elif self.phase is RESPONDING:
            self._cut(Party.EDGE, Reason.DRAIN, "the proxy is shutting down")
        else:
            self._reply(503, "the proxy is shutting down", Failure.DESTINATION_UNAVAILABLE)
            self._end(Party.EDGE, Reason.DRAIN)

    def refuse(self, status: int, detail: str, failure: Failure) -> None:
        """Answer in the app's place: the request is at fault."""
        if self.phase is RESPONDING:
            self._cut(Party.CLIENT, Reason.PROTOCOL, detail)
            return
        self._reply(status, detail, failure)
        self._end(Party.EDGE, Reason.TOO_LARGE if status == 413 else Reason.REFUSED)

    def answer_for_the_app(self) -> None:
        """Answer as the last one whom the request was meant to reach (RFC 9110 7.6.2)."""
        unread = self.body is not None
        close = self._close or unread or self.setting.draining
        self.status = 200
        self.downstream.write(options_answer(date=self.setting.date(), close=close))
        self._end(Party.EDGE, Reason.REFUSED)
        self.downstream.exchange_done(close=close, unread=unread)

    def refuse_stream(self) -> None:
        """Answer that there is no room for another stream."""
        detail = f"all {self.setting.limits.streams} streams are taken (max-streams)"
        self.setting.notices.overload(detail)
        self._reply(503, detail, Failure.CONNECTION_LIMIT_REACHED, retry_after_s=RETRY_AFTER_S)
        self._end(Party.EDGE, Reason.REFUSED)

    def fail(self, failure: Failure, detail: str) -> None:
        """Answer in the app's place: the app is at fault."""
        retry_after_s = RETRY_AFTER_S if failure.status == 503 else 0
        self._reply(failure.status, detail, failure, retry_after_s=retry_after_s)
        self._end(Party.UPSTREAM, _TIMEOUTS.get(failure, Reason.LOST))

    def _reply(self, status: int, detail: str, failure: Failure, *, retry_after_s: int = 0) -> None:
        """Send an answer of our own, and free both ends for what comes next."""
        unread = self.body is not None
        close = self._close or unread or self.setting.draining
        self._let_go()
        self.status, self.failure, self.detail = status, failure.value, detail
        message = answer(
            status,
            detail,
            failure=failure,
            accept=self.plan.accept,
            to_head=self.method == b"HEAD",
            close=close,
            retry_after_s=retry_after_s,
        )
        self.downstream.write(message)
        self.downstream.exchange_done(close=close, unread=unread)

    def _complete(self, rest: bytes) -> None:
        """The response is whole. ``rest`` is what the app sent beyond it, which makes its connection unusable."""
        upstream, plan = self.upstream, self._answer
        assert upstream is not None
        assert plan is not None
        unread = self.body is not None
        if plan.close or rest or unread or self._upstream_blocked:
            self._let_go()
        else:
            if self._client_blocked:
                self._read_on()
            self.upstream = None
            upstream.release(plan.keep_alive_s)
        self._end(UPSTREAM, COMPLETE)
        self.downstream.exchange_done(close=self._close, unread=unread)

    def _cut(self, by: Party, reason: Reason, detail: str) -> None:
        """End a response in the middle, so that nobody can take it for whole (RFC 9112 8)."""
        self.detail = detail
        until_close = self._reader is not None and self.plan.minor == 0 and not isinstance(self._reader, LengthReader)
        self._let_go()
        self._end(by, reason)
        self.downstream.cut(reset=until_close)

    def _let_go(self) -> None:
        """Close the app's connection, or stop dialling it."""
        if self.upstream is not None:
            self.upstream.drop()
            self.upstream = None
        if self._dialling is not None:
            self._dialling.cancel()
            self._dialling = None

    def _end(self, by: Party, reason: Reason) -> None:
        self._go(ENDED)
        if self._source is not None:
            self._source.settle()
            self._source = None
        setting = self.setting
        setting.ledger.end(self, setting.loop.time(), by, reason)
