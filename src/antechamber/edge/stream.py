"""A lasting response: the app's end of the connection gets a protocol of its own, as both ends of a tunnel do.

An event that arrives as one chunk, which is how they come, costs a look at its size line and one write. It touches this
one object: with a thousand streams, what costs is memory that has left the cache. Everything else goes the general way,
and so does the first event of each length, from which that way learns what such an event begins with.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from antechamber.protocol.framing import ChunkedReader, known_size_line

if TYPE_CHECKING:
    from antechamber.edge.exchange import Exchange
    from antechamber.edge.upstream import Upstream


class StreamSource(asyncio.Protocol):
    """Reads a chunked stream from the app and writes it to the client. ``since`` is when it last did."""

    __slots__ = ("between", "bytes_down", "client", "clock", "exchange", "pieces_down", "reader", "since", "upstream")

    def __init__(self, exchange: Exchange, upstream: Upstream, reader: ChunkedReader) -> None:
        self.exchange = exchange
        self.upstream = upstream
        self.reader = reader
        self.between = reader.between_chunks
        self.client = exchange.downstream.transport
        self.clock = exchange.setting.deadlines
        self.since = self.clock.now
        self.bytes_down = 0
        self.pieces_down = 0
        upstream.transport.set_protocol(self)

    def settle(self) -> None:
        """The stream is over: enter what was counted here, and give the connection back."""
        self.exchange.bytes_down += self.bytes_down
        self.exchange.pieces_down += self.pieces_down
        self.upstream.transport.set_protocol(self.upstream)

    def data_received(self, data: bytes) -> None:
        size = len(data)
        line = known_size_line(size)
        if line and self.between and data.startswith(line) and data.endswith(b"\r\n"):
            self.client.write(data)
            self.bytes_down += size
            self.pieces_down += 1
            self.since = self.clock.now
        else:
            self.upstream.data_received(data)
            self.between = self.reader.between_chunks

    def eof_received(self) -> bool:
        return self.upstream.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.upstream.connection_lost(exc)

    def pause_writing(self) -> None:
        self.upstream.pause_writing()

    def resume_writing(self) -> None:
        self.upstream.resume_writing()
