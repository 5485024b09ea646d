"""The upward half of an exchange: the request on its way to the app.

It owns the dial, the one retry, the request body piece by piece, and the back-pressure that an app which reads slowly
puts on its client. Nothing of a body is kept but what waits for the connection to the app, within a bound.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING

from antechamber.edge.readers import request_reader
from antechamber.edge.upstream import Upstream
from antechamber.ledger import Entry
from antechamber.net.deadlines import NEVER
from antechamber.net.dial import DialError
from antechamber.protocol.exchange import DIALLING, IDEMPOTENT, NEXT, WAITING, Phase
from antechamber.protocol.failure import Failure
from antechamber.protocol.framing import NONE, BodyReader, FramingFault
from antechamber.protocol.translate import RequestPlan

if TYPE_CHECKING:
    from antechamber.edge.downstream import Downstream

UNSENT_HIGH = 64 * 1024
"""Octets of a request that may wait for the connection to the app before the client is paused."""


class Sending(Entry):
    """From an accepted request head to a request that the app has whole. The exchange is its own ledger entry."""

    __slots__ = (
        "_dialling",
        "_interim",
        "_received",
        "_unsent",
        "_upstream_blocked",
        "body",
        "bounds",
        "downstream",
        "phase",
        "plan",
        "setting",
        "upstream",
    )

    def __init__(self, downstream: Downstream, method: bytes, target: bytes, plan: RequestPlan) -> None:
        self.downstream = downstream
        self.setting = setting = downstream.setting
        self.bounds = bounds = setting.bounds(target)
        super().__init__(plan.client, method, target, bounds.route, setting.loop.time())
        self.plan = plan
        self.phase = DIALLING
        self.upstream: Upstream | None = None
        self.body: BodyReader | None = None if plan.plain else request_reader(plan)
        """Reads what is left of the request body; ``None`` when there is nothing left."""
        self._unsent: list[bytes] | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._received = b""
        self._interim = 0
        """Interim responses that have passed."""
        self._upstream_blocked = False

    def begin(self, rest: bytes) -> None:
        """Check what can be checked, then send the request; ``rest`` is what came of its body with the head."""
        setting = self.setting
        setting.ledger.open[self.id] = self
        if self.plan.plain or self._admissible(rest):
            upstream = self.bounds.pool.take(setting.deadlines.now, repeatable=self._repeatable())
            if isinstance(upstream, Upstream):
                upstream.deadline = NEVER
                self._connected(upstream)
            else:
                self._dial()

    def _admissible(self, rest: bytes) -> bool:
        """Check what a plain request does not need checked; ``False`` when it has been answered."""
        setting, plan = self.setting, self.plan
        if plan.claims_dropped:
            setting.notices.untrusted_claims(self.downstream.peer.text)
        if plan.last_hop:
            self.answer_for_the_app()
            return False
        if plan.length > self.bounds.body_bytes:
            self.refuse(413, self._too_large(), Failure.REQUEST_ERROR)
            return False
        if plan.upgrade is not None and setting.ledger.streams >= setting.limits.streams:
            self.refuse_stream()
            return False
        return not rest or self._take(rest)

    def request_data(self, data: bytes) -> None:
        """More of the request body."""
        if not self._take(data):
            return
        if self.upstream is not None:
            self._flush(self.upstream)
            self.downstream.since = self.setting.deadlines.now
        elif self.body is not None and self.bytes_up > UNSENT_HIGH:
            self.downstream.pause_reading()

    def upstream_blocked(self) -> None:
        """The app does not read: stop reading its client."""
        self._upstream_blocked = True
        if self.body is not None:
            self.downstream.pause_reading()
            if self.phase is WAITING:  # an app that has begun to answer is judged by its answer
                self.downstream.wait(self.upward_patience_s)

    @property
    def upward_patience_s(self) -> float:
        """How long the app may take nothing of a request: no longer than it may take to answer one."""
        return min(self.setting.timeouts.send_s, self.bounds.response_s)

    def upstream_flows(self) -> None:
        """The app reads again."""
        self._upstream_blocked = False
        if self.body is not None:
            self.downstream.resume_reading()
            if self.phase is WAITING:
                self.downstream.wait(self.setting.timeouts.body_idle_s)

    @abstractmethod
    def answer_for_the_app(self) -> None:
        """Answer as the last one whom the request was meant to reach."""

    @abstractmethod
    def refuse(self, status: int, detail: str, failure: Failure) -> None:
        """Answer in the app's place."""

    @abstractmethod
    def refuse_stream(self) -> None:
        """Answer that there is no room for another stream."""

    @abstractmethod
    def fail(self, failure: Failure, detail: str) -> None:
        """The app cannot be reached, or must not be believed."""

    def _go(self, phase: Phase) -> None:
        assert phase in NEXT[self.phase], (self.phase, phase)
        self.phase = phase

    def _take(self, data: bytes) -> bool:
        """Read body octets into what is to be sent; ``False`` when that ended the exchange."""
        body = self.body
        assert body is not None
        try:
            piece = body.read(data)
        except FramingFault as fault:
            self.refuse(400, fault.detail, Failure.REQUEST_ERROR)
            return False
        if body.content_bytes > self.bounds.body_bytes:
            self.refuse(413, self._too_large(), Failure.REQUEST_ERROR)
            return False
        if piece:
            if self._unsent is None:
                self._unsent = [piece]
            else:
                self._unsent.append(piece)
            self.bytes_up += len(piece)
            self.pieces_up += 1
        if body.done:
            self.body = None
            if body.rest:
                self.downstream.hold(body.rest)
            if self.phase is WAITING:
                self.downstream.wait(self.bounds.response_s)
        return True

    def _dial(self) -> None:
        self.downstream.wait(self.setting.timeouts.connect_s + 1)
        self._dialling = self.setting.loop.create_task(self._dial_and_send())

    async def _dial_and_send(self) -> None:
        upstream = Upstream(self.setting)
        upstream.exchange = self  # type: ignore[assignment] # every Sending is an Exchange: the class is split in two files
        try:
            await self.bounds.dialer.dial(lambda: upstream)
        except DialError as error:
            self._dialling = None
            if self.phase is DIALLING:
                self.fail(error.failure, error.detail)

    def connected(self, upstream: Upstream) -> None:
        """The connection that was dialled is there: use it before anything comes on it.

        An app that is full may answer the moment it has accepted, and that answer must not find nobody at home.
        """
        self._dialling = None
        if self.phase is DIALLING:
            self._connected(upstream)
        else:
            upstream.drop()

    def _connected(self, upstream: Upstream) -> None:
        self._go(WAITING)
        self.upstream = upstream
        upstream.exchange = self  # type: ignore[assignment] # every Sending is an Exchange: the class is split in two files
        upstream.write(b"%b %b HTTP/1.1\r\n%b" % (self.method, self.target, self.plan.section))
        if self._unsent:
            self._flush(upstream)
        if self.body is not None:
            if not self._upstream_blocked:
                self.downstream.resume_reading()
            self.downstream.wait(self.setting.timeouts.body_idle_s)
        else:
            self.downstream.wait(self.bounds.response_s)

    def _flush(self, upstream: Upstream) -> None:
        for piece in self._unsent or ():
            upstream.write(piece)
        self._unsent = None

    def _repeatable(self) -> bool:
        return self.plan.framing is NONE and self.method in IDEMPOTENT

    def _try_again(self) -> bool:
        """Dial anew if a reused connection died under a request that may be repeated (RFC 9112 9.3.1), once."""
        upstream = self.upstream
        if upstream is None or not upstream.reused or self._received or not self._repeatable():
            return False
        self._go(DIALLING)
        self.upstream = None
        upstream.drop()
        self._dial()
        return True

    def _was_not_meant(self, data: bytes) -> bool:
        """Whether octets on a reused connection are the rest of what its last exchange took for whole, and the request
        has been sent anew: an app that sends a body behind the answer to a HEAD spoils its next answer, not ours."""
        return not data.startswith(b"HTTP/1.") and not self._interim and self._try_again()

    def _was_never_told_to_continue(self) -> bool:
        """Whether a client that asked first still waits with its whole body: then the silence is the app's."""
        asked_first = b"\r\nExpect: 100-continue\r\n" in self.plan.section
        return self.body is not None and asked_first and not self.bytes_up and not self._interim

    def _too_large(self) -> str:
        return f"the request body is larger than the {self.bounds.body_bytes} bytes that this proxy allows (body-limit)"
