"""What a hop does to the head of an answer, and which steps its content goes through."""

from __future__ import annotations

from urllib.parse import urlsplit

from antechamber.hop import coding, dress, holding
from antechamber.hop.asked import Asked, Orders
from antechamber.hop.reply import Outlet, Reply, Step, Writer, chain
from antechamber.hop.shelf import Copied
from antechamber.hop.stage import Later
from antechamber.hop.table import INNER


class Heads(Step):
    """Changes the head and nothing else."""

    def __init__(self, orders: Orders, asked: Asked | None) -> None:
        super().__init__()
        self._orders = orders
        self._asked = asked

    def head(self, reply: Reply) -> None:
        faults = self._orders.faults
        stripped = frozenset(name.encode() for name in faults.strip_response_header)
        worn = dress.on_answer(self._orders.dress)
        reply.status = dress.status(self._orders.dress, reply.status)
        reply.fields = [*reply.without(*stripped, *(name.lower() for name, _ in worn)), *worn]
        if faults.cache_control:
            reply.fields.append((b"Cache-Control", faults.cache_control.encode()))
        if faults.redirects and self._asked is not None:
            reply.fields = [self._led_astray(*one, self._asked) for one in reply.fields]
        self.next.head(reply)

    def _led_astray(self, name: bytes, value: bytes, asked: Asked) -> tuple[bytes, bytes]:
        if name.lower() != b"location":
            return name, value
        parts = urlsplit(value)
        host = self._orders.inner if self._orders.faults.redirects == INNER else asked.value(b"host")
        query = b"?" + parts.query if parts.query else b""
        return name, b"http://" + host + (parts.path or b"/") + query


def pipeline(orders: Orders, asked: Asked | None, reply: Reply, *, outlet: Outlet, later: Later) -> Step:
    """What the answer ``reply`` goes through. Decided by the head as the app sent it."""
    steps: list[Step] = []
    if orders.faults.cache and asked is not None and asked.method == b"GET":
        steps.append(Copied(orders.shelf, (asked.value(b"host"), asked.target)))
    steps.append(Heads(orders, asked))
    if not reply.bodiless:
        steps += _content_steps(orders, asked, reply)
        steps += _timing_steps(orders, reply, later)
    return chain(steps, Writer(outlet))


def _content_steps(orders: Orders, asked: Asked | None, reply: Reply) -> list[Step]:
    faults = orders.faults
    accepted = asked.value(b"accept-encoding") if asked is not None else b""
    encoded = bool(reply.value(b"content-encoding"))
    compressible = coding.COMPRESSIBLE.match(reply.value(b"content-type").lower()) is not None
    steps: list[Step] = []
    if reply.event_stream:
        if faults.strip_comments:
            steps.append(coding.Uncommented())
        if faults.gzip_streams and b"gzip" in accepted.lower():
            steps.append(coding.Encoded(b"gzip", coding.Gzip()))
        return steps
    if faults.double_gzip and encoded:
        steps.append(coding.Encoded(b"gzip", coding.Gzip()))
    if faults.compress and not encoded and compressible and (chosen := coding.preferred(accepted)):
        steps.append(coding.Encoded(*chosen))
    elif faults.mislabel and not encoded and compressible:
        steps.append(coding.Mislabelled())
    return steps


def _timing_steps(orders: Orders, reply: Reply, later: Later) -> list[Step]:
    faults = orders.faults
    if not reply.streamed:
        return []
    steps: list[Step] = []
    if faults.hold_events:
        steps.append(holding.HeldForTime(faults.hold_events, later))
    if faults.batch:
        steps.append(holding.HeldForSize(faults.batch))
    if faults.collect_responses:
        steps.append(holding.HeldToTheEnd())
    if faults.hold_headers:
        steps.append(holding.HeldHead())
    if faults.cut_after:
        steps.append(holding.Cut(faults.cut_after, later))
    return steps
