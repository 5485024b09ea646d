"""All routes of a policy, by both ways in, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from antechamber.policy.model import Route
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.judge import Expected, Verdict, judge
from antechamber.probe.look import Look, Manner, look
from antechamber.probe.target import Target

AT_ONCE = 4
"""Routes that are looked at together: enough to be done soon, few enough not to blur the times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One route: both looks, and what they say together."""

    route: Route
    direct: Look
    through: Look
    verdict: Verdict


async def survey(
    routes: Sequence[Route],
    *,
    direct: Target,
    through: Target,
    manner: Manner,
    expected: Expected,
    tell: Callable[[Seen], None] = lambda _: None,
) -> list[Seen]:
    """Look at every route both ways and judge; ``tell`` hears of each one as it is done. In the order of ``routes``."""
    turn = asyncio.Semaphore(AT_ONCE)
    await _warm_up(direct, manner)
    await _warm_up(through, manner)

    async def one(route: Route) -> Seen:
        async with turn:
            straight, around = await asyncio.gather(look(route, direct, manner), look(route, through, manner))
        seen = Seen(route=route, direct=straight, through=around, verdict=judge(route, straight, around, expected))
        tell(seen)
        return seen

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(route)) for route in routes]
    return [task.result() for task in tasks]


async def _warm_up(target: Target, manner: Manner) -> None:
    """One request that nobody looks at: the first one of a process pays for what the others do not."""
    await fetch(target, Request(target="/"), patience_s=manner.patience_s)
