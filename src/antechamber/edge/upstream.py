"""The upstream end: one connection to the app, serving one exchange at a time or idle in the pool."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from antechamber.net.deadlines import NEVER
from antechamber.net.sockets import unread
from antechamber.protocol.framing import NONE

if TYPE_CHECKING:
    from antechamber.edge.exchange import Exchange
    from antechamber.edge.setting import Setting

WRITE_HIGH = 128 * 1024
"""Octets that may wait in a transport before the other side is paused."""

UNREAD_LIMIT = 256 * 1024
"""Octets that are still taken from an app that broke off: an early answer, not a download."""


class Upstream(asyncio.Protocol):
    """Hands what arrives to its exchange. What arrives without one is thrown away with the connection."""

    __slots__ = (
        "deadline",
        "exchange",
        "filed_until",
        "idle_limit_s",
        "idle_since",
        "reused",
        "setting",
        "transport",
        "write",
    )

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.exchange: Exchange | None = None
        """Whom it serves; while it is dialled, who is waiting for it."""
        self.reused = False
        self.idle_since = 0.0
        self.idle_limit_s = 0.0
        self.deadline = NEVER
        self.filed_until = NEVER

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_HIGH)
        self.write = self.transport.write
        if self.exchange is not None:
            self.exchange.connected(self)

    def data_received(self, data: bytes) -> None:
        exchange = self.exchange
        if exchange is None:
            self._discard()
            return
        try:
            exchange.response_data(data)
        except Exception as error:
            exchange.downstream.fault(error)

    def eof_received(self) -> bool:
        if self.exchange is not None:
            self.exchange.upstream_ended()
        else:
            self._discard()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        exchange = self.exchange
        if exchange is None:
            self.setting.pool.remove(self)
        elif exc is not None and exchange.plan.framing is not NONE:
            exchange.upstream_broke(unread(self.transport, limit=UNREAD_LIMIT), exc)
        else:
            exchange.upstream_lost(exc)

    def pause_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.upstream_blocked()

    def resume_writing(self) -> None:
        if self.exchange is not None:
            self.exchange.upstream_flows()

    def release(self, announced_s: int | None) -> None:
        """The exchange ended cleanly: wait in the pool for another, or close."""
        self.exchange = None
        self.reused = True
        deadlines = self.setting.deadlines
        if self.setting.draining or not self.setting.pool.give(self, deadlines.now, announced_s):
            self.transport.close()
            return
        self.deadline = deadlines.now + self.idle_limit_s
        if self.deadline < self.filed_until:
            deadlines.watch(self)

    def drop(self) -> None:
        """The exchange has no more use for this connection: close at once, whatever is under way."""
        self.exchange = None
        self.transport.abort()

    def expire(self) -> None:
        """Idle for too long."""
        if self.exchange is None:
            self._discard()

    def _discard(self) -> None:
        self.setting.pool.remove(self)
        self.transport.abort()
