"""How paths find their routes: loosely for requests, to the letter for upgrades.

The app's router ignores case and one trailing slash; its sockets compare the path as it came. A proxy's
``location =`` does neither, which is one way to lose a stream.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from antechamber.chamber.answers import BodyRefused, problem_answer

Endpoint = Callable[[Request], Awaitable[ASGIApp]]
SocketRoute = Callable[[WebSocket], Awaitable[None]]


def loose_route(path: str, endpoint: Endpoint, *, methods: Sequence[str] = ("GET",)) -> Route:
    """A route that also answers to other case and to one slash more. ``GET`` brings ``HEAD`` along."""
    route = Route(path, endpoint, methods=list(methods))
    # ASCII: otherwise a dotless i would be an i here, but not at the gate.
    route.path_regex = re.compile(route.path_regex.pattern.removesuffix("$") + r"/?\Z", re.IGNORECASE | re.ASCII)
    return route


class Router:
    """The routes in order, then ``otherwise``: a wrong method falls through too, as in the app."""

    def __init__(self, routes: Sequence[Route], *, otherwise: Endpoint) -> None:
        self._routes = tuple(routes)
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for route in self._routes:
            _, found = route.matches(scope)
            if found and scope["method"] in (route.methods or ()):
                scope.update(found)
                await _answer(route.endpoint, scope, receive, send)
                return
        await _answer(self._otherwise, scope, receive, send)


async def _answer(endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
    answer: ASGIApp
    try:
        answer = await endpoint(Request(scope, receive, send))
    except BodyRefused as refused:
        answer = problem_answer(refused.status, refused.problem)
    except ClientDisconnect:
        return
    await answer(scope, receive, send)
