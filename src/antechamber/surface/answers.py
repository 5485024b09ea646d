"""The answers to requests: ``echo``, ``stream`` and ``sink``, each an ASGI conversation after the head was judged.

* ``echo``: ``200 application/json`` once the whole body is there. Members: those of
  :func:`antechamber.surface.arrival.request_arrived`, and ``body``: ``size``, ``sha256``, ``pieces``,
  ``first_pieces`` (``at_ns``, ``wall``, ``size`` each), ``last_piece``.
* ``stream``: see :mod:`antechamber.surface.plan` for what is sent when.
* ``sink``: as ``echo``, but the body is read no faster than asked; ``body`` also has ``seconds``.

Every answer carries ``Antechamber-Answer`` with what was done and the prober's ``id``, so that it cannot be mistaken
for the app's own, and ``Cache-Control: no-store`` (on streams ``no-cache``, as apps send it).
"""

from __future__ import annotations

import asyncio
import json
import time

from antechamber.surface.arrival import BodyArrived, request_arrived
from antechamber.surface.asgi import Json, Receive, Scope, Send
from antechamber.surface.plan import piece, total_bytes, waits
from antechamber.surface.request import MAX_SECONDS, Do, Form, ProbeRequest

ANSWER_FIELD = b"Antechamber-Answer"


async def answer_request(asked: ProbeRequest, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, within the longest time that anything may take."""
    arrived = request_arrived(scope, asked)
    async with asyncio.timeout(2 * MAX_SECONDS):
        await asyncio.sleep(asked.wait_s)
        match asked.do:
            case Do.ECHO:
                body = await _read(receive, rate=None)
                await _send_json(asked, {**arrived, "body": body}, send)
            case Do.SINK:
                body = await _read(receive, rate=asked.rate_bytes_per_s)
                await _send_json(asked, {**arrived, "body": body}, send)
            case Do.STREAM:
                await _stream(asked, send, to_head=scope["method"] == "HEAD")


async def refuse_request(reason: str, send: Send) -> None:
    """The token was right, the rest was not."""
    headers = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"Cache-Control", b"no-store")]
    await _send_whole(400, [*headers, (ANSWER_FIELD, b"refused")], f"Antechamber-Probe: {reason}\n".encode(), send)


async def _read(receive: Receive, *, rate: int | None) -> dict[str, Json]:
    body, started = BodyArrived(), time.monotonic()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body.add(message.get("body", b""))
        if rate is not None:
            await asyncio.sleep(max(0.0, started + body.size_bytes / rate - time.monotonic()))
        if not message.get("more_body", False):
            break
    return {**body.as_json(), "seconds": time.monotonic() - started}


async def _send_json(asked: ProbeRequest, value: dict[str, Json], send: Send) -> None:
    headers = [(b"Content-Type", b"application/json"), (b"Cache-Control", b"no-store")]
    await _send_whole(200, [*headers, (ANSWER_FIELD, _done(asked))], json.dumps(value).encode(), send)


async def _send_whole(status: int, headers: list[tuple[bytes, bytes]], body: bytes, send: Send) -> None:
    headers = [*headers, (b"Content-Length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _stream(asked: ProbeRequest, send: Send, *, to_head: bool) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _stream_head(asked)})
    if not to_head:
        for number, wait_s in enumerate(waits(asked), start=1):
            await asyncio.sleep(wait_s)
            data = piece(asked, number, sent=time.time())
            await send({"type": "http.response.body", "body": data, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _stream_head(asked: ProbeRequest) -> list[tuple[bytes, bytes]]:
    content_type = b"text/event-stream" if asked.form is Form.EVENTS else b"application/octet-stream"
    head = [(b"Content-Type", content_type), (b"Cache-Control", b"no-cache"), (ANSWER_FIELD, _done(asked))]
    if asked.accel_buffering_no:
        head.append((b"X-Accel-Buffering", b"no"))
    if asked.known_length:
        head.append((b"Content-Length", str(total_bytes(asked)).encode()))
    return head


def _done(asked: ProbeRequest) -> bytes:
    return f"do={asked.do}; id={asked.id}".encode() if asked.id else f"do={asked.do}".encode()
