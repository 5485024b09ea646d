"""The chamber put together: its rooms, its routes and the layers around them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.routing import Route
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from antechamber.chamber.agent import EchoAgent
from antechamber.chamber.arrivals import Arrivals
from antechamber.chamber.browsing_routes import BrowsingRoutes
from antechamber.chamber.bus import Bus
from antechamber.chamber.compression import Compression
from antechamber.chamber.event_routes import EventRoutes
from antechamber.chamber.file_routes import FileRoutes
from antechamber.chamber.gate import Gate
from antechamber.chamber.live_routes import UPLOAD, live_routes
from antechamber.chamber.login import Login
from antechamber.chamber.notice_routes import NoticeRoutes
from antechamber.chamber.page import Page
from antechamber.chamber.routing import Router, SocketRoute, loose_route
from antechamber.chamber.sessions import Sessions
from antechamber.chamber.settings import Settings
from antechamber.chamber.status_routes import StatusRoutes
from antechamber.chamber.streams import OpenStreams
from antechamber.chamber.terminal_routes import TerminalRoutes
from antechamber.chamber.terminal_socket import TerminalSocket
from antechamber.chamber.terminals import Terminals
from antechamber.chamber.wire import Wire
from antechamber.chamber.wiring_routes import BELOW, WiringRoutes
from antechamber.surface.middleware import Surface


class Chamber:
    """One running app: its state, and :attr:`asgi`, which answers."""

    def __init__(self, settings: Settings) -> None:
        limits = settings.limits
        self.settings = settings
        self.bus = Bus(remember=limits.replay_events, feed_bytes=limits.feed_bytes)
        self.open_streams = OpenStreams()
        self._notices = Bus(remember=0, feed_bytes=limits.feed_bytes)
        self._app_events = Bus(remember=0, feed_bytes=limits.feed_bytes)
        self.terminals = Terminals(limits)
        self._live = live_routes(settings)
        self._login = Login(settings.password)
        self._arrivals = Arrivals()
        self._events = EventRoutes(self.bus, settings, self.open_streams)
        self._sessions = Sessions(self.bus, self._notices, settings, agent=EchoAgent())
        gate = Gate(self._router(), login=self._login, sockets=self._sockets(), arrivals=self._arrivals)
        self._surface = Surface(Compression(gate), token=settings.probe_token)
        self.asgi: ASGIApp = Wire(self._surface)

    async def stop(self) -> None:
        """Cut the streams and end the terminals with all that runs in them. Sockets are the server's to end."""
        self._sessions.stop()
        self.open_streams.cut_all()
        self._surface.stop()
        await self.terminals.close_all()

    def _about_routes(self) -> Mapping[str, str]:
        return {route.path: route.about for route in self._live if route.transport != UPLOAD}

    def _sockets(self) -> Mapping[str, SocketRoute]:
        return {
            "/api/event/ws": self._events.directory_socket,
            "/api/global/event/ws": self._events.global_socket,
            "/api/terminal/ws": self._terminal_socket,
        }

    async def _terminal_socket(self, socket: WebSocket) -> None:
        await TerminalSocket(socket, self.terminals, self.settings).run()

    def _router(self) -> Router:
        return Router(
            [
                *self._status_routes(),
                *self._login_routes(),
                *self._wiring_routes(),
                *self._stream_routes(),
                *self._session_routes(),
                *self._terminal_routes(),
                *self._file_routes(),
            ],
            otherwise=Page(self._about_routes().items(), latest=self._sessions.latest).answer,
        )

    def _status_routes(self) -> list[Route]:
        status = StatusRoutes(
            settings=self.settings,
            live_routes=self._about_routes(),
            counts={
                "eventStreams": lambda: len(self.open_streams),
                "busConsumers": lambda: self.bus.consumers,
                "mostWaitingBytes": lambda: self.bus.most_waiting_bytes,
                "terminals": lambda: len(self.terminals),
            },
        )
        return [
            loose_route("/health", status.health),
            loose_route("/api/version", status.version),
            loose_route("/api/opencode/health", status.upstream_health),
            loose_route("/api/system/info", status.system_info),
            loose_route("/api/system/free-port", status.free_port),
        ]

    def _login_routes(self) -> list[Route]:
        return [
            loose_route("/auth/session", self._login.log_in, methods=["POST"]),
            loose_route("/auth/session", self._login.who),
            loose_route("/auth/url-token", self._login.url_token, methods=["POST"]),
        ]

    def _wiring_routes(self) -> list[Route]:
        wiring = WiringRoutes(
            self._live,
            buses=(self.bus, self._notices, self._app_events),
            arrivals=self._arrivals,
            login=self._login,
            limits={"upload": self.settings.limits.upload_bytes, "terminals": self.settings.limits.terminals},
        )
        return [
            Route(f"{BELOW}/routes.json", wiring.routes, methods=["GET"]),
            Route(f"{BELOW}/pulse", wiring.pulse, methods=["POST"]),
            Route(f"{BELOW}/arrivals", wiring.arrival, methods=["GET"]),
        ]

    def _stream_routes(self) -> list[Route]:
        notices = NoticeRoutes(
            notices=self._notices,
            app_events=self._app_events,
            login=self._login,
            settings=self.settings,
            open_streams=self.open_streams,
        )
        return [
            loose_route("/api/event", self._events.directory_stream),
            loose_route("/api/global/event", self._events.global_stream),
            loose_route("/api/notifications/stream", notices.notifications),
            loose_route("/api/openchamber/events", notices.app_events),
        ]

    def _session_routes(self) -> list[Route]:
        sessions = self._sessions
        return [
            loose_route("/api/session", sessions.create, methods=["POST"]),
            loose_route("/api/session", sessions.all),
            loose_route("/api/session/{id}", sessions.delete, methods=["DELETE"]),
            loose_route("/api/session/{id}/message", sessions.say, methods=["POST"]),
            loose_route("/api/session/{id}/message", sessions.messages),
            loose_route("/api/session/{id}/prompt_async", sessions.say_async, methods=["POST"]),
            loose_route("/api/session/{id}/abort", sessions.abort, methods=["POST"]),
        ]

    def _terminal_routes(self) -> list[Route]:
        terminals = TerminalRoutes(
            self.terminals, self.settings, app_events=self._app_events, open_streams=self.open_streams
        )
        routes = [
            loose_route("/api/terminal/create", terminals.create, methods=["POST"]),
            loose_route("/api/terminal/force-kill", terminals.force_kill, methods=["POST"]),
            loose_route("/api/terminal/{id}/resize", terminals.resize, methods=["POST"]),
            loose_route("/api/terminal/{id}/restart", terminals.restart, methods=["POST"]),
            loose_route("/api/terminal/{id}", terminals.close, methods=["DELETE"]),
        ]
        if self.settings.as_of.has_terminal_stream:
            routes += [
                loose_route("/api/terminal/{id}/stream", terminals.stream),
                loose_route("/api/terminal/{id}/input", terminals.type_in, methods=["POST"]),
            ]
        return routes

    def _file_routes(self) -> list[Route]:
        files, browsing = FileRoutes(self.settings), BrowsingRoutes(self.settings)
        return [
            loose_route("/api/fs/upload", files.upload, methods=["POST"]),
            loose_route("/api/fs/raw", files.raw),
            loose_route("/api/fs/serve/{path:path}", files.serve),
            loose_route("/api/fs/list", browsing.listing),
            loose_route("/api/fs/read", browsing.read),
            loose_route("/api/fs/write", browsing.write, methods=["POST"]),
            loose_route("/api/fs/delete", browsing.delete, methods=["POST"]),
        ]
