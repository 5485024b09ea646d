"""The live routes and the upload, with what is expected of each when all is well: one table for everybody who shows it.

Heartbeats are the running chamber's own, so what the page calls silence is right for tests that beat faster, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.chamber.bus import Json
from antechamber.chamber.settings import Settings

WEBSOCKET = "websocket"
SSE = "sse"
UPLOAD = "upload"
PINGS_ONLY = 0.0
"""What keeps it alive are protocol pings, which no script ever sees: to a page, silence there means nothing."""


@dataclass(frozen=True, slots=True)
class LiveRoute:
    """What holds on one route when all is well."""

    path: str
    name: str
    transport: str
    heartbeat_s: float
    """The longest silence of a healthy chamber; 0 for none."""
    first: str
    """A piece of what is sent first."""

    @property
    def about(self) -> str:
        """What it is, for a list of routes."""
        return {WEBSOCKET: "WebSocket, ", SSE: "event stream, ", UPLOAD: "upload, "}[self.transport] + self.name

    def as_json(self) -> dict[str, Json]:
        return {
            "path": self.path,
            "name": self.name,
            "transport": self.transport,
            "heartbeat": self.heartbeat_s,
            "first": self.first,
        }


def live_routes(settings: Settings) -> tuple[LiveRoute, ...]:
    """The routes of the chamber's age, sockets first, as the app's guide lists them."""
    beats = settings.heartbeats
    routes = [
        LiveRoute("/api/global/event/ws", "everything that happens", WEBSOCKET, beats.server_event_s, '"ready"'),
        LiveRoute("/api/event/ws", "what happens in one directory", WEBSOCKET, beats.server_event_s, '"ready"'),
        LiveRoute("/api/terminal/ws", "all terminals of a page", WEBSOCKET, PINGS_ONLY, '"hello"'),
        LiveRoute("/api/global/event", "everything that happens", SSE, beats.server_event_s, "server.connected"),
        LiveRoute("/api/event", "what happens in one directory", SSE, beats.server_event_s, "server.connected"),
        LiveRoute("/api/notifications/stream", "notifications", SSE, beats.comment_s, "notification-stream-ready"),
        LiveRoute("/api/openchamber/events", "the app's own events", SSE, beats.app_event_s, "event-stream-ready"),
    ]
    if settings.as_of.has_terminal_stream:
        routes.append(
            LiveRoute("/api/terminal/:id/stream", "one terminal", SSE, beats.terminal_stream_s, '"connected"')
        )
    return (*routes, LiveRoute("/api/fs/upload", "files", UPLOAD, 0.0, ""))
