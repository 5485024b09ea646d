"""A running engine gets a new configuration in its own way, and it is seen that it took it.

A signal has no answer, so new workers are the sign of success: nginx and HAProxy start them only once the whole
configuration holds, its listeners included.
"""

from __future__ import annotations

import asyncio
from typing import assert_never

from antechamber.engines.base import Runnable
from antechamber.engines.program import ByCommand, BySignal
from antechamber.errors import ConfigError
from antechamber.net.accepting import accepting
from antechamber.supervise.binary import Binary
from antechamber.supervise.child import Child
from antechamber.supervise.judgement import RefusedError, judge
from antechamber.supervise.place import Place
from antechamber.supervise.wanted import Told

TAKEN_S = 30.0
LOOK_EVERY_S = 0.05


class Handover:
    """The way from one configuration to the next, for one running engine."""

    def __init__(self, engine: Runnable, binary: Binary, place: Place, child: Child) -> None:
        self._engine = engine
        self._binary = binary
        self._place = place
        self._child = child

    async def give(self, new: Told, *, before: Told) -> None:
        """Put ``new`` into place and wait until it holds. On :class:`ConfigError`, ``before`` still does."""
        self._place.adopt(new.files)
        try:
            async with asyncio.timeout(TAKEN_S):
                await self._tell()
                for address in new.addresses:
                    await accepting(address)
        except TimeoutError:
            self._place.adopt(before.files)
            raise ConfigError(f"{self._engine.title} has not taken it within {TAKEN_S:g} s") from None
        except ConfigError:
            self._place.adopt(before.files)
            raise

    async def _tell(self) -> None:
        match self._engine.program.reload:
            case BySignal(number):
                before = self._child.workers()
                self._child.send(number)
                while not self._child.workers() - before:  # noqa: ASYNC110  (no event tells it)
                    await asyncio.sleep(LOOK_EVERY_S)
            case ByCommand(arguments):
                judgement = await judge((self._binary.path, *arguments), self._place.path)
                if judgement.code:
                    raise RefusedError(f"{self._engine.title} does not take it", judgement.said)
            case None:
                raise ConfigError(
                    f"{self._engine.title} takes no new configuration while it runs",
                    way_out="Stop it and start it again.",
                )
            case never:
                assert_never(never)
