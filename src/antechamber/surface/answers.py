"""The answers to requests, each an ASGI conversation after the head was judged.

* ``echo``: ``200 application/json`` once the whole body is there. Members: those of
  :func:`antechamber.surface.arrival.request_arrived`, and ``body``: ``size``, ``sha256``, ``pieces``,
  ``first_pieces`` (``at_ns``, ``wall``, ``size`` each), ``last_piece``.
  It sets a cookie that has expired already, so that its arrival is seen and nothing stays.
* ``stream``: see :mod:`antechamber.surface.plan` for what is sent when. With an ``id``, whether the client stays is
  remembered; the wait before the head counts.
* ``sink``: as ``echo``, but the body is read no faster than asked; ``body`` also has ``seconds``.
* ``departure``: ``200 application/json`` with the members of :meth:`antechamber.surface.departures.Departures.told`.
* ``redirect``: ``302`` to the path that was asked for, as a path, so that whoever makes an address of it is seen.

Every answer carries ``Antechamber-Answer`` with what was done and the prober's ``id``, so that it cannot be mistaken
for the app's own, and ``Cache-Control: no-store`` (on streams ``no-cache``, as apps send it).
"""

from __future__ import annotations

import asyncio
import json
import time

from antechamber.surface.arrival import BodyArrived, request_arrived
from antechamber.surface.asgi import Json, Receive, Scope, Send
from antechamber.surface.departures import Departures
from antechamber.surface.plan import piece, total_bytes, waits
from antechamber.surface.request import MAX_SECONDS, Do, Form, ProbeRequest

ANSWER_FIELD = b"Antechamber-Answer"
COOKIE = (b"Set-Cookie", b"antechamber-echo=1; Path=/.well-known/antechamber/; Max-Age=0; SameSite=Lax")
REDIRECTED = b"?antechamber-redirected"


async def answer_request(
    asked: ProbeRequest, scope: Scope, receive: Receive, send: Send, departures: Departures
) -> None:
    """Answer, within the longest time that anything may take."""
    arrived = request_arrived(scope, asked)
    async with asyncio.timeout(2 * MAX_SECONDS):
        if asked.do is Do.STREAM:
            await _stream(asked, receive, send, departures, to_head=scope["method"] == "HEAD")
            return
        await asyncio.sleep(asked.wait_s)
        match asked.do:
            case Do.ECHO:
                body = await _read(receive, rate=None)
                await _send_json(asked, {**arrived, "body": body}, send, COOKIE)
            case Do.SINK:
                body = await _read(receive, rate=asked.rate_bytes_per_s)
                await _send_json(asked, {**arrived, "body": body}, send)
            case Do.DEPARTURE:
                await _send_json(asked, await departures.told(asked.id, within_s=asked.within_s), send)
            case Do.REDIRECT:
                await _redirect(asked, scope, send)


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


async def _send_json(asked: ProbeRequest, value: dict[str, Json], send: Send, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"Content-Type", b"application/json"), (b"Cache-Control", b"no-store"), *more]
    await _send_whole(200, [*headers, (ANSWER_FIELD, _done(asked))], json.dumps(value).encode(), send)


async def _redirect(asked: ProbeRequest, scope: Scope, send: Send) -> None:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    headers = [(b"Location", b"/" + path.lstrip(b"/") + REDIRECTED), (b"Cache-Control", b"no-store")]
    await _send_whole(302, [*headers, (ANSWER_FIELD, _done(asked))], b"", send)


async def _send_whole(status: int, headers: list[tuple[bytes, bytes]], body: bytes, send: Send) -> None:
    headers = [*headers, (b"Content-Length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _stream(asked: ProbeRequest, receive: Receive, send: Send, departures: Departures, *, to_head: bool) -> None:
    async with departures.visit(asked.id, receive) as visit:
        if not await visit.stays(asked.wait_s):
            return
        await send({"type": "http.response.start", "status": 200, "headers": _stream_head(asked)})
        if not to_head:
            await send({"type": "http.response.body", "body": b"", "more_body": True})  # the head goes out by itself
            for number, wait_s in enumerate(waits(asked), start=1):
                if not await visit.stays(wait_s):
                    return
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
