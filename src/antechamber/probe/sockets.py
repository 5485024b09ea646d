"""Watching a WebSocket: its handshake, and when each frame came.

No extension is offered: ``permessage-deflate`` would only blur the times. The masks and the key are random, as the
RFC wants, so that a proxy cannot be fooled into reading frames as requests.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from antechamber.net.stream import Stream, StreamError
from antechamber.probe.exchange import Exchange, Request
from antechamber.probe.fetch import not_reached
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, SocketTranscript, TimedFrame
from antechamber.protocol import handshake
from antechamber.protocol.http1 import Field
from antechamber.protocol.http1_client import Http1Client
from antechamber.protocol.http2_socket import Http2Socket
from antechamber.protocol.websocket import Close, Lost, Ping, Receiver, Role, Violation
from antechamber.protocol.websocket_frame import Opcode, encode_close, encode_frame

MESSAGE_LIMIT_BYTES = 8 * 1024 * 1024

Enough = Callable[[Sequence[TimedFrame]], bool]


async def converse(
    target: Target,
    request: Request,
    *,
    enough: Enough,
    patience_s: float,
    total_s: float,
    say: Sequence[tuple[Opcode, bytes]] = (),
    version: str = Http1Client.version,
) -> SocketTranscript:
    """Open the WebSocket, send what ``say`` holds, and watch until ``enough``, silence, ``total_s`` or its end.

    ``version`` is what it is opened over: by an upgrade of HTTP/1.1, or by extended CONNECT of HTTP/2 (RFC 8441).
    """
    try:
        stream = await target.speaking(version).open(within_s=patience_s)
    except StreamError as error:
        return SocketTranscript(http=not_reached(error), refusal=handshake.Refusal.NOT_SWITCHED)
    try:
        return await converse_on(
            stream, target, request, enough=enough, patience_s=patience_s, total_s=total_s, say=say
        )
    finally:
        await stream.close()


async def converse_on(
    stream: Stream,
    target: Target,
    request: Request,
    *,
    enough: Enough,
    patience_s: float,
    total_s: float,
    say: Sequence[tuple[Opcode, bytes]] = (),
) -> SocketTranscript:
    """The same on a connection that is open already, in its version. It is left open, after our Close frame."""
    exchange, refusal = await _open(stream, target, request, patience_s=patience_s)
    status = exchange.transcript().status
    frames: list[TimedFrame] = []
    if refusal is None:
        for opcode, payload in say:
            await exchange.send(encode_frame(opcode, payload, mask=os.urandom(4)))
        await _read_frames(exchange, frames, enough=enough, total_s=total_s)
        await exchange.send(encode_close(mask=os.urandom(4)))
    elif status is not None and status != 101:
        await exchange.piece()  # the start of the answer that came instead, for whoever reads the report
    return SocketTranscript(http=exchange.transcript(), refusal=refusal, frames=tuple(frames))


async def _open(
    stream: Stream, target: Target, request: Request, *, patience_s: float
) -> tuple[Exchange, handshake.Refusal | None]:
    """The handshake, as the connection's version has it, and why it opened no WebSocket."""
    origin: Field = (b"Origin", target.origin.encode())
    if stream.negotiated == Http2Socket.version:
        exchange = Exchange(stream, patience_s=patience_s, client=Http2Socket())
        await exchange.ask(request.asked(target, [origin, *handshake.extended_fields()]))
        status = await exchange.head()
        return exchange, handshake.judge_extended(status or 0, exchange.transcript().fields)
    exchange, key = Exchange(stream, patience_s=patience_s), handshake.key_of(os.urandom(16))
    await exchange.ask(request.asked(target, [origin, *handshake.request_fields(key)]))
    status = await exchange.head()
    return exchange, handshake.judge_response(status or 0, exchange.transcript().fields, key=key)


async def _read_frames(exchange: Exchange, frames: list[TimedFrame], *, enough: Enough, total_s: float) -> None:
    receiver = Receiver(Role.CLIENT, message_limit_bytes=MESSAGE_LIMIT_BYTES)
    while (arrival := await exchange.raw()) is not None:
        events = receiver.feed(arrival.data) if arrival.data else receiver.feed_eof()
        frames += [TimedFrame(arrival.at_s, event) for event in events]
        for event in events:
            match event:
                case Ping(data):
                    await exchange.send(encode_frame(Opcode.PONG, data, mask=os.urandom(4)))
                case Violation(_, reason):
                    exchange.stop(End.MALFORMED, at_s=arrival.at_s, detail=reason)
                case Lost():
                    exchange.stop(End.CUT, at_s=arrival.at_s, detail="ended without a Close frame")
                case Close(code, reason):
                    exchange.stop(End.COMPLETE, at_s=arrival.at_s, detail=f"closed with {code} {reason}".rstrip())
                case _:
                    pass
        if enough(frames) or arrival.at_s > total_s or not arrival.data:
            return
