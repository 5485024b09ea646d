"""Whether one client's answer is given to another: by what is answered, since many caches leave no mark on it.

nginx writes neither Age nor X-Cache unless it is told to. So one address is asked twice, with a query that nobody has
asked for before. In place each request has an id of its own, and the answer says whose it is. Without a token a client
that is signed in asks first and a stranger second: whoever refuses strangers at another address, and gives this one
what was made for the other, has kept it. What is kept by that lies at an address that nobody else knows.
"""

from __future__ import annotations

import asyncio
import secrets

from antechamber.policy.model import Kind, Route
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.look import Reuse
from antechamber.probe.manner import Manner, fresh_query
from antechamber.probe.target import Target
from antechamber.probe.telling import told
from antechamber.probe.transcript import HttpTranscript
from antechamber.surface.answers import ANSWER_FIELD
from antechamber.surface.request import Do, ProbeRequest

_REFUSED = (401, 403)


async def reuse_of(route: Route, path: str, target: Target, manner: Manner, *, observed: bool) -> Reuse | None:
    """What two requests to the same address show; ``None`` where they can show nothing."""
    if observed:
        return await _in_place(path, target, manner)
    stranger = target.as_stranger()
    if route.kind is not Kind.API or stranger == target:
        return None
    return await _by_a_stranger(path, target, stranger, manner)


async def _in_place(path: str, target: Target, manner: Manner) -> Reuse | None:
    address = f"{path}?{fresh_query()}"
    first, second = secrets.token_hex(4), secrets.token_hex(4)
    if await _answered(first, address, target, manner) != first:
        return None
    whose = await _answered(second, address, target, manner)
    if whose == second:
        return Reuse(shared=False, words="two requests to the same address were answered each by itself")
    if whose == first:
        return Reuse(shared=True, words="the second of two requests to the same address got the first one's answer")
    return None


async def _answered(who: str, address: str, target: Target, manner: Manner) -> str:
    """Whose answer came when ``who`` asked; empty if it does not say."""
    field = manner.asking(ProbeRequest(do=Do.ECHO, id=who))
    answer = await fetch(target, Request(target=address, fields=(field,)), patience_s=manner.patience_s)
    return (answer.field(ANSWER_FIELD.lower()) or b"").decode("latin-1").rpartition("id=")[2]


async def _by_a_stranger(path: str, target: Target, stranger: Target, manner: Manner) -> Reuse | None:
    address = f"{path}?{fresh_query()}"
    mine = await _fetch(address, target, manner)
    theirs, elsewhere = await asyncio.gather(
        _fetch(address, stranger, manner), _fetch(f"{path}?{fresh_query()}", stranger, manner)
    )
    if elsewhere.status not in _REFUSED or mine.status is None or mine.status in _REFUSED:
        return None
    if theirs.status in _REFUSED:
        return Reuse(shared=False, words="a stranger is refused where a client that is signed in was just answered")
    if (theirs.status, theirs.body) == (mine.status, mine.body):
        words = f"a stranger got what a client that is signed in had got before ({told(mine)})"
        return Reuse(shared=True, words=f"{words}; at another address a stranger gets {told(elsewhere)}")
    return None


async def _fetch(address: str, target: Target, manner: Manner) -> HttpTranscript:
    return await fetch(target, Request(target=address), patience_s=manner.patience_s)
