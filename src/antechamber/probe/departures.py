"""Leaving on purpose, and asking the surface whether the app learnt of it: what no answer can show.

A stream is opened in place that says nothing for a while, or an answer is asked for that has not begun. Then the client
goes: over HTTP/2 it resets the stream and leaves the connection open for a moment, as a browser does that has other
things on it; over HTTP/1.1 and on a WebSocket it ends the connection without a word. Quiet matters: a proxy that is
never told finds out at its next write, and an app that has nothing to say makes none.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
from dataclasses import dataclass, replace

from antechamber.net.stream import Stream, StreamError
from antechamber.probe.exchange import Exchange, Request
from antechamber.probe.fetch import fetch
from antechamber.probe.manner import Manner, fresh_query
from antechamber.probe.target import Target
from antechamber.protocol import handshake
from antechamber.protocol.http1_client import Http1Client
from antechamber.protocol.http2 import Http2Client
from antechamber.surface.departures import State
from antechamber.surface.request import Do, ProbeRequest

QUIET_S = 30.0
"""The stream is silent for so long: longer than anybody asks about it, and soon over where nobody tells the app."""
BEGUN_S = 0.3
"""How long an answer that has not begun is waited for, so that the request has reached the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What the surface said of a client that left. Times in seconds."""

    state: State
    ago_s: float = 0.0
    """How long before the surface spoke of it the client had left, on the surface's clock."""
    stayed_s: float = 0.0
    """How long the client had been there, on the surface's clock."""
    after_s: float = 0.0
    """How long after the client had left the app knew, at most; the way there and back is in it."""
    waited_s: float = 0.0
    """How long the surface was given to learn of it."""
    open_s: float = 0.0
    """How long the connection itself was left open behind it; 0 where its end *was* the departure."""

    @property
    def told(self) -> bool | None:
        """Whether the app was told at once; ``None`` if that was not seen."""
        match self.state:
            case State.LEFT:
                return not self.open_s or self.after_s < self.open_s
            case State.HERE:
                return False
            case _:
                return None


async def leave_stream(path: str, target: Target, manner: Manner) -> Departure | None:
    """Leave an event stream that has said one thing and is quiet. ``None`` if it did not open."""
    asked = ProbeRequest(do=Do.STREAM, count=2, pace_s=0.0, silence_s=QUIET_S, id=_fresh())
    return await _leave(path, target, manner, asked)


async def leave_unanswered(path: str, target: Target, manner: Manner) -> Departure | None:
    """Leave while the answer has not begun."""
    return await _leave(path, target, manner, ProbeRequest(do=Do.STREAM, count=1, wait_s=QUIET_S, id=_fresh()))


async def leave_socket(path: str, target: Target, manner: Manner) -> Departure | None:
    """Leave a WebSocket that is quiet, without a Close frame: a machine that is gone sends none."""
    asked = ProbeRequest(do=Do.STREAM, count=1, quiet_s=QUIET_S, id=_fresh())
    upgrade = handshake.request_fields(handshake.key_of(os.urandom(16)))
    fields = ((b"Origin", target.origin.encode()), *upgrade, manner.asking(asked))
    return await _leave(path, target.speaking(Http1Client.version), manner, asked, Request(target=path, fields=fields))


def _fresh() -> str:
    return secrets.token_hex(8)


async def _leave(
    path: str, target: Target, manner: Manner, asked: ProbeRequest, request: Request | None = None
) -> Departure | None:
    request = request or Request(target=f"{path}?{fresh_query()}", fields=(manner.asking(asked),))
    try:
        stream = await target.open(within_s=manner.patience_s)
    except StreamError:
        return None
    try:
        exchange = Exchange(stream, patience_s=manner.patience_s)
        await exchange.ask(request.asked(target))
        if asked.wait_s:
            await asyncio.sleep(BEGUN_S)
        elif await exchange.head() not in (101, 200):
            return None
        left_s = time.monotonic()
        await exchange.leave()
        open_s = await _stay_connected(stream, manner)
    finally:
        await stream.close()
    said = await ask_about(asked.id, path, target, manner)
    passed_s = time.monotonic() - left_s
    return replace(said, after_s=max(0.0, passed_s - said.ago_s), waited_s=passed_s, open_s=open_s)


async def _stay_connected(stream: Stream, manner: Manner) -> float:
    """Where one stream of several was left, the others go on for a moment."""
    if stream.negotiated != Http2Client.version:
        return 0.0
    await asyncio.sleep(manner.reset_s)
    return manner.reset_s


async def ask_about(identifier: str, path: str, target: Target, manner: Manner) -> Departure:
    """What the surface says of the stream of that ``id``, asked by the same way in."""
    question = ProbeRequest(do=Do.DEPARTURE, id=identifier, within_s=manner.departure_s)
    request = Request(target=f"{path}?{fresh_query()}", fields=(manner.asking(question),))
    answer = await fetch(target, request, patience_s=manner.patience_s + manner.departure_s)
    try:
        said = json.loads(answer.body)
        return Departure(state=State(said["state"]), ago_s=float(said["ago"]), stayed_s=float(said["stayed"]))
    except (ValueError, KeyError, TypeError):  # something else answered
        return Departure(state=State.UNKNOWN)
