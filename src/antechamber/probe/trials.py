"""Trials by time, each on one route in place: silence, liveliness, a late answer, a slow upload, a client that is deaf.

All of them ask the observing surface for something that takes so long by its own plan, so whatever ends it earlier
stands in between. A trial says only what became of it; what two of them together mean is for
:mod:`antechamber.probe.effective_patience`.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from dataclasses import dataclass

from antechamber.net.stream import StreamError
from antechamber.policy.model import Kind, Route
from antechamber.probe.departures import ask_about
from antechamber.probe.events import watch
from antechamber.probe.exchange import Exchange, Request
from antechamber.probe.fetch import fetch, not_reached
from antechamber.probe.look import path_of
from antechamber.probe.manner import Manner
from antechamber.probe.sockets import converse
from antechamber.probe.target import Target
from antechamber.probe.telling import told
from antechamber.probe.transcript import End, HttpTranscript
from antechamber.surface.departures import State
from antechamber.surface.request import MAX_SECONDS, Do, Form, ProbeRequest

MARGIN_S = 5.0
"""After a trial was over: how long what comes next may take."""
LONGEST_S = MAX_SECONDS - 60.0
"""What a surface can be asked for."""
FLOOD_MIB = 64
"""Several times what kernels hold for the connections of a hop or two; little of it ever leaves the app."""
PIECE = b"antechamber " * 4
"""Small enough that the pieces of the longest upload fit into HTTP/2's first window."""
_ENDED = (End.CUT, End.COMPLETE, End.MALFORMED)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one: was it outlived, or ended after so long, or did it swallow what came next?"""

    asked_s: float
    outlived: bool
    ended_s: float | None = None
    """When it was ended, after what was last heard or sent on a silent one and after its start on a lively one;
    ``None`` if it was not ended."""
    how: str = ""
    """How it ended, and who did it, as far as that was seen."""
    once_s: float | None = None
    """When an earlier one was ended that this one, a second look at it, did not confirm."""


def pause_of(seconds: float) -> float:
    """Between the events of a lively stream: often enough that no limit on silence is meant by what ends it."""
    return min(max(seconds / 40, 0.25), 10.0)


async def silent(route: Route, target: Target, manner: Manner, *, for_s: float) -> Trial:
    """Open a live route in place, and see what becomes of a silence of that length."""
    for_s = min(for_s, LONGEST_S)
    asked = ProbeRequest(do=Do.STREAM, count=2, pace_s=0.0, silence_s=for_s)
    came, http = await _events(route, target, manner, asked, patience_s=for_s + MARGIN_S)
    if len(came) >= asked.count:
        return Trial(for_s, outlived=True)
    ended = http.ending.end in _ENDED
    last_s = came[-1] if came else 0.0
    return Trial(for_s, outlived=False, ended_s=max(http.ending.at_s - last_s, 0.0) if ended else None)


async def lively(route: Route, target: Target, manner: Manner, *, for_s: float) -> Trial:
    """Open a live route in place, with events all the time, and see whether its age ends it."""
    for_s = min(for_s, LONGEST_S)
    pause_s = pause_of(for_s)
    asked = ProbeRequest(do=Do.STREAM, id=secrets.token_hex(8), count=math.ceil(for_s / pause_s) + 1, pace_s=pause_s)
    came, http = await _events(route, target, manner, asked, patience_s=pause_s + MARGIN_S)
    if len(came) >= asked.count:
        return Trial(for_s, outlived=True)
    if not came or http.ending.end not in _ENDED:
        return Trial(for_s, outlived=False)
    left = await ask_about(asked.id, path_of(route, manner.fill), target, manner)
    by = "by something in between, " if left.state in (State.LEFT, State.HERE) else ""
    how = f"{by}{http.ending.detail or http.ending.end.value}, with an event every {pause_s:g} s"
    return Trial(for_s, outlived=False, ended_s=http.ending.at_s, how=how)


async def late(route: Route, target: Target, manner: Manner, *, for_s: float) -> Trial:
    """Ask for an answer in place that begins after so long."""
    for_s = min(for_s, LONGEST_S)
    asked = ProbeRequest(do=Do.ECHO, wait_s=for_s)
    request = Request(target=path_of(route, manner.fill), fields=(manner.asking(asked),))
    answer = await fetch(target, request, patience_s=for_s + MARGIN_S)
    return _answered(answer, for_s, whole=answer.status == 200)


async def deaf(route: Route, target: Target, manner: Manner, *, for_s: float) -> Trial:
    """Ask in place for more than the buffers on the way hold, and take nothing of it for so long. Who has had enough of
    that ends its side to the app, too, and the surface knows when."""
    asked = ProbeRequest(
        do=Do.STREAM, id=secrets.token_hex(8), form=Form.BYTES, count=FLOOD_MIB, size_bytes=1024 * 1024, pace_s=0.0
    )
    path = path_of(route, manner.fill)
    try:
        stream = await target.open(within_s=manner.patience_s)
    except StreamError:
        return Trial(for_s, outlived=False)
    try:
        exchange = Exchange(stream, patience_s=manner.patience_s)
        await exchange.ask(Request(target=path, fields=(manner.asking(asked),)).asked(target))
        if await exchange.head() != 200:
            return Trial(for_s, outlived=False)
        await asyncio.sleep(for_s)
        seen = await ask_about(asked.id, path, target, manner)
    finally:
        await stream.close()
    if seen.state is State.LEFT:
        return Trial(for_s, outlived=False, ended_s=seen.stayed_s, how="by something in between")
    return Trial(for_s, outlived=seen.state is State.HERE)


async def slow_upload(route: Route, target: Target, manner: Manner, *, for_s: float, pausing: bool) -> Trial:
    """Upload in place for so long: a little all the time, or with one pause of that length in the middle."""
    for_s = min(for_s, LONGEST_S)
    pause_s = for_s if pausing else pause_of(for_s)
    pieces = 2 if pausing else math.ceil(for_s / pause_s) + 1
    size = pieces * len(PIECE)
    request = Request(
        target=path_of(route, manner.fill),
        method=route.methods[-1] if route.methods else "POST",
        fields=(manner.asking(ProbeRequest(do=Do.SINK)), (b"Content-Type", b"application/octet-stream")),
        announced_bytes=size,
    )
    answer = await _send_slowly(target, request, pieces=pieces, pause_s=pause_s, patience_s=for_s + MARGIN_S)
    return _answered(answer, for_s, whole=answer.status == 200 and _received(answer) == size)


async def _events(
    route: Route, target: Target, manner: Manner, asked: ProbeRequest, *, patience_s: float
) -> tuple[list[float], HttpTranscript]:
    """When each event of an observing stream, or message of an observing socket, came; and the transcript."""
    request = Request(target=path_of(route, manner.fill), fields=(manner.asking(asked),))
    total_s = asked.planned_s + 2 * MARGIN_S
    if route.kind is Kind.WEBSOCKET:
        seen = await converse(target, request, enough=lambda _: False, patience_s=patience_s, total_s=total_s)
        return [at_s for at_s, _ in seen.messages[1:]], seen.http
    stream = await watch(target, request, enough=lambda _: False, patience_s=patience_s, total_s=total_s)
    return [at_s for at_s, _ in stream.events], stream.http


async def _send_slowly(
    target: Target, request: Request, *, pieces: int, pause_s: float, patience_s: float
) -> HttpTranscript:
    """Send the pieces and listen at the same time: whoever cuts an upload says so before it is over, or never."""
    try:
        stream = await target.open(within_s=patience_s)
    except StreamError as error:
        return not_reached(error)
    exchange = Exchange(stream, patience_s=patience_s)

    async def send() -> None:
        for number in range(1, pieces + 1):
            await exchange.say(PIECE, last=number == pieces)
            if number < pieces:
                await asyncio.sleep(pause_s)

    await exchange.ask(request.asked(target))
    sending = asyncio.create_task(send())
    try:
        if await exchange.head() is not None:
            await exchange.piece()
        return exchange.transcript()
    finally:
        sending.cancel()
        await stream.close()


def _answered(answer: HttpTranscript, asked_s: float, *, whole: bool) -> Trial:
    """Of a request whose answer was to come after ``asked_s``."""
    if whole:
        return Trial(asked_s, outlived=True)
    if answer.status is not None:
        return Trial(asked_s, outlived=False, ended_s=answer.head_s, how=told(answer))
    if answer.ending.end in _ENDED:
        return Trial(asked_s, outlived=False, ended_s=answer.ending.at_s, how=told(answer))
    return Trial(asked_s, outlived=False)


def _received(answer: HttpTranscript) -> int:
    """How much of an upload the surface says it has received."""
    try:
        return int(json.loads(answer.body)["body"]["size"])
    except (ValueError, KeyError, TypeError):
        return -1
