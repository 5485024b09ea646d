"""Terminals over requests: opening, resizing, ending them, and the event stream that the app had until v1.16.1."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from antechamber.chamber.answers import (
    BodyRefused,
    json_answer,
    problem_answer,
    read_body,
    read_json,
    text_of,
    whole_number,
)
from antechamber.chamber.bus import Bus, Json, compact
from antechamber.chamber.feed import Feed, FeedOverflown
from antechamber.chamber.pty_process import InputRefused
from antechamber.chamber.pulse import Beat, with_beats
from antechamber.chamber.settings import Settings
from antechamber.chamber.streams import BUS_HEAD, EventStream, OpenStreams
from antechamber.chamber.terminals import (
    MAX_COLS,
    MAX_ROWS,
    Closed,
    Exited,
    Happening,
    Output,
    Restarted,
    Terminal,
    TerminalClosed,
    Terminals,
    TooManyTerminals,
    is_session_id,
)

MAX_INPUT_BYTES = 64 * 1024


class TerminalRoutes:
    """``/api/terminal/...``."""

    def __init__(self, terminals: Terminals, settings: Settings, *, app_events: Bus, open_streams: OpenStreams) -> None:
        self._terminals = terminals
        self._root = settings.root
        self._json_bytes = settings.limits.json_bytes
        self._feed_bytes = settings.limits.feed_bytes
        self._heartbeat_s = settings.heartbeats.terminal_stream_s
        self._app_events = app_events
        self._open_streams = open_streams

    async def create(self, request: Request) -> Response:
        """``POST /api/terminal/create``, ``{cwd, cols?, rows?, sessionId?}``."""
        body = await read_json(request, limit_bytes=self._json_bytes)
        session = text_of(body, "sessionId")
        cols = whole_number(body, "cols", default=80, most=MAX_COLS)
        rows = whole_number(body, "rows", default=24, most=MAX_ROWS)
        if session and not is_session_id(session):
            raise BodyRefused(400, "sessionId must be 1 to 64 letters, digits, - or _")
        try:
            terminal = await self._terminals.open(session, cwd=self._directory(body), cols=cols, rows=rows)
        except TooManyTerminals:
            return problem_answer(429, "Too many terminal sessions")
        except OSError as problem:
            return problem_answer(400, f"The shell could not be started: {problem.strerror}")
        self._app_events.publish("openchamber:terminal-opened", {"sessionId": terminal.id})
        return json_answer(_described(terminal))

    async def resize(self, request: Request) -> Response:
        """``POST /api/terminal/:id/resize``, ``{cols, rows}``."""
        body = await read_json(request, limit_bytes=self._json_bytes)
        terminal = self._asked(request)
        if terminal is None:
            return _unknown()
        cols = whole_number(body, "cols", default=0, most=MAX_COLS)
        terminal.resize(cols, whole_number(body, "rows", default=0, most=MAX_ROWS))
        return json_answer({"success": True, **_described(terminal)})

    async def restart(self, request: Request) -> Response:
        """``POST /api/terminal/:id/restart``."""
        terminal = self._asked(request)
        if terminal is None:
            return _unknown()
        try:
            await terminal.restart()
        except TerminalClosed:
            return _unknown()
        except OSError as problem:
            return problem_answer(400, f"The shell could not be started: {problem.strerror}")
        return json_answer(_described(terminal))

    async def close(self, request: Request) -> Response:
        """``DELETE /api/terminal/:id``."""
        session = request.path_params["id"]
        if not await self._terminals.close(session):
            return _unknown()
        self._app_events.publish("openchamber:terminal-closed", {"sessionId": session})
        return json_answer({"success": True})

    async def force_kill(self, request: Request) -> Response:
        """``POST /api/terminal/force-kill``, ``{sessionId?, cwd?}``: those that fit, or all."""
        body = await read_json(request, limit_bytes=self._json_bytes)
        session, cwd = text_of(body, "sessionId"), text_of(body, "cwd")
        fits = [
            terminal.id
            for terminal in self._terminals
            if session in ("", terminal.id) and cwd in ("", str(terminal.cwd))
        ]
        killed = [await self._terminals.close(known) for known in fits]
        return json_answer({"success": True, "killedCount": sum(killed)})

    async def type_in(self, request: Request) -> Response:
        """``POST /api/terminal/:id/input``: the body is what is typed. Gone together with the stream."""
        typed = await read_body(request, limit_bytes=MAX_INPUT_BYTES)
        terminal = self._asked(request)
        if terminal is None:
            return _unknown()
        try:
            terminal.write(typed.decode(errors="replace"))
        except InputRefused as refused:
            return problem_answer(409, str(refused))
        return json_answer({"success": True})

    async def stream(self, request: Request) -> ASGIApp:
        """``GET /api/terminal/:id/stream``."""
        terminal = self._asked(request)
        if terminal is None:
            return _unknown()
        return EventStream(lambda: self._happenings(terminal), head=BUS_HEAD, open_streams=self._open_streams)

    async def _happenings(self, terminal: Terminal) -> AsyncGenerator[bytes, None]:
        feed: Feed[Happening] = Feed(limit_bytes=self._feed_bytes)
        with self._terminals.attached(terminal, feed):
            before, ended = terminal.history.text(), terminal.last_exit
            yield _data({"type": "connected", "runtime": "python", "ptyBackend": "pty"})
            if before:
                yield _data({"type": "data", "data": before})
            if ended is not None:
                feed.offer(ended, 0)
            try:
                async for next_up in with_beats(feed, {Beat.COMMENT: self._heartbeat_s}):
                    match next_up:
                        case Output(text=text):
                            yield _data({"type": "data", "data": text})
                        case Exited(exit_code=code, signal_name=name):
                            yield _data({"type": "exit", "exitCode": code, "signal": name or None})
                        case Restarted():
                            yield _data({"type": "restarted"})
                        case Closed():
                            return
                        case Beat():
                            yield b": heartbeat\n\n"
            except FeedOverflown:
                return

    def _asked(self, request: Request) -> Terminal | None:
        return self._terminals.get(request.path_params["id"])

    def _directory(self, body: dict[str, Json]) -> Path:
        cwd = text_of(body, "cwd")
        if not cwd or "\0" in cwd:
            raise BodyRefused(400, "cwd is required")
        directory = self._root / cwd
        if not directory.is_dir():
            raise BodyRefused(400, "cwd is not a directory")
        return directory


def _described(terminal: Terminal) -> dict[str, Json]:
    return {
        "sessionId": terminal.id,
        "cols": terminal.cols,
        "rows": terminal.rows,
        "status": terminal.status.value,
    }


def _data(value: dict[str, Json]) -> bytes:
    return f"data: {compact(value)}\n\n".encode()


def _unknown() -> Response:
    return problem_answer(404, "Terminal session not found")
