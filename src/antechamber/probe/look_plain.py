"""Looking at ordinary answers and at uploads; and the echo that every kind of route has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from antechamber.policy.model import Route
from antechamber.probe.departures import leave_unanswered
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import announce, fetch
from antechamber.probe.look import Ladder, Look, Rung, path_of
from antechamber.probe.look_reuse import reuse_of
from antechamber.probe.manner import MARKER_COOKIE, MARKER_EVENT_ID, Manner, fresh_query
from antechamber.probe.observed import Echo, read_echo
from antechamber.probe.sockets import converse
from antechamber.probe.target import Target
from antechamber.probe.transcript import HttpTranscript, TimedFrame
from antechamber.protocol.http1_client import Http1Client
from antechamber.surface.request import Do, ProbeRequest

UPLOAD_PIECES = (b"\x00\xff" * 8 * 1024,) * 3
UPLOAD_PACE_S = 0.15
UPLOAD_BYTES = (64 * 1024, 2 * 1024 * 1024)
"""Uploads that are really sent: below and above the 1 MiB that nginx allows by default."""

FOREIGN_PROTOCOL = "antechamber-probe"
"""An upgrade token that no app knows."""

_MIB = 1024 * 1024
ROUND_SIZES = (
    64 * 1024,
    *(count * _MIB for count in (1, 2, 4, 8, 10, 16, 20, 25, 32, 50, 64, 100, 128, 200, 256, 512)),
)
"""Sizes that people write as limits: the limit is between two of them."""

ACCEPT_ENCODING = (b"Accept-Encoding", b"gzip, deflate, br, zstd")
"""What browsers send."""


async def look_at_answer(route: Route, target: Target, manner: Manner, *, limit_bytes: int) -> Look:
    """An ordinary answer. What is not asked with GET is asked of the surface alone, and so is what holds wherever no
    other route does: the body limit, the upgrade, what becomes of a redirect and of a departure."""
    path = path_of(route, manner.fill)
    echoed = await echo_of(path, target, manner)
    if route.methods and "GET" not in route.methods:
        return echoed if echoed.echo is None else await echo_of(path, target, manner, method=route.methods[0])
    request = Request(target=path, fields=(ACCEPT_ENCODING,))
    real = await manner.turns.take(lambda: fetch(target, request, patience_s=manner.patience_s))
    reuse = await reuse_of(route, path, target, manner, observed=echoed.echo is not None)
    if echoed.echo is None or route.methods or not route.path.endswith("/*"):
        return replace(echoed, real=real, reuse=reuse)
    ladder, socket, departure, redirect, foreign = await asyncio.gather(
        _climb(path, target, manner, method="POST", limit_bytes=limit_bytes),
        _handshake(path, target, manner),
        leave_unanswered(path, target, manner),
        _redirect(path, target, manner),
        ask_for_nobodys(path, target, manner),
    )
    return replace(
        echoed,
        real=real,
        reuse=reuse,
        ladder=ladder,
        socket=socket,
        departure=departure,
        redirect=redirect,
        foreign=foreign,
    )


async def look_at_upload(route: Route, target: Target, manner: Manner, *, limit_bytes: int) -> Look:
    """Uploads in pieces and in one go, and announced ones up to ``limit_bytes``; none where nobody may be asked."""
    path = path_of(route, manner.fill)
    method = route.methods[-1] if route.methods else "POST"
    preflight = await echo_of(path, target, manner)
    if preflight.echo is None:
        if not manner.writes:
            return preflight
        return replace(preflight, ladder=await _climb(path, target, manner, method=method, limit_bytes=limit_bytes))
    uploads = (_upload(path, target, manner, method=method, size_bytes=size) for size in UPLOAD_BYTES)
    paced, ladder, rungs = await asyncio.gather(
        echo_of(path, target, manner, method=method, body=UPLOAD_PIECES, pace_s=UPLOAD_PACE_S),
        _climb(path, target, manner, method=method, limit_bytes=limit_bytes),
        asyncio.gather(*uploads),
    )
    return replace(preflight, pieces=paced.echo, uploads=tuple(rungs), ladder=ladder)


async def echo_of(
    path: str, target: Target, manner: Manner, *, method: str = "GET", body: tuple[bytes, ...] = (), pace_s: float = 0.0
) -> Look:
    """What arrives at the app of a request to ``path``, if the surface says so."""
    if not manner.token:
        return Look()
    fields = [
        manner.asking(ProbeRequest(do=Do.ECHO)),
        (b"Cookie", f"{MARKER_COOKIE}=1".encode()),
        (b"Last-Event-ID", MARKER_EVENT_ID.encode()),
        *manner.claims,
    ]
    if body:
        fields.append((b"Content-Type", b"application/octet-stream"))
    request = Request(target=f"{path}?{fresh_query()}", method=method, fields=tuple(fields), body=body)
    if pace_s:
        answer = await fetch(target, request, patience_s=manner.patience_s, pace_s=pace_s)
    else:
        answer = await manner.turns.take(lambda: fetch(target, request, patience_s=manner.patience_s))
    return Look(echo=read_echo(answer), echo_answer=answer)


async def _handshake(path: str, target: Target, manner: Manner) -> HttpTranscript:
    """The answer to a WebSocket's handshake on a path that is no socket of the app."""

    def said_anything(frames: Sequence[TimedFrame]) -> bool:
        return bool(frames)

    asking = Request(target=f"{path}?{fresh_query()}", fields=(manner.asking(ProbeRequest(do=Do.ECHO)),))
    patience_s = manner.patience_s
    seen = await converse(target, asking, enough=said_anything, patience_s=patience_s, total_s=patience_s)
    return seen.http


