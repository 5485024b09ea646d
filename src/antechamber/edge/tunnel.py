"""After 101: two connections joined, octets both ways, nothing read into them.

Each transport gets a small protocol of its own in place of the one that spoke HTTP, so that a piece costs one call and
one write. A half-close is passed on (RFC 9110 9.3.6 would allow to close both); an end that is lost takes the other
with it, after what was under way has been delivered.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from antechamber.edge.lookout import look_out, tunnel_stays
from antechamber.ledger import Party, Reason
from antechamber.net.deadlines import NEVER

if TYPE_CHECKING:
    from antechamber.edge.downstream import Downstream
    from antechamber.edge.exchange import Exchange
    from antechamber.edge.upstream import Upstream


class Tunnel:
    """An accepted upgrade. ``since`` is when an octet last passed, ``patience_s`` how long none may."""

    __slots__ = (
        "_ended",
        "_finished_by",
        "_idle_s",
        "_open",
        "_unread_by",
        "client",
        "downstream",
        "entry",
        "filed_until",
        "looking",
        "patience_s",
        "since",
        "upstream",
    )

    def __init__(self, entry: Exchange, downstream: Downstream, upstream: Upstream, *, idle_s: float) -> None:
        self.entry = entry
        self.downstream = downstream
        self.client = downstream.transport
        self.upstream = upstream.transport
        self.filed_until = NEVER
        self.patience_s = self._idle_s = idle_s
        self.since = downstream.setting.deadlines.now
        self._ended = False
        self.looking = False
        self._finished_by: Party | None = None
        self._unread_by: Party | None = None
        self._open = 2

    @property
    def deadline(self) -> float:
        """When patience ends, in loop time."""
        return self.since + self.patience_s

    def begin(self, answer: bytes, held: bytes) -> None:
        """Join the two ends. ``answer`` is what the client gets first, ``held`` what it sent behind its handshake."""
        up, down = FromClient(self), FromUpstream(self)
        self.downstream.handed_over()
        self.client.set_protocol(up)
        self.upstream.set_protocol(down)
        self.downstream.setting.deadlines.watch(self)
        if self.downstream.blocked:
            self.blocked(self.upstream)
        self.client.write(answer)  # only now: should the client not take it, it is the tunnel that must know
        if held:
            up.data_received(held)

    def blocked(self, source: asyncio.Transport) -> None:
        """The other end does not read: stop reading this one."""
        if not source.is_closing():
            source.pause_reading()
        self._unread_by = Party.CLIENT if source is self.upstream else Party.UPSTREAM
        self._wait(self.downstream.setting.timeouts.stream_send_s)
        look_out(self.downstream.setting.loop, self, tunnel_stays)

    def flows(self, source: asyncio.Transport) -> None:
        """The other end reads again."""
        if not source.is_closing():
            source.resume_reading()
        self._unread_by = None
        half_close_s = self.downstream.setting.timeouts.half_close_s
        self._wait(min(self._idle_s, half_close_s) if self._finished_by else self._idle_s)

    def half_closed(self, other: asyncio.Transport) -> bool:
        """One end will send no more. Whether its transport stays open for what the other still sends."""
        both = self._finished_by is not None
        if self._finished_by is None:
            self._finished_by = Party.CLIENT if other is self.upstream else Party.UPSTREAM
        if both or other.is_closing() or not self.client.can_write_eof():
            self.note(self._finished_by, Reason.CLOSED)
            other.close()
            return False
        other.write_eof()
        self._wait(min(self._idle_s, self.downstream.setting.timeouts.half_close_s))
        return True

    def lost(self, other: asyncio.Transport, by: Party, exc: Exception | None) -> None:
        """One end is gone: deliver what is under way to the other, then close it."""
        self.note(by, Reason.LOST if exc else Reason.CLOSED)
        if not other.is_closing():
            other.close()
        self._open -= 1
        if not self._open:
            self.patience_s = NEVER
            self.downstream.exchange = self.entry.tunnel = None  # or they would keep each other for the collector
        else:
            self._wait(self.downstream.setting.timeouts.half_close_s)

    def end(self, by: Party, reason: Reason) -> None:
        """Close both ends."""
        self.note(by, reason)
        self.client.close()
        self.upstream.close()
        self._wait(self.downstream.setting.timeouts.half_close_s)

    def expire(self) -> None:
        """Nothing passed for too long. The second time it is the closing itself that takes too long."""
        if self._ended:
            self.client.abort()
            self.upstream.abort()
        elif self._unread_by:
            self.entry.detail = f"the {self._unread_by} took nothing for {self.patience_s:g} s"
            self.end(self._unread_by, Reason.SEND_TIMEOUT)
        else:
            after = " after one side had finished" if self._finished_by else ""
            self.entry.detail = f"nothing passed for {self.patience_s:g} s{after}"
            self.end(Party.EDGE, Reason.IDLE)

    @property
    def is_held_up(self) -> bool:
        """Whether an end is not being read, because the other takes nothing."""
        return not self._ended and self._unread_by is not None

    def _wait(self, patience_s: float) -> None:
        deadlines = self.downstream.setting.deadlines
        self.since = deadlines.now
        self.patience_s = patience_s
        if self.deadline < self.filed_until:
            deadlines.watch(self)

    def note(self, by: Party, reason: Reason) -> None:
        """Enter in the ledger who ended it and why, the first time."""
        if not self._ended:
            self._ended = True
            setting = self.downstream.setting
            setting.ledger.end(self.entry, setting.loop.time(), by, reason)


class FromClient(asyncio.Protocol):
    """Reads the client, writes to the app."""

    __slots__ = ("clock", "entry", "tunnel", "write")

    def __init__(self, tunnel: Tunnel) -> None:
        self.tunnel = tunnel
        self.entry = tunnel.entry
        self.clock = tunnel.downstream.setting.deadlines
        self.write = tunnel.upstream.write

    def data_received(self, data: bytes) -> None:
        self.write(data)
        entry = self.entry
        entry.bytes_up += len(data)
        entry.pieces_up += 1
        self.tunnel.since = self.clock.now

    def eof_received(self) -> bool:
        return self.tunnel.half_closed(self.tunnel.upstream)

    def connection_lost(self, exc: Exception | None) -> None:
        self.tunnel.downstream.leave()
        self.tunnel.lost(self.tunnel.upstream, Party.CLIENT, exc)

    def pause_writing(self) -> None:
        self.tunnel.blocked(self.tunnel.upstream)

    def resume_writing(self) -> None:
        self.tunnel.flows(self.tunnel.upstream)


class FromUpstream(asyncio.Protocol):
    """Reads the app, writes to the client."""

    __slots__ = ("clock", "entry", "tunnel", "write")

    def __init__(self, tunnel: Tunnel) -> None:
        self.tunnel = tunnel
        self.entry = tunnel.entry
        self.clock = tunnel.downstream.setting.deadlines
        self.write = tunnel.client.write

    def data_received(self, data: bytes) -> None:
        self.write(data)
        entry = self.entry
        entry.bytes_down += len(data)
        entry.pieces_down += 1
        self.tunnel.since = self.clock.now

    def eof_received(self) -> bool:
        return self.tunnel.half_closed(self.tunnel.client)

    def connection_lost(self, exc: Exception | None) -> None:
        self.tunnel.lost(self.tunnel.client, Party.UPSTREAM, exc)

    def pause_writing(self) -> None:
        self.tunnel.blocked(self.tunnel.client)

    def resume_writing(self) -> None:
        self.tunnel.flows(self.tunnel.client)
