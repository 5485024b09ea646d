"""A lane: one proxy with one recording origin, through which cases run one after another.

Cases that share a lane share the proxy's connections to the origin, which is the point: what one case spoils, the fresh
requests behind it see. Independent cases run on several lanes at once (:mod:`tests.hostile.fleet`).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.hostile.answer import Answer, Outcome, read_answer
from tests.hostile.corpus import Behaviour, Case, expand
from tests.hostile.frames import Opcode, encode_frame, take_frame
from tests.hostile.judge import Fresh, Observation, Step, reasons
from tests.hostile.origin import RecordingOrigin
from tests.hostile.upstream_rules import MANAGED
from tests.hostile.wire import Wire, after

PATIENCE_S = 2.5
"""How long an answer may take. A proxy may hold a request for that long when a case allows ``timeout``."""
ECHO_PATIENCE_S = 2.0
FRESH_PATIENCE_S = 3.0
SETTLE_S = 0.1
"""How long a connection is watched for bytes that nobody asked for: an observation window, not a synchronisation."""
FRESH_ATTEMPTS = 4


@dataclass(eq=False)
class Lane:
    """``host`` and ``port`` of a proxy whose upstream is ``origin``."""

    host: str
    port: int
    origin: RecordingOrigin
    baseline: Mapping[str, str] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def learn_baseline(self) -> None:
        """Send one plain request and keep what the proxy adds to it; raises when it is not forwarded."""
        era = self.origin.begin(Behaviour())
        target = self._own_target("base")
        async with asyncio.timeout(10):
            while (await self._ask(target)).status != 200:
                await asyncio.sleep(0.1)
        seen = self.origin.since(era)[-1]
        assert seen.target == target
        self.baseline = {name: seen.joined(name) for name in MANAGED if seen.all(name)}

    async def judge(self, case: Case) -> list[str]:
        """Run one case; why it fails, if it does."""
        return reasons(case, await self.observe(case))

    async def observe(self, case: Case) -> Observation:
        era = self.origin.begin(case.origin)
        seen = Observation(baseline=self.baseline)
        wire = await Wire.dial(self.host, self.port)
        try:
            seen.answer = await self._converse(wire, case)
            if seen.answer.status == 101:
                seen.echoed = await self._echoes(wire, case)
            if self._marks(case, seen.answer):
                await self._mark(wire, case, seen, era)
        finally:
            await wire.abort()
        for _ in range(FRESH_ATTEMPTS):
            seen.fresh.append(await self._fresh())
            if seen.fresh[-2:] == [Fresh.ANSWERED, Fresh.ANSWERED]:
                break
        seen.seen = self.origin.since(era)
        seen.strays = self.origin.strays(era)
        return seen

    async def _converse(self, wire: Wire, case: Case) -> Answer:
        """Send what the case sends and read the answer to its last request."""
        method = "HEAD" if case.head else "GET"
        timeout = max(PATIENCE_S, case.timeout_s)
        if case.scripted:
            return await self._converse_in_parts(wire, case, timeout)
        payload = expand(case.parts[0].send)
        if case.step:
            timeout += len(payload) * case.step_pause_s * 3 / case.step
            wire.send_beside(payload, step=case.step, pause_s=case.step_pause_s)
        else:
            wire.send_beside(payload)
        answer = await read_answer(wire, timeout, method=method)
        for _ in range(case.responses - 1):
            if not answer.whole:
                break
            answer = await read_answer(wire, timeout, method=method)
        return answer

    async def _converse_in_parts(self, wire: Wire, case: Case, timeout_s: float) -> Answer:
        answer = Answer()
        for part in case.parts:
            await wire.send(expand(part.send))
            if part.wait == "interim":
                answer = await read_answer(wire, timeout_s, stop_at_interim=True, answer=answer)
                if answer.whole:
                    return answer
            elif isinstance(part.wait, int | float):
                await asyncio.sleep(part.wait / 1000)
        return await read_answer(wire, timeout_s, answer=answer)

    async def _echoes(self, wire: Wire, case: Case) -> bool:
        """Whether messages come back through the tunnel, those sent with the handshake first."""
        early = case.expect.client.get("early", [])
        assert isinstance(early, list)
        wanted = [*early, "hello"]
        await wire.send(encode_frame(b"hello", mask=True))
        got: list[str] = []
        until = after(ECHO_PATIENCE_S)
        while len(got) < len(wanted):
            frame = take_frame(wire.inbox)
            if frame is None:
                if not await wire.fill(until):
                    break
            elif frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                got.append(frame.payload.decode("latin-1"))
            elif frame.opcode is Opcode.CLOSE:
                break
        return got == wanted

    @staticmethod
    def _marks(case: Case, answer: Answer) -> bool:
        if case.no_marker or not answer.whole:
            return False
        return answer.status != 101 or bool(case.probe)

    async def _mark(self, wire: Wire, case: Case, seen: Observation, era: int) -> None:
        """Look whether the connection is in step: by what else came, then by one more request."""
        await wire.fill(after(SETTLE_S))
        if wire.ended:
            seen.step = Step.CLOSED
        elif wire.inbox and case.responses == 1:
            extra = await read_answer(wire, 0.5)
            seen.step, seen.step_status = Step.EXTRA_ANSWER, extra.status
        elif case.probe == "tunnel":
            seen.step = await self._probe_tunnel(wire, era)
        else:
            await self._mark_request(wire, seen, era)

    async def _probe_tunnel(self, wire: Wire, era: int) -> Step:
        """Send what no HTTP proxy may forward: if the origin has it, bytes flow unread."""
        target = self._own_target("tunnel")
        await wire.send(f"GET {target} HTTP/1.1\r\nHost: a\r\nHost : b\r\nHost: c\r\n\r\n".encode())
        await read_answer(wire, 1.0)
        await asyncio.sleep(SETTLE_S)
        arrived = any(seen.target == target for seen in self.origin.since(era))
        return Step.TUNNEL if arrived or self.origin.raw_holds(target.encode()) else Step.NO_TUNNEL

    async def _mark_request(self, wire: Wire, seen: Observation, era: int) -> None:
        target = self._own_target("marker")
        answer = await self._ask(target, wire, patience_s=PATIENCE_S)
        seen.step_status = answer.status
        arrivals = sum(request.target == target for request in self.origin.since(era))
        if not answer.status:
            closed = answer.outcome is Outcome.CLOSED or (answer.outcome is Outcome.CUT and wire.ended)
            seen.step = Step.CLOSED if closed else Step.SWALLOWED
        elif answer.status != 200:
            seen.step = Step.REFUSED
        elif target.encode() not in answer.body:
            seen.step = Step.FOREIGN_ANSWER
        else:
            seen.step = Step.ANSWERED if arrivals == 1 else Step.REPEATED

    async def _fresh(self) -> Fresh:
        target = self._own_target("fresh")
        try:
            answer = await self._ask(target)
        except OSError:
            return Fresh.FAILED
        if answer.status != 200:
            return Fresh.FAILED
        return Fresh.ANSWERED if target.encode() in answer.body else Fresh.FOREIGN_ANSWER

    async def _ask(self, target: str, wire: Wire | None = None, *, patience_s: float = FRESH_PATIENCE_S) -> Answer:
        """One plain request, on ``wire`` or on a connection of its own."""
        own = wire or await Wire.dial(self.host, self.port)
        try:
            await own.send(f"GET {target} HTTP/1.1\r\nHost: example.test\r\n\r\n".encode())
            return await read_answer(own, patience_s)
        finally:
            if wire is None:
                await own.abort()

    def _own_target(self, purpose: str) -> str:
        return f"/__{purpose}/{self.origin.era}-{next(self._numbers)}-{id(self):x}"
