"""Plain requests: one answer, read to its end; and uploads, sent in pieces that show whether a proxy streams them."""

from __future__ import annotations

import asyncio

from antechamber.net.stream import Stream, StreamError
from antechamber.probe.exchange import Exchange, Request
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, Ending, HttpTranscript

CONTENT_LIMIT_BYTES = 8 * 1024 * 1024
"""What a probe reads of one answer."""


async def fetch(
    target: Target, request: Request, *, patience_s: float, pace_s: float = 0.0, limit_bytes: int = CONTENT_LIMIT_BYTES
) -> HttpTranscript:
    """Ask once on a new connection and read the whole answer; pieces of the body go out ``pace_s`` apart."""
    try:
        stream = await target.open(within_s=patience_s)
    except StreamError as error:
        return not_reached(error)
    try:
        return await fetch_on(stream, target, request, patience_s=patience_s, pace_s=pace_s, limit_bytes=limit_bytes)
    finally:
        await stream.close()


async def fetch_on(
    stream: Stream, target: Target, request: Request, *, patience_s: float, pace_s: float, limit_bytes: int
) -> HttpTranscript:
    """The same on a connection that is open already. It is left open."""
    exchange = Exchange(stream, patience_s=patience_s)
    await exchange.ask(request.asked(target))
    for index, piece in enumerate(request.body):
        if index and pace_s:
            await asyncio.sleep(pace_s)
        await exchange.say(piece, last=index + 1 == len(request.body) and request.announced_bytes is None)
    if await exchange.head() is not None:
        size = 0
        while size <= limit_bytes and (piece_in := await exchange.piece()) is not None:
            size += len(piece_in.data)
    return exchange.transcript()


def not_reached(error: StreamError) -> HttpTranscript:
    """The transcript of a connection that was never made."""
    return HttpTranscript(ending=Ending(End.UNREACHABLE, 0.0, error.detail))


async def announce(target: Target, request: Request, *, patience_s: float, answer_s: float) -> HttpTranscript:
    """Send the head of a request and the start of its body, and leave if no answer has come after ``answer_s``.

    Whoever is not refused is not kept busy either: the connection is closed, and the body never sent.
    """
    try:
        stream = await target.open(within_s=patience_s)
    except StreamError as error:
        return not_reached(error)
    try:
        exchange = Exchange(stream, patience_s=answer_s)
        await exchange.ask(request.asked(target))
        for piece in request.body:
            await exchange.say(piece, last=False)
        if await exchange.head() is not None:
            await exchange.piece()  # the start of the refusal, for whoever reads the report
        return exchange.transcript()
    finally:
        await stream.close()
