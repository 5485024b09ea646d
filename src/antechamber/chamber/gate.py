"""The gate before everything under ``/api``: login for requests, login and then origin for WebSockets.

An upgrade is refused in plain text with the connection closed, and authentication is asked before origin, so a 403
means that the credentials were good. An upgrade for a path without a socket gets no bytes at all: the app's HTTP
library hands such a connection to nobody, and it stays open until the client has had enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from antechamber.chamber.arrivals import Arrivals, Fate, lost_its_upgrade
from antechamber.chamber.login import Login
from antechamber.chamber.origin import may_come_in
from antechamber.chamber.routing import SocketRoute

OPEN_PATHS = frozenset({"/api/version", "/api/system/info", "/api/system/free-port"})
URL_TOKEN_PATHS = frozenset(
    {
        "/api/event",
        "/api/global/event",
        "/api/notifications/stream",
        "/api/openchamber/events",
        "/api/fs/raw",
    }
)
SERVED_FILES = "/api/fs/serve/"


class Gate:
    """ASGI middleware: lets through to ``app`` and to ``sockets`` what may pass."""

    def __init__(self, app: ASGIApp, *, login: Login, sockets: Mapping[str, SocketRoute], arrivals: Arrivals) -> None:
        self._app = app
        self._arrivals = arrivals
        self._login = login
        self._sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._upgrade(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["query_string"] and lost_its_upgrade(scope["headers"]):
            self._arrivals.note(scope["query_string"], scope["headers"], Fate.UPGRADE_LOST)
        request = Request(scope)
        answer = self._app if self._passes(request) else self._login.refusal(request)
        await answer(scope, receive, send)

    def _passes(self, request: Request) -> bool:
        # Matching is loose on purpose, like the app's: what a route answers to, its gate must answer to.
        # The scope's path, not the URL's: a Host field with a slash in it would be the beginning of that one.
        path = request.scope["path"].lower().rstrip("/")
        if not (path == "/api" or path.startswith("/api/")) or path in OPEN_PATHS:
            return True
        takes_token = path in URL_TOKEN_PATHS or path.startswith(SERVED_FILES)
        return self._login.admits(request, url_token_counts=request.method == "GET" and takes_token)

    async def _upgrade(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        route = self._sockets.get(scope["raw_path"].decode("latin-1"))
        if route is None:
            await _say_nothing(receive)
        elif not self._login.admits(socket, url_token_counts=True):
            self._note(scope, Fate.NOT_LOGGED_IN)
            await _refuse(socket, 401, "UI authentication required")
        elif self._login.required and not may_come_in(scope["headers"]):
            self._note(scope, Fate.ORIGIN_REFUSED)
            await _refuse(socket, 403, "Invalid origin")
        else:
            self._note(scope, Fate.ACCEPTED)
            with suppress(WebSocketDisconnect):  # the peer went while something was being sent to it
                await route(socket)

    def _note(self, scope: Scope, fate: Fate) -> None:
        self._arrivals.note(scope["query_string"], scope["headers"], fate)


async def _refuse(socket: WebSocket, status: int, reason: str) -> None:
    await socket.receive()
    await socket.send_denial_response(PlainTextResponse(reason, status, headers={"Connection": "close"}))


async def _say_nothing(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass
