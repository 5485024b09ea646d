"""The surface in front of an app: answers probes, passes everything else on untouched.

Off without a token. A request whose token is missing or wrong is the app's, exactly as if there were no surface: a
stranger cannot even learn that one is there. Tokens are compared in constant time.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable
from urllib.parse import parse_qsl

from antechamber.surface.answers import answer_request, refuse_request
from antechamber.surface.asgi import App, Receive, Scope, Send
from antechamber.surface.departures import Departures
from antechamber.surface.request import FIELD_NAME, QUERY_KEY, ProbeRequestError, parse, token_of
from antechamber.surface.socket import answer_socket, refuse_socket

_FIELD = FIELD_NAME.lower().encode()
_MAX_QUERY_FIELDS = 64


class Surface:
    """ASGI middleware. :meth:`stop` ends the answers that are under way: they may be planned for hours."""

    def __init__(self, app: App, *, token: str) -> None:
        self._app = app
        self._token = token.encode()
        self._answering: set[asyncio.Task[None]] = set()
        self._departures = Departures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.is_asked(scope):
            await self._hold(self._answer(self._values(scope), scope, receive, send))
        else:
            await self._app(scope, receive, send)

    def is_asked(self, scope: Scope) -> bool:
        """Whether a request is a probe of ours, by its token. What else it says is judged when it is answered."""
        if not self._token or scope["type"] not in ("http", "websocket"):
            return False
        return any(self._is_ours(token_of(value)) for value in self._values(scope))

    def stop(self) -> None:
        for task in self._answering:
            task.cancel()

    async def _answer(self, values: list[str], scope: Scope, receive: Receive, send: Send) -> None:
        on_socket = scope["type"] == "websocket"
        try:
            if len(values) != 1:
                raise ProbeRequestError("the field stands more than once")
            asked = parse(values[0])
            if on_socket and not asked.do.on_socket:
                raise ProbeRequestError(f"{asked.do} is asked with a request, not on a WebSocket")
        except ProbeRequestError as refused:
            if on_socket:
                await refuse_socket(str(refused), scope, receive, send)
            else:
                await refuse_request(str(refused), send)
            return
        answer = answer_socket if on_socket else answer_request
        await answer(asked, scope, receive, send, self._departures)

    def _values(self, scope: Scope) -> list[str]:
        """The field's values; the query's only where there is no field."""
        fields = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == _FIELD]
        return fields or _query_values(scope["query_string"])

    def _is_ours(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token)

    async def _hold(self, answer: Awaitable[None]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            await answer
        finally:
            self._answering.discard(task)


def _query_values(query: bytes) -> list[str]:
    if QUERY_KEY.encode() not in query:
        return []
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_QUERY_FIELDS)
    except ValueError:
        return []
    return [value for key, value in pairs if key == QUERY_KEY]
