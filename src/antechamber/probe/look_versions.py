"""A WebSocket in every version of HTTP in which a browser would open it.

A browser opens it over HTTP/2 where the server's SETTINGS offer extended CONNECT (RFC 8441 section 3), and by an
upgrade of HTTP/1.1 everywhere else: without TLS, without HTTP/2, and where HTTP/2 is spoken and offers none.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from antechamber.net.stream import Stream, StreamError
from antechamber.policy.model import Route
from antechamber.probe.look import Look
from antechamber.probe.look_live import look_at_socket
from antechamber.probe.manner import Manner
from antechamber.probe.target import Target
from antechamber.protocol.http2_socket import Http2Socket


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether WebSockets are offered over HTTP/2, and by what that is known, in words."""

    extended: bool
    words: str


async def look_at_socket_in_every_version(route: Route, target: Target, manner: Manner, *, also_real: bool) -> Look:
    """The look over HTTP/1.1, and with it, where that is offered, the same over HTTP/2."""
    offer = await offer_of(target, patience_s=manner.patience_s)
    over_http1 = look_at_socket(route, target, manner, also_real=also_real)
    if not offer.extended:
        return replace(await over_http1, http2_offer=offer.words)
    over_http2 = look_at_socket(route, target, manner, also_real=also_real, version=Http2Socket.version)
    look, again = await asyncio.gather(over_http1, over_http2)
    return replace(look, over_http2=again, http2_offer=offer.words)


async def offer_of(target: Target, *, patience_s: float) -> Offer:
    """What the server's SETTINGS say of extended CONNECT, where HTTP/2 comes about as browsers ask for it."""
    if target.tls is None:
        return Offer(extended=False, words="over plain http browsers speak HTTP/1.1 alone")
    try:
        stream = await target.open(within_s=patience_s)
    except StreamError as error:
        return Offer(extended=False, words=f"no connection came about: {error.detail}")
    try:
        return await _greet(stream, patience_s)
    except StreamError as error:
        return Offer(extended=False, words=f"HTTP/2 was chosen, and no SETTINGS came: {error.detail}")
    finally:
        await stream.close()


async def _greet(stream: Stream, patience_s: float) -> Offer:
    if stream.negotiated != Http2Socket.version:
        return Offer(extended=False, words="HTTP/2 is not spoken")
    client = Http2Socket()
    await stream.write(client.greet(), within_s=patience_s)
    while client.offered is None:
        arrival = await stream.read(within_s=patience_s)
        if client.hear(arrival.data) or not arrival.data:
            return Offer(extended=False, words="HTTP/2 was chosen, and no SETTINGS came")
    if client.offered:
        return Offer(extended=True, words="HTTP/2 offers extended CONNECT")
    return Offer(extended=False, words="HTTP/2 is spoken, and its SETTINGS offer no extended CONNECT")