async def _redirect(path: str, target: Target, manner: Manner) -> HttpTranscript:
    """A redirect in place to a path: who makes an address of it shows which."""
    request = Request(target=f"{path}?{fresh_query()}", fields=(manner.asking(ProbeRequest(do=Do.REDIRECT)),))
    return await fetch(target, request, patience_s=manner.patience_s)


async def ask_for_nobodys(path: str, target: Target, manner: Manner) -> Echo | None:
    """What arrives of an upgrade to a protocol that is nobody's: only in place, where the surface answers it as the
    ordinary request that it is without (RFC 9110 7.8). HTTP/2 has no such field."""
    upgrade = ((b"Connection", b"Upgrade"), (b"Upgrade", FOREIGN_PROTOCOL.encode()))
    asking = manner.asking(ProbeRequest(do=Do.ECHO))
    request = Request(target=f"{path}?{fresh_query()}", fields=(asking, *upgrade))
    return read_echo(await fetch(target.speaking(Http1Client.version), request, patience_s=manner.patience_s))


async def _upload(path: str, target: Target, manner: Manner, *, method: str, size_bytes: int) -> Rung:
    body = bytes(range(256)) * (size_bytes // 256)
    seen = await echo_of(path, target, manner, method=method, body=(body,))
    assert seen.echo_answer is not None
    return Rung(size_bytes=size_bytes, answer=seen.echo_answer, intact=seen.echo is not None and seen.echo.is_of(body))


async def _climb(path: str, target: Target, manner: Manner, *, method: str, limit_bytes: int) -> Ladder:
    """Find where announced bodies are refused: ``limit_bytes`` first, and only if that is, smaller ones by halving.

    No body is sent: a proxy with a limit looks at the announced length before it reads on.
    """
    sizes = [size for size in ROUND_SIZES if size < limit_bytes]
    refusal = await _announce(path, target, manner, method=method, size_bytes=limit_bytes)
    if refusal is None:
        return Ladder(passed_bytes=limit_bytes)
    passed, refused = -1, len(sizes)
    while refused - passed > 1:
        middle = (passed + refused) // 2
        answer = await _announce(path, target, manner, method=method, size_bytes=sizes[middle])
        if answer is None:
            passed = middle
        else:
            refused, refusal = middle, answer
    return Ladder(
        passed_bytes=sizes[passed] if passed >= 0 else 0,
        refused_bytes=sizes[refused] if refused < len(sizes) else limit_bytes,
        refusal=refusal,
    )


async def _announce(
    path: str, target: Target, manner: Manner, *, method: str, size_bytes: int
) -> HttpTranscript | None:
    """The refusal of a body of that size; ``None`` if it was not refused for its size."""
    fields = [(b"Content-Type", b"application/octet-stream")]
    if manner.token:
        fields.append(manner.asking(ProbeRequest(do=Do.ECHO)))
    request = Request(target=path, method=method, fields=tuple(fields), body=(b"\x00",), announced_bytes=size_bytes)
    answer = await announce(target, request, patience_s=manner.patience_s, answer_s=manner.announced_s)
    return answer if answer.status == 413 else None
