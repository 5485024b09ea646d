"""Watching an event stream: when its head came, and when each event did.

A browser's EventSource accepts compression, and only to one that does will a proxy show that it compresses streams. So
the codings that can be undone piece by piece are accepted here, and undone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec

from antechamber.net.stream import Stream, StreamError
from antechamber.probe.exchange import Exchange, Request
from antechamber.probe.fetch import not_reached
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, StreamTranscript, TimedItem
from antechamber.protocol.http1 import Field
from antechamber.protocol.sse import Parser, TooLarge

EVENT_STREAM = "text/event-stream"

CODINGS = b"gzip, deflate, br" if find_spec("brotli") else b"gzip, deflate"

ASKING: tuple[Field, ...] = (
    (b"Accept", EVENT_STREAM.encode()),
    (b"Cache-Control", b"no-cache"),
    (b"Accept-Encoding", CODINGS),
)
"""What a browser's EventSource sends."""

Enough = Callable[[Sequence[TimedItem]], bool]


async def watch(
    target: Target, request: Request, *, enough: Enough, patience_s: float, total_s: float
) -> StreamTranscript:
    """Open the stream and watch until ``enough``, silence for ``patience_s``, ``total_s``, or its end."""
    try:
        stream = await target.open(within_s=patience_s)
    except StreamError as error:
        return StreamTranscript(http=not_reached(error))
    try:
        return await watch_on(stream, target, request, enough=enough, patience_s=patience_s, total_s=total_s)
    finally:
        await stream.close()


async def watch_on(
    stream: Stream, target: Target, request: Request, *, enough: Enough, patience_s: float, total_s: float
) -> StreamTranscript:
    """The same on a connection that is open already. It is left open."""
    exchange = Exchange(stream, patience_s=patience_s)
    await exchange.ask(request.asked(target, ASKING))
    items: list[TimedItem] = []
    if await exchange.head() == 200 and exchange.transcript().media_type == EVENT_STREAM:
        await _read_items(exchange, items, enough=enough, total_s=total_s)
    elif exchange.transcript().status is not None:
        await exchange.piece()  # the start of the answer that came instead, for whoever reads the report
    return StreamTranscript(http=exchange.transcript(), items=tuple(items))


async def _read_items(exchange: Exchange, items: list[TimedItem], *, enough: Enough, total_s: float) -> None:
    parser = Parser()
    undo = _undoing(exchange.transcript().field(b"content-encoding") or b"")
    while (piece := await exchange.piece()) is not None:
        try:
            data = undo(piece.data)
        except Exception:  # each coding's package has an error of its own for octets that are none of its
            exchange.stop(End.MALFORMED, at_s=piece.at_s, detail="the stream is not what Content-Encoding says")
            return
        items += [TimedItem(piece.at_s, item) for item in parser.feed(data)]
        if items and isinstance(items[-1].item, TooLarge):
            exchange.stop(End.MALFORMED, at_s=piece.at_s, detail=f"a {items[-1].item.bound} of the stream is too large")
        elif enough(items) or piece.at_s > total_s:
            exchange.stop(at_s=piece.at_s)
            return


def _undoing(coding: bytes) -> Callable[[bytes], bytes]:
    """What undoes a coding piece by piece; one that nobody offered stays as it is."""
    match coding.strip().lower():
        case b"gzip" | b"x-gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress
        case b"deflate":
            return zlib.decompressobj().decompress
        case b"br" if find_spec("brotli"):
            process: Callable[[bytes], bytes] = import_module("brotli").Decompressor().process
            return process
        case _:
            return lambda data: data
