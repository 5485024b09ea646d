"""Looking at a WebSocket and at an event stream."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from antechamber.policy.model import Route
from antechamber.probe.departures import leave_socket, leave_stream
from antechamber.probe.events import watch
from antechamber.probe.exchange import Request
from antechamber.probe.look import Look, Message, path_of
from antechamber.probe.look_plain import ask_for_nobodys, echo_of
from antechamber.probe.manner import Manner
from antechamber.probe.observed import sightings, sightings_on_socket, socket_echo
from antechamber.probe.sockets import converse
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, SocketTranscript, StreamTranscript, TimedFrame, TimedItem
from antechamber.protocol.http1_client import Http1Client
from antechamber.protocol.sse import Comment, Event
from antechamber.protocol.websocket import Binary, Close, Text
from antechamber.protocol.websocket_frame import Opcode
from antechamber.surface.plan import COMMENT
from antechamber.surface.request import Do, ProbeRequest

MESSAGE_BYTES = 200 * 1024
"""More than the 64 KiB that some gateways take, less than the 512 KiB that an app's own history may fill."""


async def look_at_socket(
    route: Route, target: Target, manner: Manner, *, also_real: bool = True, version: str = Http1Client.version
) -> Look:
    """The real WebSocket up to what the app sends first; and in place: frames in time, and a long message.

    ``version`` is what it is opened over.
    """
    if not also_real:
        return await _observe_socket(path_of(route, manner.fill), target, manner, version)
    path = path_of(route, manner.fill)

    def first_is_here(frames: Sequence[TimedFrame]) -> bool:
        return any(_holds(route.first, frame) or isinstance(frame.event, Close) for frame in frames)

    async def see() -> SocketTranscript:
        patience_s = manner.patience_s
        return await converse(
            target,
            Request(target=path),
            enough=first_is_here,
            patience_s=patience_s,
            total_s=patience_s,
            version=version,
        )

    real, observed = await asyncio.gather(manner.turns.take(see), _observe_socket(path, target, manner, version))
    first_s = next((frame.at_s for frame in real.frames if _holds(route.first, frame)), None)
    return replace(observed, real=real.http, refusal=real.refusal, first_s=first_s, closed=_socket_end(real))


async def _observe_socket(path: str, target: Target, manner: Manner, version: str) -> Look:
    if not manner.token:
        return Look()
    asked = manner.stream(hint=True)

    def all_here(frames: Sequence[TimedFrame]) -> bool:
        return sum(isinstance(frame.event, Text | Binary) for frame in frames) > manner.events

    total_s = asked.planned_s + manner.patience_s
    asking = Request(target=path, fields=(manner.asking(asked), *manner.claims))
    seen = await converse(
        target, asking, enough=all_here, patience_s=manner.patience_s, total_s=total_s, version=version
    )
    echo = socket_echo(seen)
    looked = Look(asked=asked, stream=seen.http, sightings=sightings_on_socket(seen), echo=echo, echo_answer=seen.http)
    if echo is None:
        return looked
    if version != Http1Client.version:  # what follows is of the path, and is seen over HTTP/1.1
        return replace(looked, message=await _send_message(path, target, manner, version))
    message, departure, foreign = await asyncio.gather(
        _send_message(path, target, manner, version),
        leave_socket(path, target, manner),
        ask_for_nobodys(path, target, manner),
    )
    return replace(looked, message=message, departure=departure, foreign=foreign)


async def _send_message(path: str, target: Target, manner: Manner, version: str) -> Message:
    """Send one long message, which the surface sends back."""
    long = b"m" * MESSAGE_BYTES

    def came_back(frames: Sequence[TimedFrame]) -> bool:
        return any(isinstance(frame.event, Text) and len(frame.event.text) == len(long) for frame in frames)

    asking = Request(target=path, fields=(manner.asking(ProbeRequest(do=Do.ECHO)),))
    seen = await converse(
        target,
        asking,
        enough=came_back,
        patience_s=manner.patience_s,
        total_s=2 * manner.patience_s,
        say=((Opcode.TEXT, long),),
        version=version,
    )
    return Message(size_bytes=len(long), came_back=came_back(seen.frames), ending=_ending(seen))


async def look_at_stream(route: Route, target: Target, manner: Manner, *, hint: bool) -> Look:
    """The real event stream up to what the app sends first; and in place: events in time, and what arrives."""
    path = path_of(route, manner.fill)

    def first_is_here(items: Sequence[TimedItem]) -> bool:
        return any(isinstance(timed.item, Event) and route.first in timed.item.data for timed in items)

    async def see() -> StreamTranscript:
        patience_s = manner.patience_s
        return await watch(
            target, Request(target=path), enough=first_is_here, patience_s=patience_s, total_s=patience_s
        )

    real, observed, echoed = await asyncio.gather(
        manner.turns.take(see), _observe_stream(path, target, manner, hint=hint), echo_of(path, target, manner)
    )
    first_s = next((at_s for at_s, event in real.events if route.first in event.data), None)
    ended = real.http.ending.end in (End.CUT, End.COMPLETE) and real.http.status == 200 and bool(real.items)
    return replace(
        observed,
        real=real.http,
        first_s=first_s,
        closed=f"{real.http.ending.end.value} after {real.http.ending.at_s:.1f} s" if ended else "",
        echo=echoed.echo,
        echo_answer=echoed.echo_answer,
    )


async def _observe_stream(path: str, target: Target, manner: Manner, *, hint: bool) -> Look:
    if not manner.token:
        return Look()
    asked = replace(manner.stream(hint=hint), comments=True)

    def all_here(items: Sequence[TimedItem]) -> bool:
        return sum(isinstance(timed.item, Event) for timed in items) >= manner.events

    total_s = asked.planned_s + manner.patience_s
    asking = Request(target=path, fields=(manner.asking(asked),))
    seen = await watch(target, asking, enough=all_here, patience_s=manner.patience_s, total_s=total_s)
    observed = sightings(seen)
    opens = bool(observed) and (seen.http.head_s or 0.0) < asked.planned_s  # else its head would be waited for in vain
    return Look(
        asked=asked,
        stream=seen.http,
        sightings=observed,
        comments=sum(isinstance(timed.item, Comment) and timed.item.text == COMMENT for timed in seen.items),
        departure=await leave_stream(path, target, manner) if opens else None,
    )


def _socket_end(seen: SocketTranscript) -> str:
    """How the other side ended an open WebSocket; empty if it did not."""
    ended = seen.refusal is None and seen.http.ending.end in (End.CUT, End.COMPLETE)
    return _ending(seen) if ended else ""


def _ending(seen: SocketTranscript) -> str:
    detail = seen.http.ending.detail or seen.http.ending.end.value
    return f"{detail} after {seen.http.ending.at_s:.1f} s"


def _holds(first: str, frame: TimedFrame) -> bool:
    """Whether a frame is a message that holds what the app sends first (anything, if the profile does not say)."""
    match frame.event:
        case Text(text):
            return first in text
        case Binary(data):
            return first.encode() in data
        case _:
            return False
