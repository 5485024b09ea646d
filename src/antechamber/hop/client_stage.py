"""The hop's stage between a client and the edge: what answers go through on their way out, and frames both ways."""

from __future__ import annotations

import asyncio

from antechamber.edge.downstream import Downstream
from antechamber.hop.answers import pipeline
from antechamber.hop.asked import Asked, Orders
from antechamber.hop.frames import Frames
from antechamber.hop.reply import Outlet, Reply, Step, Turn, Turns
from antechamber.hop.stage import Later, Stage
from antechamber.protocol.framing import BodyReader, ChunkedReader, CloseReader, Framing, LengthReader, response_framing
from antechamber.protocol.http1 import END, ResponseHead, parse_response_head

WAITING_HIGH = 1024 * 1024
"""Octets of later answers that may wait for an earlier one before the edge is told to pause."""
FIELD_COUNT = 4096
_FRAMING = (b"content-length", b"transfer-encoding", b"connection")


class ClientStage(Stage):
    """Reads what the edge writes to one client, response by response. The edge writes canonically, so this is easy."""

    def __init__(self, downstream: Downstream, orders: Orders) -> None:
        super().__init__(downstream)
        self.asked: Asked | None = None
        """The request that is being answered; the other stage tells."""
        self._downstream = downstream
        self._orders = orders
        self._later = Later(asyncio.get_running_loop())
        self._turns = Turns(self._put)
        self._unread = b""
        self._steps: Step | None = None
        self._reader: BodyReader | None = None
        self._frames: Frames | None = None
        self._closing = False
        self._paused_here = self._paused_below = False

    # From the client

    def arrived(self, data: bytes) -> None:
        if self._frames is not None:
            self._frames.from_client(data)
        else:
            self.up(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._later.forget()
        super().connection_lost(exc)

    # From the edge

    def sent(self, data: bytes) -> None:
        if self._frames is not None:
            self._frames.from_app(data)
            return
        self._unread += data
        while self._unread and (self._reader is not None or END in self._unread):
            if self._reader is None:
                self._read_head()
            else:
                self._read_content(self._reader)
        self._relieve()

    def _read_head(self) -> None:
        end = self._unread.index(END) + len(END)
        block, self._unread = self._unread[:end], self._unread[end:]
        head = parse_response_head(block, count_limit=FIELD_COUNT)
        if head.status == 101:
            self._switch(block)
            return
        if head.status < 200:
            turn = self._turns.take()
            self._turns.write(turn, block)
            self._turns.finish(turn)
        else:
            self._begin(head)

    def _begin(self, head: ResponseHead) -> None:
        """A final head: choose what the answer goes through."""
        exchange = self._downstream.exchange
        asked = self.asked if self.asked is not None and self.asked.exchange is exchange else None
        to_head = exchange is not None and exchange.method == b"HEAD"
        reply, reader = _opened(head, to_head=to_head, minor=exchange.plan.minor if exchange is not None else 1)
        turn = self._turns.take()
        outlet = Outlet(
            write=lambda data: self._turns.write(turn, data), finish=lambda: self._finish(turn), cut=self._cut
        )
        steps = pipeline(self._orders, asked, reply, outlet=outlet, later=self._later)
        steps.head(reply)
        if reader is None:
            steps.end()
        else:
            self._steps, self._reader = steps, reader

    def _read_content(self, reader: BodyReader) -> None:
        steps = self._steps
        assert steps is not None
        content = reader.read(self._unread)
        self._unread = reader.rest
        if reader.done:
            self._steps = self._reader = None
        if content:
            steps.content(content)
        if reader.done:
            steps.end()

    def _switch(self, head: bytes) -> None:
        rest, self._unread = self._unread, b""
        frames = Frames(
            self._orders.faults, to_client=self.below.write, to_app=self.up, cut=self._cut, later=self._later
        )
        self.below.write(head)
        self._frames = frames
        if rest:
            frames.from_app(rest)

    # Ends

    def close(self) -> None:
        """The edge has written all. What is held is delivered first."""
        self._closing = True
        steps, reader = self._steps, self._reader
        self._steps = self._reader = None
        if steps is not None:
            steps.end() if isinstance(reader, CloseReader) else steps.broken()
        if self._frames is not None:
            self._frames.close()
        elif self._turns.empty:
            self.below.close()

    def is_closing(self) -> bool:
        return self._closing or self.below.is_closing()

    def get_write_buffer_size(self) -> int:
        return self.below.get_write_buffer_size() + self._turns.waiting + (not self._turns.empty)

    def write_eof(self) -> None:
        if self._frames is not None:
            self._frames.let_go()
        if self._turns.empty:
            self.below.write_eof()

    def _finish(self, turn: Turn) -> None:
        self._turns.finish(turn)
        self._relieve()
        if self._closing and self._turns.empty:
            self.below.close()

    def _cut(self) -> None:
        """End the connection in the middle of what is on it."""
        self._later.forget()
        self.below.close()

    def _put(self, data: bytes) -> None:
        if not self.below.is_closing():
            self.below.write(data)

    # Back-pressure: the client may not read, or an answer may wait here for its turn

    def pause_writing(self) -> None:
        self._paused_below = True
        self._tell(was=self._paused_here)

    def resume_writing(self) -> None:
        self._paused_below = False
        if not self._paused_here:
            self.above.resume_writing()

    def _relieve(self) -> None:
        waits = self._turns.waiting > WAITING_HIGH
        if waits is self._paused_here:
            return
        self._paused_here = waits
        if waits:
            self._tell(was=self._paused_below)
        elif not self._paused_below:
            self.above.resume_writing()

    def _tell(self, *, was: bool) -> None:
        if not was:
            self.above.pause_writing()


def _opened(head: ResponseHead, *, to_head: bool, minor: int) -> tuple[Reply, BodyReader | None]:
    """The reply that a head begins, and what reads its content: nothing, where there is none."""
    lengths = [value for name, value in head.fields if name.lower() == b"content-length"]
    codings = [value for name, value in head.fields if name.lower() == b"transfer-encoding"]
    framing, length = response_framing(head.status, lengths, codings, head.minor, to_head=to_head)
    reply = Reply(head.status, head.reason, head.fields, None, minor=minor)
    match framing:
        case Framing.NONE:
            reply.bodiless = True
            return reply, None
        case Framing.LENGTH:
            reply.length = length
            reader: BodyReader = LengthReader(length)
        case Framing.CHUNKED:
            reader = ChunkedReader(reframe=False)
        case Framing.CLOSE:
            reader = CloseReader(reframe=False)
    reply.close = (b"Connection", b"close") in head.fields
    reply.fields = reply.without(*_FRAMING)
    return reply, reader
