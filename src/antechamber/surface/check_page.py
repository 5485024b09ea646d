"""What the browser check is made of: its page, the wiring view's files, and the routes that a policy has to show.

Of an app's routes the check shows those that speak first by themselves, since only of these can be seen from outside
whether they are live. Three ways of the edge's own come before them: if these fail, what is at fault stands between
the browser and the edge; if only the app's fail, it stands behind.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from antechamber.policy.model import Kind, Policy, Route
from antechamber.surface.asgi import Json
from antechamber.surface.web import CONTENT_SECURITY_POLICY, FOLDER

BELOW = "/.well-known/antechamber/edge/"
STREAM, SOCKET, SINK, PULSE, ATTEMPTS = "stream", "socket", "sink", "pulse", "attempts"
TICK_S = 2.0
FIRST = "antechamber.hello"
_PAGE = "check.html"
_SHOWN_SUFFIXES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class CheckFile:
    """One file as it is sent."""

    body: bytes
    fields: tuple[tuple[bytes, bytes], ...]


class CheckPage:
    """Every file of the check by its path below :data:`BELOW`; the page itself is the empty one."""

    def __init__(self, policy: Policy) -> None:
        self._files = {
            file.relative_to(FOLDER).as_posix(): _stored(file.read_bytes(), _SHOWN_SUFFIXES[file.suffix])
            for file in sorted(FOLDER.rglob("*"))
            if file.suffix in _SHOWN_SUFFIXES
        }
        self._files[""] = _stored((FOLDER / _PAGE).read_bytes(), "text/html; charset=utf-8")
        self._files["routes.json"] = _stored(json.dumps(checked_routes(policy)).encode(), "application/json")

    def file(self, path: str) -> CheckFile | None:
        return self._files.get(path)


def checked_routes(policy: Policy) -> dict[str, Json]:
    """The routes that the page looks at, in the form that the wiring view takes."""
    own: list[Json] = [
        _route(BELOW + SOCKET, "the edge itself", Kind.WEBSOCKET, TICK_S, FIRST),
        _route(BELOW + STREAM, "the edge itself", Kind.SSE, TICK_S, FIRST),
        _route(BELOW + SINK, "the edge itself", Kind.UPLOAD, 0.0, ""),
    ]
    app: list[Json] = [
        _route(route.path, route.name, route.kind, _visible_heartbeat_s(route), route.first)
        for route in policy.routes
        if route.kind.live and route.first and ":" not in route.path and not route.path.endswith("*")
    ]
    return {"app": policy.app, "routes": [*own, *app], "limits": {"upload": policy.limits.body_bytes}}


def _visible_heartbeat_s(route: Route) -> float:
    """On a socket the beats may be protocol pings, which no script ever sees: its silence proves nothing."""
    return 0.0 if route.kind is Kind.WEBSOCKET else route.heartbeat_s or 0.0


def _route(path: str, name: str, kind: Kind, heartbeat_s: float, first: str) -> dict[str, Json]:
    return {"path": path, "name": name, "transport": kind.value, "heartbeat": heartbeat_s, "first": first}


def _stored(body: bytes, media_type: str) -> CheckFile:
    fields = (
        (b"Content-Type", media_type.encode()),
        (b"Cache-Control", b"no-cache"),
        (b"Content-Security-Policy", CONTENT_SECURITY_POLICY.encode()),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"X-Robots-Tag", b"noindex"),
        (b"Referrer-Policy", b"no-referrer"),
    )
    return CheckFile(body, fields)
