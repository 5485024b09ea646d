"""Waiting for time limits: silence on every live route at once, and when it was ended.

A stream of the observing surface says one thing, is silent for as long as there is patience, and says another. A limit
shows itself by the end of the connection, and the time of that end *is* the limit; a connection that something dropped
without a word shows by the second thing that never comes, and then shorter silences find the limit by halving. Where
nobody answers probes, an app's own streams are watched instead: nobody can make them silent, so only a limit under the
heartbeat shows.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Kind, Route
from antechamber.policy.observation import Observation
from antechamber.policy.quantities import show_duration
from antechamber.probe.events import watch
from antechamber.probe.exchange import Request
from antechamber.probe.facts import Facts
from antechamber.probe.inquiry import Inquiry
from antechamber.probe.lane import Lane
from antechamber.probe.look import path_of
from antechamber.probe.manner import Manner
from antechamber.probe.sockets import converse
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, HttpTranscript
from antechamber.surface.request import Do, ProbeRequest

CONNECTIONS = 32
"""Whoever is patient has said that more than a browser's six may wait side by side: they are silent."""
MARGIN_S = 5.0
"""After a silence was over: how long what comes next may take."""
WHOLE_S = 10.0
"""Limits from here on are written in whole seconds; what is seen beyond them is the way back."""
FINEST = 0.15
"""Halving stops when the limit is known this well, as a share of itself."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What came of a silence: was it outlived, or ended after so long, or did it swallow what came next?"""

    asked_s: float
    outlived: bool
    ended_s: float | None = None
    """When the connection was ended; ``None`` if it was not."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait."""

    seconds: float

    async def wait(self, inquiry: Inquiry) -> None:
        """Measure the live routes of a check that is done, side by side; each is known as soon as it is measured."""
        routes = [seen.route for seen in inquiry.known.seen.values() if seen.route.kind.live and seen.through.sightings]
        if not routes:
            return
        target, manner = inquiry.entrance()
        target = replace(target, lane=Lane(CONNECTIONS))
        counting = asyncio.create_task(self._count_down(inquiry))
        try:
            async with asyncio.TaskGroup() as group:
                for route in routes:
                    group.create_task(self._measure(inquiry, route, target, manner))
        finally:
            counting.cancel()

    async def _measure(self, inquiry: Inquiry, route: Route, target: Target, manner: Manner) -> None:
        silence = await hold(route, target, manner, silence_s=self.seconds)
        if not silence.outlived and silence.ended_s is None:
            silence = await self._halve(route, target, manner)
        inquiry.known.measured[route.path] = limit_of(route, silence)

    async def _halve(self, route: Route, target: Target, manner: Manner) -> Silence:
        """The shortest silence, within :data:`FINEST`, that swallows what comes after it."""
        lasted_s, swallowed_s = 0.0, self.seconds
        while swallowed_s - lasted_s > FINEST * swallowed_s:
            middle_s = (lasted_s + swallowed_s) / 2
            silence = await hold(route, target, manner, silence_s=middle_s)
            if silence.ended_s is not None:
                return silence
            lasted_s, swallowed_s = (middle_s, swallowed_s) if silence.outlived else (lasted_s, middle_s)
        return Silence(swallowed_s, outlived=False, ended_s=swallowed_s)

    async def _count_down(self, inquiry: Inquiry) -> None:
        began_s = time.monotonic()
        while (passed_s := time.monotonic() - began_s) < self.seconds:
            left = show_duration(round(self.seconds - passed_s))
            inquiry.tell(
                f"waiting for limits on silence, {left} to go; Ctrl-C tells what is known",
                int(passed_s),
                int(self.seconds),
            )
            await asyncio.sleep(1.0)


async def hold(route: Route, target: Target, manner: Manner, *, silence_s: float) -> Silence:
    """Open the route in place, and see what becomes of a silence of that length."""
    asked = ProbeRequest(do=Do.STREAM, count=2, pace_s=0.0, silence_s=silence_s)
    request = Request(target=path_of(route, manner.fill), fields=(manner.asking(asked),))
    patience_s = silence_s + MARGIN_S
    if route.kind is Kind.WEBSOCKET:
        seen = await converse(
            target, request, enough=lambda _: False, patience_s=patience_s, total_s=patience_s + MARGIN_S
        )
        count, http, expected = len(seen.messages), seen.http, 3
        last_s = seen.messages[-1][0] if seen.messages else 0.0
    else:
        stream = await watch(
            target, request, enough=lambda _: False, patience_s=patience_s, total_s=patience_s + MARGIN_S
        )
        count, http, expected = len(stream.events), stream.http, 2
        last_s = stream.events[-1][0] if stream.events else 0.0
    if count >= expected:
        return Silence(silence_s, outlived=True)
    return Silence(silence_s, outlived=False, ended_s=_ended_s(http, last_s))


def _ended_s(http: HttpTranscript, last_s: float) -> float | None:
    ended = http.ending.end in (End.CUT, End.COMPLETE, End.MALFORMED)
    return max(http.ending.at_s - last_s, 0.0) if ended else None


def limit_of(route: Route, silence: Silence) -> EffectiveRoute:
    """What a silence says of the route's limit: its length, or that there is none below what was waited for."""
    facts = Facts(route.path)
    if silence.outlived:
        waited = show_duration(round(silence.asked_s))
        facts.unknown(PolicyField.STREAM_IDLE_S, because=f"silence of {waited} was outlived; longer was not tried")
        if route.heartbeat_s is not None and silence.asked_s <= route.heartbeat_s:
            facts.saw(
                Observation.UNSEEN, "not due yet", f"the heartbeat comes every {show_duration(route.heartbeat_s)}"
            )
    else:
        ended_s = silence.ended_s or silence.asked_s
        evidence = f"ended after {ended_s:.1f} s of silence"
        facts.holds(PolicyField.STREAM_IDLE_S, round(ended_s, None if ended_s >= WHOLE_S else 1), evidence)
    return facts.route()
