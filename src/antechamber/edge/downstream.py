"""The downstream end: one client connection, its requests one after another.

It finds heads in what arrives, starts an :class:`Exchange` for each, and keeps what the client sends ahead of time
until its turn, within a bound. It carries the one deadline of the whole connection: ``since`` is moved by every octet
that passes, ``patience_s`` says how long may pass without one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, ClassVar, cast

from antechamber.edge.answer import answer, overload
from antechamber.edge.exchange import Exchange
from antechamber.edge.lookout import client_stays, look_out
from antechamber.edge.upstream import WRITE_HIGH
from antechamber.ledger import Entry, Reason
from antechamber.net.deadlines import NEVER
from antechamber.net.sockets import reset_on_close
from antechamber.protocol.failure import Failure, RequestFault
from antechamber.protocol.forwarded import Peer
from antechamber.protocol.http1 import END, hopeless, skip_empty_lines
from antechamber.protocol.translate import RequestTranslator

if TYPE_CHECKING:
    from antechamber.edge.setting import Setting

HELD_HIGH = 64 * 1024
"""Octets sent ahead of their turn after which the client is not read any more."""
LINGER_IDLE_S = 5.0
LINGER_TOTAL_S = 30.0
"""How long a client that is still sending may go on after an early answer, so that the answer is not lost to a reset
(RFC 9112 9.6)."""


class State(Enum):
    """What the connection is doing."""

    HEADS = auto()
    """Reading request heads, waiting for one, or busy with an exchange."""
    LINGERING = auto()
    """Answered for the last time; what still comes is thrown away."""
    CLOSING = auto()
    """Closed as soon as everything is written."""
    GONE = auto()


HEADS, LINGERING, CLOSING, GONE = State


class Downstream(asyncio.Protocol):
    """One client connection."""

    __slots__ = (
        "_counted",
        "_greeted",
        "_head_limit",
        "_held",
        "_linger_until",
        "_looping",
        "_scanned",
        "blocked",
        "exchange",
        "filed_until",
        "looking",
        "patience_s",
        "paused",
        "peer",
        "setting",
        "since",
        "state",
        "translator",
        "transport",
        "write",
    )

    exchanges: ClassVar[type[Exchange]] = Exchange
    refusals: ClassVar[type[Entry]] = Entry
    """What the books say of a head that is no request."""

    def __init__(self, setting: Setting, greeted: Callable[[], None] | None = None) -> None:
        """``greeted`` is to be called once a connection that was counted as a handshake is counted here."""
        self.setting = setting
        self._greeted = greeted
        self.state = HEADS
        self.exchange: Exchange | None = None
        self.filed_until = NEVER
        self.paused = False
        self.blocked = False
        """The client has not taken what it was sent."""
        self._head_limit = setting.limits.header_block_bytes
        self._held = b""
        self._scanned = 0
        self._looping = False
        self.looking = False
        self._counted = False
        self._linger_until = 0.0

    # The connection, as the loop sees it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_HIGH)
        self.write = self.transport.write
        setting = self.setting
        peername = transport.get_extra_info("peername")
        secure = transport.get_extra_info("ssl_object") is not None
        self.peer = Peer(peername[0] if peername else "", secure=secure, trust=setting.trust)
        self.translator = RequestTranslator(self.peer, setting.rules)
        self.since = setting.deadlines.now
        self.patience_s = setting.timeouts.request_head_s
        setting.deadlines.watch(self)
        if self._greeted is not None:
            self._greeted()
            self._greeted = None
        refused = setting.admission.enter(self.peer.text, trusted=self.peer.trusted)
        self._counted = True
        setting.connections.add(self)
        if refused:
            setting.notices.overload(refused)
            if setting.admission.answering():
                self.write(overload(refused))
                self.linger()
            else:
                self.transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._receive(data)
        except Exception as error:
            self.fault(error)

    def _receive(self, data: bytes) -> None:
        exchange = self.exchange
        if exchange is not None:
            if exchange.body is not None:
                exchange.request_data(data)
            else:
                self.hold(data)
        elif self.state is HEADS:
            if self._held:
                self._serve(self._held + data)
            elif data[-4:] == END and 0 < data.find(END) == len(data) - 4 <= self._head_limit:  # one head, nothing else
                self._start(data, b"")
            else:
                self._serve(data)
        elif self.state is LINGERING:
            self._discard()

    def eof_received(self) -> bool:
        self._client_left(Reason.CLOSED)
        self.close()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._client_left(Reason.LOST if exc else Reason.CLOSED)
        self.state = GONE
        self.leave()

    def pause_writing(self) -> None:
        self.blocked = True
        if self.exchange is not None:
            self.exchange.client_blocked()

    def resume_writing(self) -> None:
        self.blocked = False
        if self.exchange is not None:
            self.exchange.client_flows()
        elif self.state is HEADS:
            self._next_request()

    def fault(self, error: Exception) -> None:
        """A mistake of ours: it costs this connection, is told once, and touches nobody else."""
        self.setting.notices.fault(error)
        self.transport.abort()

    def _client_left(self, reason: Reason) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.client_left(reason)

    def leave(self) -> None:
        """Count this connection out; the clock has no more interest in it."""
        if self._counted:
            self._counted = False
            self.patience_s = NEVER
            self.setting.connections.discard(self)
            if self.setting.admission.leave(self.peer.text):
                self.setting.notices.calm()

    # Time

    @property
    def deadline(self) -> float:
        """When patience ends, in loop time."""
        since = self.since if self.exchange is None else self.exchange.last_byte_at
        return since + self.patience_s

    def wait(self, patience_s: float) -> None:
        """From now on, so much silence is borne."""
        self.since = now = self.setting.deadlines.now
        self.patience_s = patience_s
        if now + patience_s < self.filed_until:
            self.setting.deadlines.watch(self)

    def expire(self) -> None:
        """Patience has ended."""
        try:
            self._expire()
        except Exception as error:  # it must not keep the clock from those who are next
            self.fault(error)

    def _expire(self) -> None:
        if self.exchange is not None:
            self.exchange.expire()
        elif self.state is HEADS and self._held and not self.blocked:
            limit = self.setting.timeouts.request_head_s
            self.refuse(RequestFault(408, f"the request head was not complete within {limit:g} s"))
        elif self.state is HEADS and not self.blocked:
            self.close()
        elif self._still_delivering():
            self.wait(LINGER_IDLE_S)
        else:
            self.transport.abort()

    # Requests

    def hold(self, data: bytes) -> None:
        """Keep octets that came before their turn."""
        self._held += data
        if len(self._held) > HELD_HIGH:
            self.pause_reading()

    def _discard(self) -> None:
        """The client goes on talking after its last answer: bear it for a while."""
        self.since = self.setting.deadlines.now
        if not self._may_linger():
            self.transport.abort()

    def _still_delivering(self) -> bool:
        """Whether the last answer is still on its way to a client that reads slowly and says nothing."""
        return self.state is LINGERING and self.transport.get_write_buffer_size() > 0 and self._may_linger()

    def _may_linger(self) -> bool:
        return self.setting.deadlines.now <= self._linger_until

    def take_held(self) -> bytes:
        """Hand over what was kept, for a tunnel."""
        held, self._held = self._held, b""
        return held

    def handed_over(self) -> None:
        """The transport has another protocol now; only the count of connections is still ours."""
        self.resume_reading()
        self.translator.forget()
        self.patience_s = NEVER

    def exchange_done(self, *, close: bool, unread: bool) -> None:
        """The exchange ended with a whole response. ``unread``: the client may still be sending its request."""
        self.exchange = None
        if unread:
            self.linger()
        elif close or self.setting.draining:
            self.linger() if self._held else self.close()
        elif self.blocked:
            # The client asks on and does not read: its next request waits, or the answers would pile up here.
            self.pause_reading()
            self.wait(self.setting.timeouts.send_s)
        else:
            self._next_request()

    def _next_request(self) -> None:
        if self.paused:
            self.resume_reading()
        self.wait(self.setting.timeouts.keepalive_idle_s)
        if self._held and not self._looping:
            self._serve(self._held)

    def cut(self, *, reset: bool) -> None:
        """End the connection so that the client can tell that the message is not whole."""
        self.exchange = None
        if reset and not self.transport.is_closing():
            reset_on_close(self.transport)
        self.close()

    def _serve(self, data: bytes) -> None:
        """Take complete heads off ``data`` and start their exchanges, as long as none is in progress."""
        self._held = b""
        self._looping = True
        while data and self.exchange is None and self.state is HEADS and not self.blocked:
            data = skip_empty_lines(data)
            end = data.find(END, max(0, self._scanned - 3)) + 4
            if end < 4 or end - 4 > self._head_limit:
                self._unfinished(data)
                data = b""
            else:
                self._scanned = 0
                self._start(data[:end], data[end:])
                data, self._held = self._held, b""
        self._looping = False
        if data and self.state is HEADS:
            self.hold(data)

    def _start(self, block: bytes, rest: bytes) -> None:
        """Begin the exchange of one request; what of ``rest`` is not its body is kept."""
        try:
            method, target, plan = self.translator.translate(block)
        except RequestFault as fault:
            if not self._looping and skip_empty_lines(block) is not block:
                self._serve(block)  # an empty line came with the head; RFC 9112 2.2 forgives it
            else:
                self.refuse(fault)
            return
        self.exchange = exchange = self.exchanges(self, method, target, plan)
        if exchange.body is None and rest:
            self._held = rest
            rest = b""
        exchange.begin(rest)

    def _unfinished(self, data: bytes) -> None:
        """The head is not complete: wait for more of it, unless it can never become a valid one."""
        if not data:
            return
        limits = self.setting.limits
        why = hopeless(data, self._scanned)
        if why:
            self.refuse(RequestFault(400, why))
        elif len(data) > limits.request_line_bytes + 1 and b"\r\n" not in data[: limits.request_line_bytes + 2]:
            self.refuse(RequestFault(414, f"the request line is longer than {limits.request_line_bytes} bytes"))
        elif len(data) > limits.header_block_bytes:
            self.refuse(RequestFault(431, f"the request head is larger than {limits.header_block_bytes} bytes"))
        else:
            if not self._scanned:
                self.wait(self.setting.timeouts.request_head_s)
            self._held = data
            self._scanned = len(data)

    def refuse(self, fault: RequestFault) -> None:
        """Answer a head that is not even a request, and close: nothing behind it can be trusted."""
        entry = self.refusals(self.peer.text, b"", b"", "", self.setting.loop.time())
        failure = Failure.LOOP_DETECTED if fault.status == 508 else Failure.REQUEST_ERROR
        self.write(answer(fault.status, fault.detail, failure=failure, close=True))
        self.setting.ledger.refuse(entry, fault.status, failure.value, fault.detail)
        self.linger()

    # Ends

    def linger(self) -> None:
        """Say that nothing more will be sent, and let the client finish talking before the connection closes."""
        if self.transport.is_closing():
            return
        self.state = LINGERING
        self._held = b""
        self._linger_until = self.setting.deadlines.now + LINGER_TOTAL_S
        self.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.wait(LINGER_IDLE_S)

    def close(self) -> None:
        """Close as soon as everything is written."""
        self.state = CLOSING
        self.wait(self.setting.timeouts.send_s)
        if not self.transport.is_closing():
            self.transport.close()

    def pause_reading(self) -> None:
        """Do not read the client until further notice."""
        if not self.paused and not self.transport.is_closing():
            self.paused = True
            self.transport.pause_reading()
            look_out(self.setting.loop, self, client_stays)

    def resume_reading(self) -> None:
        """Read the client again."""
        if self.paused and not self.transport.is_closing():
            self.paused = False
            self.transport.resume_reading()
