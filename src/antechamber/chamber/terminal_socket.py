"""Terminals over the WebSocket: one socket, as many sessions as it attaches to.

Everything that is sent goes through one bounded queue, so answers, snapshots and output keep their order and a client
that does not read is closed with 1013, not waited for. What comes is judged message by message: hostile ones are
answered with an ``error``, too large ones close the socket with 1009.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import assert_never

from starlette.websockets import WebSocket

from antechamber.chamber.feed import Feed, FeedOverflown
from antechamber.chamber.pty_process import InputRefused
from antechamber.chamber.racing import first_of
from antechamber.chamber.settings import Settings
from antechamber.chamber.terminal_protocol import (
    CLOSE_TOO_BIG,
    MAX_CLIENT_MESSAGE_BYTES,
    VERSION,
    Attach,
    ClientMessage,
    Detach,
    FrameRefused,
    Hello,
    Ping,
    Write,
    decode,
    encode,
)
from antechamber.chamber.terminals import Closed, Exited, Happening, Output, Restarted, Terminal, Terminals

CLOSE_TOO_SLOW = 1013
CLOSE_GRACE_S = 30.0


class _MessageTooBig(Exception):
    """The client sent more at once than it may."""


class TerminalSocket:
    """``/api/terminal/ws``, one of these for each connection."""

    def __init__(self, socket: WebSocket, terminals: Terminals, settings: Settings) -> None:
        self._socket = socket
        self._terminals = terminals
        self._outgoing: Feed[Happening | bytes] = Feed(limit_bytes=settings.limits.feed_bytes)
        self._attached: dict[str, Terminal] = {}

    async def run(self) -> None:
        """From the handshake to the end of the connection."""
        await self._socket.accept()
        self._say("hello", v=VERSION)
        try:
            await first_of(self._send(), self._receive(), self._give_up())
        except _MessageTooBig:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_GRACE_S):
                    await self._socket.close(CLOSE_TOO_BIG, "message too big")
        finally:
            for terminal in self._attached.values():
                self._terminals.detach(terminal, self._outgoing)

    async def _send(self) -> None:
        try:
            while True:
                await self._socket.send_bytes(_encoded(await self._outgoing.next()))
        except FeedOverflown:
            await self._socket.close(CLOSE_TOO_SLOW, "too slow")

    async def _give_up(self) -> None:
        await self._outgoing.overflown.wait()
        await asyncio.sleep(CLOSE_GRACE_S)

    async def _receive(self) -> None:
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            data, text = message.get("bytes"), message.get("text")
            if len(data or text or b"") > MAX_CLIENT_MESSAGE_BYTES:
                raise _MessageTooBig
            try:
                if data is None:
                    raise FrameRefused("BAD_FRAME", "messages are binary")
                self._obey(decode(data))
            except FrameRefused as refused:
                self._say("error", code=refused.code, message=refused.problem, fatal=False)

    def _obey(self, message: ClientMessage) -> None:
        match message:
            case Hello():
                self._say("hello", v=VERSION)
            case Ping():
                self._say("pong")
            case Attach(session):
                self._attach(self._known(session))
            case Detach(session):
                terminal = self._attached.pop(session, None)
                if terminal is not None:
                    self._terminals.detach(terminal, self._outgoing)
            case Write(session, text):
                self._write(session, text)
            case _:
                assert_never(message)

    def _attach(self, terminal: Terminal) -> None:
        self._attached[terminal.id] = terminal
        self._terminals.attach(terminal, self._outgoing)
        self._say("snapshot", s=terminal.id, d=terminal.history.text(), cols=terminal.cols, rows=terminal.rows)
        if terminal.last_exit is not None:
            self._outgoing.offer(terminal.last_exit, 0)

    def _write(self, session: str, text: str) -> None:
        if not session and len(self._attached) == 1:
            session = next(iter(self._attached))
        if session not in self._attached:
            raise FrameRefused("NOT_ATTACHED", "attach to the session first")
        try:
            self._attached[session].write(text)
        except InputRefused as refused:
            raise FrameRefused("WRITE_REFUSED", str(refused)) from None

    def _known(self, session: str) -> Terminal:
        terminal = self._terminals.get(session)
        if terminal is None:
            raise FrameRefused("NOT_FOUND", "there is no such session")
        return terminal

    def _say(self, kind: str, **members: str | int | bool) -> None:
        frame = encode(kind, **members)
        self._outgoing.offer(frame, len(frame))


def _encoded(next_up: Happening | bytes) -> bytes:
    match next_up:
        case bytes():
            return next_up
        case Output(session, text):
            return encode("output", s=session, d=text)
        case Exited(session, code, signal_name):
            return encode("exit", s=session, exitCode=code, signal=signal_name or None)
        case Restarted(session):
            return encode("restarted", s=session)
        case Closed(session):
            return encode("error", s=session, code="CLOSED", message="the session was closed", fatal=True)
        case _:
            assert_never(next_up)
