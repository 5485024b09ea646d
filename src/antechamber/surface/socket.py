"""The answers on a WebSocket.

The first message is text: the JSON object of :func:`antechamber.surface.arrival.request_arrived`, so that what a proxy
did to the upgrade request is seen. Then, by what was asked:

* ``echo``: every message comes back as it is, text or binary.
* ``stream``: messages by the plan of :mod:`antechamber.surface.plan` (binary with ``as=bytes``), then close 1000.
  With an ``id``, whether the client stays is remembered (:mod:`antechamber.surface.departures`).
* ``sink``: messages are read no faster than asked; each is answered with ``{"messages", "size", "wall"}`` so far.
"""

from __future__ import annotations

import asyncio
import json
import time

from antechamber.surface.arrival import request_arrived
from antechamber.surface.asgi import Message, Receive, Scope, Send
from antechamber.surface.departures import Departures
from antechamber.surface.plan import message, waits
from antechamber.surface.request import MAX_SECONDS, Do, Form, ProbeRequest


async def answer_socket(
    asked: ProbeRequest, scope: Scope, receive: Receive, send: Send, departures: Departures
) -> None:
    """Accept, tell what arrived, and do what was asked until the client closes or the longest time is over."""
    arrived = request_arrived(scope, asked)
    await receive()
    async with asyncio.timeout(2 * MAX_SECONDS):
        await asyncio.sleep(asked.wait_s)
        await send({"type": "websocket.accept"})
        await _send_text(json.dumps(arrived), send)
        match asked.do:
            case Do.ECHO:
                await _echo(receive, send)
            case Do.STREAM:
                await _stream(asked, receive, send, departures)
            case Do.SINK:
                await _sink(asked, receive, send)
            case Do.DEPARTURE | Do.REDIRECT:
                raise AssertionError("refused before")


async def refuse_socket(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    """400 with the reason where the server can say it before the handshake; otherwise its own refusal."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"antechamber-answer", b"refused")]
    await send({"type": "websocket.http.response.start", "status": 400, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": f"Antechamber-Probe: {reason}\n".encode()})


async def _echo(receive: Receive, send: Send) -> None:
    while (came := await receive())["type"] == "websocket.receive":
        if came.get("bytes") is not None:
            await send({"type": "websocket.send", "bytes": came["bytes"]})
        else:
            await _send_text(came["text"], send)


async def _sink(asked: ProbeRequest, receive: Receive, send: Send) -> None:
    started, messages, size = time.monotonic(), 0, 0
    while (came := await receive())["type"] == "websocket.receive":
        messages += 1
        size += _size(came)
        await asyncio.sleep(max(0.0, started + size / asked.rate_bytes_per_s - time.monotonic()))
        await _send_text(json.dumps({"messages": messages, "size": size, "wall": time.time()}), send)


async def _stream(asked: ProbeRequest, receive: Receive, send: Send, departures: Departures) -> None:
    async with departures.visit(asked.id, receive) as visit:
        for number, wait_s in enumerate(waits(asked), start=1):
            if not await visit.stays(wait_s):
                return
            text = message(asked, number, sent=time.time())
            if asked.form is Form.BYTES:
                await send({"type": "websocket.send", "bytes": text.encode()})
            else:
                await _send_text(text, send)
        await send({"type": "websocket.close", "code": 1000})


async def _send_text(text: str, send: Send) -> None:
    await send({"type": "websocket.send", "text": text})


def _size(came: Message) -> int:
    data = came.get("bytes")
    return len(data) if data is not None else len(came["text"].encode())
