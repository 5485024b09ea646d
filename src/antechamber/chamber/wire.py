"""What the app's HTTP library and the app put on every answer, on top of what uvicorn does.

Names in the usual capitals (they are case-insensitive, but people compare transcripts), ``Date``,
``Connection: keep-alive`` with the five seconds that a pooling proxy has to stay under, and ``X-Robots-Tag``.
A fault of the chamber itself is told on standard error and answered 500.
"""

from __future__ import annotations

import logging
import sys
from email.utils import formatdate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEEP_ALIVE_S = 5
_log = logging.getLogger("antechamber.chamber")
_ODD_NAMES = {b"etag": b"ETag"}


class Wire:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_finished(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _finish(scope, message["headers"])
            await send(message)

        try:
            await self._app(scope, receive, send_finished if scope["type"] == "http" else send)
        except OSError:  # uvicorn's way of saying that the WebSocket's peer has gone while we were sending
            if scope["type"] != "websocket":
                raise
        except Exception:
            _log.exception("fault while answering %s", scope.get("path"))
            raise


def log_to_stderr() -> None:
    """Let faults of the chamber be seen; uvicorn's own logging is off."""
    _log.addHandler(logging.StreamHandler(sys.stderr))
    _log.propagate = False


def _finish(scope: Scope, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    named = [(_capitals(name), value) for name, value in headers]
    names = {name for name, _ in named}
    named.append((b"X-Robots-Tag", b"noindex, nofollow"))
    named.append((b"Date", formatdate(usegmt=True).encode()))
    if b"Connection" not in names and _is_kept_alive(scope):
        named.append((b"Connection", b"keep-alive"))
        if b"X-Accel-Buffering" not in names:  # the app sets Connection itself on streams, which drops the rest
            named.append((b"Keep-Alive", f"timeout={KEEP_ALIVE_S}".encode()))
    return named


def _capitals(name: bytes) -> bytes:
    return _ODD_NAMES.get(name.lower()) or b"-".join(part.capitalize() for part in name.split(b"-"))


def _is_kept_alive(scope: Scope) -> bool:
    asked = b",".join(value.lower() for name, value in scope["headers"] if name == b"connection")
    return bool(scope["http_version"] == "1.1" and b"close" not in asked)
