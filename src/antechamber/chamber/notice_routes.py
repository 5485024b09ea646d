"""The two streams that a page holds open for itself: notifications, and the app's own events.

Both need nothing behind the chamber and remember nothing. They differ in how they stay alive: the first sends a
comment, which scripts never see, the second a real event.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.requests import Request

from antechamber.chamber.bus import Bus, Event, Json, compact
from antechamber.chamber.login import Login
from antechamber.chamber.pulse import Beat, with_beats
from antechamber.chamber.settings import Settings
from antechamber.chamber.streams import NOTICE_HEAD, EventStream, OpenStreams


class NoticeRoutes:
    """``/api/notifications/stream`` and ``/api/openchamber/events``."""

    def __init__(
        self, *, notices: Bus, app_events: Bus, login: Login, settings: Settings, open_streams: OpenStreams
    ) -> None:
        self._notices = notices
        self._app_events = app_events
        self._login = login
        self._heartbeats = settings.heartbeats
        self._open_streams = open_streams

    async def notifications(self, request: Request) -> EventStream:
        """The first event carries the session token, so this body is a secret; without a login it makes one."""
        head = NOTICE_HEAD
        token = self._login.session_of(request)
        if not token and not self._login.required:
            token, cookie = self._login.new_session(request)
            head = (*head, (b"Set-Cookie", cookie.encode()))
        return EventStream(lambda: self._notifications(token), head=head, open_streams=self._open_streams)

    async def app_events(self, request: Request) -> EventStream:
        return EventStream(self._happenings, head=NOTICE_HEAD, open_streams=self._open_streams)

    async def _notifications(self, token: str) -> AsyncGenerator[bytes, None]:
        with self._notices.listening() as feed:
            yield _data("openchamber:notification-stream-ready", {"uiToken": token})
            async for next_up in with_beats(feed, {Beat.COMMENT: self._heartbeats.comment_s}):
                yield _data(next_up.type, next_up.properties) if isinstance(next_up, Event) else b":heartbeat\n\n"

    async def _happenings(self) -> AsyncGenerator[bytes, None]:
        with self._app_events.listening() as feed:
            yield _data("openchamber:event-stream-ready", {})
            async for next_up in with_beats(feed, {Beat.APP: self._heartbeats.app_event_s}):
                if isinstance(next_up, Event):
                    yield _data(next_up.type, next_up.properties)
                else:
                    yield _data("openchamber:heartbeat", {})


def _data(kind: str, properties: dict[str, Json]) -> bytes:
    return f"data: {compact({'type': kind, 'properties': properties})}\n\n".encode()
