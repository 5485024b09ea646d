"""The bus on the wire: two event streams and two WebSockets, global and for one directory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from enum import StrEnum

from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocket

from antechamber.chamber.bus import Bus, Event, compact
from antechamber.chamber.feed import Feed, FeedOverflown
from antechamber.chamber.pulse import Beat, with_beats
from antechamber.chamber.racing import first_of
from antechamber.chamber.settings import Settings
from antechamber.chamber.streams import BUS_HEAD, EventStream, OpenStreams

CLOSE_TOO_SLOW = 1013
CLOSE_GRACE_S = 30.0
"""How long a consumer that did not read may take to read that it is being closed."""


class Reach(StrEnum):
    """Whose events a route carries. The values are the app's own names for them."""

    GLOBAL = "global"
    DIRECTORY = "directory"


class EventRoutes:
    """The four routes over one bus."""

    def __init__(self, bus: Bus, settings: Settings, open_streams: OpenStreams) -> None:
        self._bus = bus
        self._root = str(settings.root)
        self._heartbeats = settings.heartbeats
        self._warning_bytes = settings.limits.feed_warning_bytes
        self._open_streams = open_streams

    async def global_stream(self, request: Request) -> EventStream:
        return self._stream(request, Reach.GLOBAL)

    async def directory_stream(self, request: Request) -> EventStream:
        return self._stream(request, Reach.DIRECTORY)

    async def global_socket(self, socket: WebSocket) -> None:
        await self._socket(socket, Reach.GLOBAL)

    async def directory_socket(self, socket: WebSocket) -> None:
        await self._socket(socket, Reach.DIRECTORY)

    def _stream(self, request: Request, reach: Reach) -> EventStream:
        directory = self._directory(request, reach)
        missed_since = request.headers.get("last-event-id") or request.query_params.get("lastEventId", "")

        async def source() -> AsyncGenerator[bytes, None]:
            with self._bus.listening(directory=directory, last_event_id=missed_since) as feed:
                yield _stream_event(_unnumbered("server.connected"), reach, with_id=False)
                async for next_up in with_beats(feed, self._stream_periods()):
                    match next_up:
                        case Event():
                            yield _stream_event(next_up, reach, with_id=bool(next_up.id))
                        case Beat.COMMENT:
                            yield b":heartbeat\n\n"
                        case _:
                            yield _stream_event(_unnumbered("server.heartbeat"), reach, with_id=False)

        return EventStream(source, head=BUS_HEAD, open_streams=self._open_streams)

    def _stream_periods(self) -> dict[Beat, float]:
        return {Beat.COMMENT: self._heartbeats.comment_s, Beat.SERVER: self._heartbeats.server_event_s}

    async def _socket(self, socket: WebSocket, reach: Reach) -> None:
        missed_since = socket.query_params.get("lastEventId", "")
        with self._bus.listening(directory=self._directory(socket, reach), last_event_id=missed_since) as feed:
            await socket.accept()
            await first_of(self._send_events(socket, reach, feed), _until_gone(socket), _given_up(feed))

    async def _send_events(self, socket: WebSocket, reach: Reach, feed: Feed[Event]) -> None:
        await socket.send_text(compact({"type": "ready", "scope": reach}))
        if reach is Reach.DIRECTORY:
            await socket.send_text(_frame(_unnumbered("server.connected"), with_id=False))
        periods = {Beat.APP: self._heartbeats.socket_s, Beat.SERVER: self._heartbeats.server_event_s}
        warned = False
        try:
            async for next_up in with_beats(feed, periods):
                if not warned and feed.waiting_bytes > self._warning_bytes:
                    warned = True
                    await socket.send_text(compact({"type": "backpressure", "waiting": feed.waiting_bytes}))
                await socket.send_text(_socket_frame(next_up))
        except FeedOverflown:
            await socket.close(CLOSE_TOO_SLOW, "too slow")

    def _directory(self, connection: HTTPConnection, reach: Reach) -> str:
        if reach is Reach.GLOBAL:
            return ""
        return connection.query_params.get("directory") or self._root


def _unnumbered(kind: str) -> Event:
    """What is said to one connection only: it is not on the bus, so it has no id there."""
    return Event("", kind, {})


def _stream_event(event: Event, reach: Reach, *, with_id: bool) -> bytes:
    data = event.payload if event.id else compact({"type": event.type, "properties": event.properties})
    if reach is Reach.GLOBAL:
        directory = f'"directory":{compact(event.directory)},' if event.directory else ""
        data = f'{{{directory}"payload":{data}}}'
    return (f"id: {event.id}\n" if with_id else "").encode() + f"data: {data}\n\n".encode()


def _frame(event: Event, *, with_id: bool) -> str:
    data = event.payload if event.id else compact({"type": event.type, "properties": event.properties})
    directory = f',"directory":{compact(event.directory)}' if event.directory else ""
    event_id = f',"eventId":{compact(event.id)}' if with_id else ""
    return f'{{"type":"event","payload":{data}{directory}{event_id}}}'


def _socket_frame(next_up: Event | Beat) -> str:
    match next_up:
        case Event():
            return _frame(next_up, with_id=bool(next_up.id))
        case Beat.APP:
            return _frame(_unnumbered("openchamber:heartbeat"), with_id=False)
        case _:
            return _frame(_unnumbered("server.heartbeat"), with_id=False)


async def _given_up(feed: Feed[Event]) -> None:
    """Ends when a consumer that did not read has not read that it is being closed, either."""
    await feed.overflown.wait()
    await asyncio.sleep(CLOSE_GRACE_S)


async def _until_gone(socket: WebSocket) -> None:
    """The app reads nothing from its event sockets; what comes is thrown away."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
