"""All routes of a policy, by both ways in, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from antechamber.policy.effective import body_limit_bytes
from antechamber.policy.model import Kind, Policy, Route
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.look import Look
from antechamber.probe.look_live import look_at_stream
from antechamber.probe.look_plain import look_at_answer, look_at_upload
from antechamber.probe.look_versions import look_at_socket_in_every_version
from antechamber.probe.manner import Manner
from antechamber.probe.seen import Seen, is_event_stream
from antechamber.probe.target import Target

AT_ONCE = 12
"""Routes that are looked at together: one waits directly while another waits at the proxy; each host's own lane bounds
its connections."""
DIRECTLY_S = 2.5
"""How long the app itself may take to answer; what is still silent then is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """A way in, and how to look by it."""

    target: Target
    manner: Manner
    name: str = ""
    """What people call it; empty for the public address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What to look at, by which ways."""

    policy: Policy
    direct: Entrance | None
    through: Entrance
    tell: Callable[[Seen], None] = field(default=lambda _: None)
    """Hears of each route as it is done."""

    async def look(self, routes: Sequence[Route]) -> list[Seen]:
        """Look at ``routes`` both ways; in their order."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(route: Route) -> Seen:
            async with turn:
                straight = await self._look_directly(route, self.direct) if self.direct else None
                around = await self._look(route, self.through, straight)
            seen = Seen(route=route, direct=straight, through=around)
            self.tell(seen)
            return seen

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(route)) for route in routes]
        return [task.result() for task in tasks]

    async def look_through(self, seen: Sequence[Seen]) -> list[Seen]:
        """Look by this way only, beside what was seen directly before; in the same order."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(before: Seen) -> Seen:
            async with turn:
                around = await self._look(before.route, self.through, before.direct)
            return replace(before, through=around)

        return list(await asyncio.gather(*(one(before) for before in seen)))

    async def look_again(self, seen: Seen) -> Seen:
        """The second look at a route that seemed wrong, alone and with longer pauses."""
        straight = await self._look_directly(seen.route, _slower(self.direct)) if self.direct else None
        around = await self._look(seen.route, _slower(self.through), straight)
        return Seen(route=seen.route, direct=straight, through=around)

    async def _look_directly(self, route: Route, entrance: Entrance) -> Look:
        """By itself an app answers soon or never: it hands an upgrade that it does not know to nobody."""
        patience_s = min(entrance.manner.patience_s, DIRECTLY_S)
        return await self._look(route, replace(entrance, manner=replace(entrance.manner, patience_s=patience_s)), None)

    async def _look(self, route: Route, entrance: Entrance, direct: Look | None) -> Look:
        target, manner = entrance.target, entrance.manner
        match route.kind:
            case Kind.WEBSOCKET:
                silent = direct is not None and direct.real is not None and direct.real.status is None
                return await look_at_socket_in_every_version(route, target, manner, also_real=not silent)
            case Kind.SSE:
                return await look_at_stream(route, target, manner, hint=_hints(direct))
            case Kind.UPLOAD:
                limit_bytes = body_limit_bytes(self.policy, route)
                return await look_at_upload(route, target, manner, limit_bytes=limit_bytes)
            case Kind.API | Kind.PAGE:
                limit_bytes = body_limit_bytes(self.policy, route)
                return await look_at_answer(route, target, manner, limit_bytes=limit_bytes)


async def warm_up(entrance: Entrance) -> None:
    """One request that nobody looks at: the first one of a process pays for what the others do not."""
    await fetch(entrance.target, Request(target="/"), patience_s=entrance.manner.patience_s)


def _slower(entrance: Entrance) -> Entrance:
    return replace(entrance, manner=entrance.manner.slower())


def _hints(direct: Look | None) -> bool:
    """Whether the app itself says ``X-Accel-Buffering: no`` on its stream, as far as that was seen directly."""
    real = direct.real if direct is not None else None
    if real is None or not is_event_stream(real):
        return False
    return (real.field(b"x-accel-buffering") or b"").lower() == b"no"
