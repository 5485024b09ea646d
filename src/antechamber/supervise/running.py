"""A running engine, attended: waited for, told of every change, stopped in its own way."""

from __future__ import annotations

import asyncio
from typing import Never

from antechamber.engines.base import Runnable
from antechamber.errors import AntechamberError, ConfigError
from antechamber.net.accepting import accepting
from antechamber.policy.quantities import show_duration
from antechamber.supervise.binary import Binary
from antechamber.supervise.calls import Calls, first_of
from antechamber.supervise.child import Child
from antechamber.supervise.handover import Handover
from antechamber.supervise.judgement import RefusedError
from antechamber.supervise.telling import quote, tell
from antechamber.supervise.wanted import Reader, Told
from antechamber.supervise.watch import State, changed, state_of

READY_S = 30.0
"""Caddy, the slowest to start of those measured, needs 0.14 s; it may have certificates to load."""
MARGIN_S = 2.0
"""For an engine that bounds its own draining, to end by itself when that time is over."""
STOPS, STOP_EVERY_S = 10, 0.5
"""How often it is told to end at once before it is killed: of two equal signals in a row, one may be lost."""


class Running:
    """An engine that was started, until its end."""

    def __init__(
        self, engine: Runnable, binary: Binary, child: Child, reader: Reader, handover: Handover, told: Told
    ) -> None:
        self._engine = engine
        self._binary = binary
        self._child = child
        self._reader = reader
        self._handover = handover
        self._told = told

    async def attend(self, calls: Calls) -> int:
        """Serve until the engine ends or somebody ends it; its exit code."""
        serving = asyncio.create_task(self._serve(calls))
        ended = asyncio.create_task(self._child.wait())
        try:
            await first_of(serving, ended, calls.stop)
            if serving.done():
                serving.result()  # a fault: it never returns
        finally:
            for task in (serving, ended):
                task.cancel()
            await asyncio.gather(serving, ended, return_exceptions=True)
        if not self._child.ended:
            return await self._stop(calls)
        code = await self._child.wait()
        self._say(f"ended by itself, with exit code {code}")
        return code

    async def _serve(self, calls: Calls) -> Never:
        await self._until_ready()
        self._tell_served()
        seen = self._told.seen
        while True:
            seen, asked = await self._next_reason(calls, seen)
            if await self._reload(asked=asked):
                seen = self._told.seen

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(READY_S):
                for address in self._told.addresses:
                    await accepting(address)
        except TimeoutError:
            raise AntechamberError(f"{self._engine.title} took no connection within {READY_S:g} s") from None

    async def _next_reason(self, calls: Calls, seen: State) -> tuple[State, bool]:
        """Wait until a file is not as it was ``seen``, or somebody asks; how the files are then, and which it was."""
        looking = asyncio.create_task(changed(self._told.watched, seen))
        try:
            await first_of(looking, calls.look_again)
        finally:
            looking.cancel()
        asked = calls.look_again.is_set()
        calls.look_again.clear()
        return state_of(self._told.watched), asked

    async def _reload(self, *, asked: bool) -> bool:
        """Whether what is wanted now holds. If it is wrong, what held goes on, and one line says so."""
        try:
            new = await self._reader.read(self._told)
            if new.says_the_same(self._told) and not asked:
                self._told = new
                self._say("not reloaded: the change is none for it")
                return True
            await self._handover.give(new, before=self._told)
        except ConfigError as error:
            if isinstance(error, RefusedError):
                quote(error.said)
            self._say(f"not reloaded, and goes on as before: {error}")
            return False
        before, self._told = self._told, new
        limit = show_duration(before.longest_stream_s)
        self._say(f"reloaded: {self._engine.program.keeps.format(limit=limit)}")
        if new.served != before.served:
            self._tell_served()
        return True

    async def _stop(self, calls: Calls) -> int:
        """Politely for as long as the policy says, then at once."""
        drain_s = self._told.drain_s
        self._say(f"stopping: what is open may finish for up to {show_duration(drain_s)}; a second signal ends it now")
        self._child.send(self._engine.program.drain)
        ended = asyncio.create_task(self._child.wait())
        margin_s = MARGIN_S if self._engine.program.bounds_drain else 0.0
        await first_of(ended, calls.stop_now, within_s=drain_s + margin_s)
        if not self._child.ended:
            self._say("ending what is still open")
            for _ in range(STOPS):
                self._child.send(self._engine.program.stop)
                await first_of(ended, within_s=STOP_EVERY_S)
                if self._child.ended:
                    break
        self._child.end_group()
        code = await ended
        if code == 128 + self._engine.program.stop:
            code = 0  # told twice, because it was slow, the second time without a handler: it did what it was told
        self._say(f"stopped, with exit code {code}")
        return code

    def _tell_served(self) -> None:
        for served in self._told.served:
            self._say(f"{self._binary} serving {served}")

    def _say(self, words: str) -> None:
        tell(f"{self._engine.title} {words}")
