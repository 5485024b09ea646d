"""The book itself: what is open now, what has been, and who wants to be told."""

from __future__ import annotations

import asyncio
from typing import Protocol

from antechamber.ledger.entry import EXCHANGE, Entry, Party, Reason, Shape


class Witness(Protocol):
    """Somebody who writes down what happens: the access log, later metrics."""

    def opened(self, entry: Entry) -> None:
        """A stream or tunnel has begun."""

    def ended(self, entry: Entry) -> None:
        """An exchange, stream or tunnel is over."""


class Ledger:
    """All exchanges in progress, and counts of those that were."""

    __slots__ = ("_idle", "ended_count", "open", "streams", "witness")

    def __init__(self, witness: Witness) -> None:
        self.witness = witness
        self.open: dict[int, Entry] = {}
        """By id. An exchange enters itself when its head has been accepted."""
        self.streams = 0
        """Streams and tunnels open now."""
        self.ended_count = 0
        self._idle: asyncio.Event | None = None

    async def idle(self) -> None:
        """Wait until nothing is in progress."""
        self._idle = asyncio.Event()
        if self.open:
            await self._idle.wait()

    def stream_opened(self, entry: Entry, shape: Shape) -> None:
        """The exchange is going to last."""
        entry.shape = shape
        self.streams += 1
        self.witness.opened(entry)

    def refuse(self, entry: Entry, status: int, failure: str, detail: str) -> None:
        """What came was no request: it is over as it begins. ``failure`` is an RFC 9209 token."""
        entry.status, entry.failure, entry.detail = status, failure, detail
        self.end(entry, entry.opened_at, Party.EDGE, Reason.REFUSED)

    def end(self, entry: Entry, at: float, by: Party, reason: Reason) -> None:
        """The exchange is over. Ending twice changes nothing."""
        if entry.reason is not None:
            return
        entry.ended_at = at
        entry.ended_by = by
        entry.reason = reason
        if entry.shape is not EXCHANGE:
            self.streams -= 1
        self.open.pop(entry.id, None)
        self.ended_count += 1
        if self._idle is not None and not self.open:
            self._idle.set()
        self.witness.ended(entry)
