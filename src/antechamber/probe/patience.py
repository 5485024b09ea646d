"""Waiting for time limits: every route is tried by time, all of them side by side.

A stream of the observing surface says one thing, is silent for as long as there is patience, and says another. A limit
shows itself by the end of the connection, and the time of that end *is* the limit; a connection that something dropped
without a word shows by the second thing that never comes, and then shorter silences find the limit by halving. Beside
it runs a lively one: what ends both at the same age counts age, not silence. A lively one that was ended is opened once
more, since a reload of some hop looks the same, and only what is ended again has a limit.

Ordinary routes are asked for a late answer, and uploads are sent slowly, with and without a pause. Where nobody answers
probes nothing of this can be asked for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from antechamber.policy.model import Kind, Route
from antechamber.policy.quantities import show_duration
from antechamber.probe.effective_patience import live_limits, plain_limits
from antechamber.probe.effective_site import EVERYTHING
from antechamber.probe.inquiry import Inquiry
from antechamber.probe.lane import Lane
from antechamber.probe.manner import Manner
from antechamber.probe.seen import Seen
from antechamber.probe.target import Target
from antechamber.probe.trials import MARGIN_S, Trial, deaf, late, lively, silent, slow_upload

CONNECTIONS = 96
"""Whoever is patient has said that more than a browser's six may wait side by side: they say little, or nothing."""
FINEST = 0.15
"""Halving stops when the limit is known this well, as a share of itself."""

Attempt = Callable[[float], Awaitable[Trial]]
"""Tries for so many seconds."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait."""

    seconds: float

    async def wait(self, inquiry: Inquiry) -> None:
        """Measure the routes of a check that is done, side by side; each is known as soon as it is measured."""
        target, manner = inquiry.entrance()
        target = replace(target, lane=Lane(CONNECTIONS))
        counting = asyncio.create_task(self._count_down(inquiry))
        try:
            async with asyncio.TaskGroup() as group:
                for seen in inquiry.known.seen.values():
                    if seen.route.kind.live and seen.through.sightings:
                        group.create_task(self._measure_live(inquiry, seen.route, target, manner))
                    elif not seen.route.kind.live and seen.through.echo is not None:
                        group.create_task(self._measure_plain(inquiry, seen, target, manner))
        finally:
            counting.cancel()

    async def _measure_live(self, inquiry: Inquiry, route: Route, target: Target, manner: Manner) -> None:
        living = asyncio.create_task(
            self._twice(lambda seconds: lively(route, target, manner, for_s=seconds), self.seconds)
        )
        unread = asyncio.create_task(self._unread(inquiry, route, target, manner))
        try:
            silence = await self._silence(route, target, manner)
            if silence.ended_s is not None:  # the lively one must grow a little older, to be told apart
                await asyncio.wait({living}, timeout=silence.ended_s + MARGIN_S)
                early = living.result() if living.done() else None
                inquiry.known.measured[route.path] = live_limits(route, silence, early)
            inquiry.known.measured[route.path] = live_limits(route, silence, await living, await unread)
        finally:
            living.cancel()
            unread.cancel()

    async def _measure_plain(self, inquiry: Inquiry, seen: Seen, target: Target, manner: Manner) -> None:
        route = seen.route
        uploading = asyncio.create_task(self._uploads(seen, target, manner))
        unread = asyncio.create_task(self._unread(inquiry, route, target, manner))
        try:
            waiting = await late(route, target, manner, for_s=self.seconds)
            inquiry.known.measured[route.path] = plain_limits(route, waiting)
            pause, slow = await uploading
            inquiry.known.measured[route.path] = plain_limits(route, waiting, pause, slow, await unread)
        finally:
            uploading.cancel()
            unread.cancel()

    async def _unread(self, inquiry: Inquiry, route: Route, target: Target, manner: Manner) -> Trial | None:
        """An answer that nobody reads; on one stream and one ordinary route, since it fills every buffer on the way."""
        if route.kind is Kind.SSE:
            streams = (
                one.route for one in inquiry.known.seen.values() if one.route.kind is Kind.SSE and one.through.sightings
            )
            chosen = next(streams, None) is route
        else:
            chosen = route.path == EVERYTHING
        return await deaf(route, target, manner, for_s=self.seconds) if chosen else None

    async def _uploads(self, seen: Seen, target: Target, manner: Manner) -> tuple[Trial | None, Trial | None]:
        """An upload with a pause, and a slow one; nothing where no upload was seen to arrive."""
        route = seen.route
        if route.kind is not Kind.UPLOAD or seen.through.pieces is None:
            return None, None
        return await asyncio.gather(
            slow_upload(route, target, manner, for_s=self.seconds, pausing=True),
            self._twice(lambda seconds: slow_upload(route, target, manner, for_s=seconds, pausing=False), self.seconds),
        )

    async def _twice(self, attempt: Attempt, seconds: float) -> Trial:
        """Once; and once more if it was ended, for a little longer than it lasted. The second time counts."""
        first = await attempt(seconds)
        if first.ended_s is None:
            return first
        second = await attempt(min(first.ended_s + MARGIN_S, seconds))
        return second if second.ended_s is not None else replace(second, once_s=first.ended_s)

    async def _silence(self, route: Route, target: Target, manner: Manner) -> Trial:
        silence = await silent(route, target, manner, for_s=self.seconds)
        if silence.outlived or silence.ended_s is not None:
            return silence
        return await self._halve(route, target, manner)

    async def _halve(self, route: Route, target: Target, manner: Manner) -> Trial:
        """The shortest silence, within :data:`FINEST`, that swallows what comes after it."""
        lasted_s, swallowed_s = 0.0, self.seconds
        while swallowed_s - lasted_s > FINEST * swallowed_s:
            middle_s = (lasted_s + swallowed_s) / 2
            silence = await silent(route, target, manner, for_s=middle_s)
            if silence.ended_s is not None:
                return silence
            lasted_s, swallowed_s = (middle_s, swallowed_s) if silence.outlived else (lasted_s, middle_s)
        return Trial(swallowed_s, outlived=False, ended_s=swallowed_s)

    async def _count_down(self, inquiry: Inquiry) -> None:
        began_s = time.monotonic()
        while (passed_s := time.monotonic() - began_s) < self.seconds:
            left = show_duration(round(self.seconds - passed_s))
            inquiry.tell(
                f"waiting for time limits, {left} to go; Ctrl-C tells what is known",
                int(passed_s),
                int(self.seconds),
            )
            await asyncio.sleep(1.0)
        inquiry.tell("once more, what was ended", int(self.seconds), int(self.seconds))
