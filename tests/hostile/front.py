"""The client before the proxy: asks the faulty origin for a fault and holds what came of it.

A scenario is one coroutine that provokes one fault and asserts what is right; it registers itself under the id of the
fault. ``ALONE`` scenarios have a proxy and an origin to themselves, since they stop the origin, measure the process or
look for answers that went astray; all others run at the same time on one.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.hostile.answer import Answer, read_answer
from tests.hostile.edge import CLIENT_TIMEOUT_S, CONNECT_TIMEOUT_S, RESPONSE_TIMEOUT_S, Edge
from tests.hostile.fault_modes import Visit
from tests.hostile.faulty import FaultyOrigin
from tests.hostile.wire import Wire, after

UPSTREAM_ERRORS = (502, 503, 504)
SLACK_S = 6.0
"""How much later than a timeout its effect may show on a busy machine."""
CONNECT_PATIENCE_S = CONNECT_TIMEOUT_S + SLACK_S
ANSWER_PATIENCE_S = RESPONSE_TIMEOUT_S + SLACK_S
CLIENT_PATIENCE_S = CLIENT_TIMEOUT_S + SLACK_S
WEBSOCKET = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


@dataclass(eq=False)
class Asked:
    """One request and what came back."""

    wire: Wire
    nonce: str
    answer: Answer
    seconds: float

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def gone(self) -> bool:
        """The connection ended without any answer."""
        return not self.answer.status and self.wire.ended

    @property
    def own(self) -> bool:
        """Whether the answer is the one to this request."""
        return self.answer.status == 200 and self.nonce.encode() in self.answer.body


@dataclass(eq=False)
class Front:
    """A running edge before a faulty origin."""

    edge: Edge
    origin: FaultyOrigin
    wires: list[Wire] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def nonce(self) -> str:
        return f"n{next(self._numbers)}-{os.urandom(4).hex()}"

    async def dial(self) -> Wire:
        wire = await Wire.dial(self.edge.host, self.edge.port)
        self.wires.append(wire)
        return wire

    async def close(self) -> None:
        """Drop every connection that scenarios left open."""
        wires, self.wires = self.wires, []
        await asyncio.gather(*[wire.abort() for wire in wires], return_exceptions=True)

    async def send(self, mode: str, *, method: str = "GET", fields: str = "", query: str = "") -> tuple[Wire, str]:
        """Send a request head on a new connection; the connection and the nonce."""
        wire, nonce = await self.dial(), self.nonce()
        await wire.send(request_head(mode, nonce, method=method, fields=fields, query=query))
        return wire, nonce

    async def ask(
        self,
        mode: str,
        *,
        method: str = "GET",
        fields: str = "",
        body: bytes = b"",
        query: str = "",
        wire: Wire | None = None,
        patience_s: float = ANSWER_PATIENCE_S,
    ) -> Asked:
        """One whole request and its answer, on ``wire`` or on a connection of its own."""
        loop = asyncio.get_running_loop()
        wire, nonce = wire or await self.dial(), self.nonce()
        if body:
            fields += f"Content-Length: {len(body)}\r\n"
        started = loop.time()
        wire.send_beside(request_head(mode, nonce, method=method, fields=fields, query=query) + body)
        answer = await read_answer(wire, patience_s, method=method)
        seconds = loop.time() - started
        if not answer.whole and not wire.ended:
            await wire.fill(after(0.5))
        return Asked(wire, nonce, answer, seconds)

    async def must_serve(self, requests: int = 2, *, patience_s: float = 10) -> None:
        """Healthy requests on new connections get their own answers: at once, or as soon as the edge recovers."""
        good = 0
        async with asyncio.timeout(patience_s):
            while good < requests:
                asked = await self.ask("echo")
                await asked.wire.abort()
                assert asked.status != 200 or asked.own, f"a healthy request got another's answer {asked.answer.body!r}"
                good = good + 1 if asked.own else 0
                if not good:
                    await asyncio.sleep(0.2)

    def visit(self, asked: Asked) -> Visit:
        return self.origin.visits(asked.nonce)[0]


def request_head(mode: str, nonce: str, *, method: str = "GET", fields: str = "", query: str = "") -> bytes:
    return f"{method} /f/{mode}/{nonce}{query} HTTP/1.1\r\nHost: example.test\r\n{fields}\r\n".encode()


def must_be_told(asked: Asked, *, within_s: float, statuses: tuple[int, ...] = UPSTREAM_ERRORS) -> None:
    """A complete error answer that names the hop (RFC 9209), in time."""
    answer = asked.answer
    assert asked.status in statuses, f"got {answer.told}: {answer.head!r}"
    assert answer.whole, "the error answer itself is incomplete"
    assert any("error=" in value for value in answer.all("proxy-status")), f"no Proxy-Status: {answer.fields}"
    assert asked.seconds <= within_s, f"took {asked.seconds:.1f} s"


def must_be_cut(asked: Asked, *, within_s: float) -> None:
    """Visibly incomplete with the connection at its end, or refused: never a success that looks whole."""
    if asked.status in UPSTREAM_ERRORS:
        must_be_told(asked, within_s=within_s)
        return
    answer = asked.answer
    assert not answer.whole, f"{len(answer.body)} bytes look like a whole {asked.status} ({answer.framing.value})"
    assert asked.wire.ended, "the connection is still open"
    assert asked.seconds <= within_s, f"took {asked.seconds:.1f} s"


async def must_be_released(visit: Visit, *, within_s: float = 5) -> None:
    """The proxy lets go of the upstream connection."""
    async with asyncio.timeout(within_s):
        await visit.over.wait()


class Company(Enum):
    """Whether a scenario shares its proxy with others."""

    SHARED = auto()
    ALONE = auto()


Script = Callable[[Front], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault, and the coroutine that provokes and judges it."""

    id: str
    title: str
    reference: str
    company: Company
    script: Script


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    fault_id: str, title: str, reference: str, company: Company = Company.SHARED
) -> Callable[[Script], Script]:
    """Register the decorated coroutine as the scenario of a fault."""

    def register(script: Script) -> Script:
        assert fault_id not in SCENARIOS, fault_id
        SCENARIOS[fault_id] = Scenario(fault_id, title, reference, company, script)
        return script

    return register
