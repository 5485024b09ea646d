"""The hop's stage between the edge and the app: what requests go through, and who answers instead of the app.

The edge writes a whole head at once, then the body with framing that is right; so a request is followed with the edge's
own readers. What is answered by a stand-in never reaches the app.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from antechamber.edge.tunnel import FromUpstream
from antechamber.edge.upstream import Upstream
from antechamber.hop.asked import Asked, Orders
from antechamber.hop.client_stage import ClientStage
from antechamber.hop.requests import spoilt_fields, spoilt_target
from antechamber.hop.stage import Later, Stage
from antechamber.hop.stand_in import Line, StandIn
from antechamber.protocol.framing import BodyReader, ChunkedReader, Framing, LengthReader, request_framing
from antechamber.protocol.http1 import END, parse_request_head, serialise

Deputies = Callable[[Asked, Line], StandIn | None]
"""Chooses who answers a request instead of the app."""

LINE_LIMIT = 1 << 20
FIELD_COUNT = 4096
TIMED_OUT = b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class AppStage(Stage):
    """Reads what the edge writes to the app on one connection, request by request."""

    def __init__(self, upstream: Upstream, orders: Orders, deputies: Deputies) -> None:
        super().__init__(upstream)
        self._orders = orders
        self._deputies = deputies
        self._loop = asyncio.get_running_loop()
        self._later = Later(self._loop)
        self._body: BodyReader | None = None
        self._plain: BodyReader | None = None
        """Reads the same body for a stand-in, who wants content without framing."""
        self._collected: list[bytes] | None = None
        self._stand_in: StandIn | None = None
        self._turn = 0
        """Counts stand-ins, so that what one says late is not taken for the word of the next."""
        self._tunnel = False
        self._left = False
        self._app_left = False
        """The app closed its idle connection while a stand-in answered."""
        self._line = Line(give=self._give, done=self._done, hold=self._hold, hang_up=self._hang_up)

    # From the edge

    def sent(self, data: bytes) -> None:
        if self._tunnel:
            if self._stand_in is not None:
                self._stand_in.octets(data)
            else:
                self.below.write(data)
        elif self._body is None:
            self._begin(data)
        else:
            self._go_on(data)

    def _begin(self, data: bytes) -> None:
        end = data.index(END) + len(END)
        head = parse_request_head(data[:end], line_limit=LINE_LIMIT, count_limit=FIELD_COUNT)
        exchange = cast(Upstream, self.above).exchange
        assert exchange is not None
        asked = Asked(exchange, head.method, head.target, head.fields)
        client = exchange.downstream.transport
        if isinstance(client, ClientStage):
            client.asked = asked
        lengths = [value for name, value in head.fields if name.lower() == b"content-length"]
        codings = [value for name, value in head.fields if name.lower() == b"transfer-encoding"]
        framing, length = request_framing(lengths, codings, 1)
        self._body = _reader(framing, length, reframe=True)
        self._later.forget()
        self._turn += 1
        self._stand_in = self._deputies(asked, self._line)
        self._collected = None
        if self._stand_in is not None:
            self._plain = _reader(framing, length, reframe=False)
        else:
            self._pass_head(asked)
        if self._body is not None:
            self._watch_upload()
            if data[end:]:
                self._go_on(data[end:])
        else:
            self._whole()

    def _pass_head(self, asked: Asked) -> None:
        target = spoilt_target(asked.target, self._orders.faults)
        line = b"%b %b HTTP/1.1" % (asked.method, target)
        head = serialise(line, spoilt_fields(asked, self._orders))
        if self._body is not None and self._orders.faults.collect_requests:
            self._collected = [head]
        else:
            self.below.write(head)

    def _go_on(self, data: bytes) -> None:
        body = self._body
        assert body is not None
        octets = body.read(data)
        if self._stand_in is not None:
            assert self._plain is not None
            self._stand_in.content(self._plain.read(data))
        elif self._collected is not None:
            self._collected.append(octets)
        else:
            self.below.write(octets)
        if body.done:
            self._body = self._plain = None
            self._whole()

    def _whole(self) -> None:
        self._later.forget()
        if self._stand_in is not None:
            self._stand_in.whole()
        if self._collected is not None:
            self.below.write(b"".join(self._collected))
            self._collected = None

    def _watch_upload(self) -> None:
        seconds = self._orders.faults.cut_upload
        if seconds:
            self._later.call(seconds, lambda: self.up(TIMED_OUT))

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        super().set_protocol(protocol)
        self._tunnel = isinstance(protocol, FromUpstream)

    # To the edge

    def _give(self, data: bytes) -> None:
        """An answer, or a part of one, in the app's name. Never inside a call of the edge's: it expects no answer
        before it has finished asking."""
        turn = self._turn
        self._loop.call_soon(lambda: self.up(data) if self._turn == turn and not self._left else None)

    def _done(self) -> None:
        turn = self._turn
        self._loop.call_soon(lambda: self._dismiss() if self._turn == turn else None)

    def _dismiss(self) -> None:
        self._stand_in = None
        if self._app_left and not self._left:
            super().connection_lost(None)

    def _hold(self, held: bool) -> None:
        if self._stand_in is not None and not self._left:
            self.above.pause_writing() if held else self.above.resume_writing()

    def _hang_up(self) -> None:
        self._loop.call_soon(self._drop)

    def _drop(self) -> None:
        self._stand_in = None
        if self._app_left:
            super().connection_lost(None)
        else:
            self.below.abort()

    def arrived(self, data: bytes) -> None:
        if not self._left and self._stand_in is None:
            self.up(data)

    def pause_reading(self) -> None:
        if self._stand_in is not None:
            self._stand_in.flow(on=False)
        if not self.below.is_closing():
            super().pause_reading()

    def resume_reading(self) -> None:
        if self._stand_in is not None:
            self._stand_in.flow(on=True)
        if not self.below.is_closing():
            super().resume_reading()

    # Ends

    def abort(self) -> None:
        if not self._keep_from_the_app():
            super().abort()

    def close(self) -> None:
        if not self._keep_from_the_app():
            super().close()

    def write_eof(self) -> None:
        if self._stand_in is not None:
            self._hang_up()
        elif not self._orders.faults.hide_departures and not self.below.is_closing():
            super().write_eof()

    def is_closing(self) -> bool:
        return self._left or (self._stand_in is None and super().is_closing())

    def eof_received(self) -> bool | None:
        return False if self._left or self._stand_in is not None else super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._later.forget()
        if self._stand_in is not None:
            self._app_left = True
        elif not self._left:
            super().connection_lost(exc)

    def _leave(self) -> None:
        stand_in, self._stand_in = self._stand_in, None
        if stand_in is not None:
            self._turn += 1
            stand_in.leave()

    def _keep_from_the_app(self) -> bool:
        """Whether the app is not to know that the edge has let go. The edge is told what it expects."""
        self._leave()
        if self._app_left:  # nobody else will tell the edge
            self._loop.call_soon(self.above.connection_lost, None)
            return True
        if not self._orders.faults.hide_departures or super().is_closing():
            return False
        if not self._left:
            self._left = True
            self._loop.call_soon(self.above.connection_lost, None)
        return True


def _reader(framing: Framing, length: int, *, reframe: bool) -> BodyReader | None:
    match framing:
        case Framing.LENGTH:
            return LengthReader(length)
        case Framing.CHUNKED:
            return ChunkedReader(reframe=reframe)
        case _:
            return None
