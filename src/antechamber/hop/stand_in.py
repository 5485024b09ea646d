"""Whoever answers a request in the app's place: a page, a status, a silence, a copy from the shelf.

A stand-in gets what the edge sends behind a request's head and gives octets of an answer. It knows nothing of sockets:
the stage that calls it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from antechamber.hop.asked import Asked, Orders
from antechamber.protocol.handshake import accept_of
from antechamber.protocol.http1 import Field, serialise


@dataclass(frozen=True, slots=True)
class Line:
    """What a stand-in can do towards the edge."""

    give: Callable[[bytes], None]
    """Octets of the answer."""
    done: Callable[[], None]
    """The answer is whole."""
    hold: Callable[[bool], None]
    """Whether the request's body must wait."""
    hang_up: Callable[[], None]
    """End the connection."""


LOGIN_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>
<h1>Sign in</h1><form method="post" action="/login"><label>User <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button>Sign in</button></form></html>
"""
PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title><div id="root"></div></html>
"""


class StandIn(Protocol):
    """Answers one request."""

    def content(self, data: bytes) -> None:
        """A piece of the request's body, without its framing."""

    def whole(self) -> None:
        """The request is whole."""

    def octets(self, data: bytes) -> None:
        """After a 101: what the client sends."""

    def flow(self, *, on: bool) -> None:
        """Whether the answer may be written on."""

    def leave(self) -> None:
        """Nobody waits for the answer any more."""


class Silent:
    """Takes everything and says nothing."""

    def content(self, data: bytes) -> None:
        pass

    def whole(self) -> None:
        pass

    def octets(self, data: bytes) -> None:
        pass

    def flow(self, *, on: bool) -> None:
        pass

    def leave(self) -> None:
        pass


class Canned(Silent):
    """Says one thing once the request is whole."""

    def __init__(self, answer: bytes, line: Line) -> None:
        self._answer = answer
        self._line = line

    def whole(self) -> None:
        self._line.give(self._answer)
        if not self._answer.startswith(b"HTTP/1.1 101 "):
            self._line.done()


def stand_in(asked: Asked, orders: Orders, line: Line) -> StandIn | None:
    """Who answers ``asked`` in the app's place, if anybody."""
    faults = orders.faults
    if faults.login_page:
        return Canned(_page(LOGIN_PAGE, asked), line)
    if asked.value(b"upgrade"):
        if faults.refuse_upgrade:
            return Canned(_status(faults.refuse_upgrade), line)
        if faults.early_switch:
            return Canned(_switched(asked), line)
        return Silent() if faults.ignore_upgrade else None
    if faults.html_streams and b"text/event-stream" in asked.value(b"accept"):
        return Canned(_page(PAGE, asked), line)
    if faults.cache and asked.method == b"GET":
        kept = orders.shelf.get((asked.value(b"host"), asked.target))
        return Canned(kept.octets(), line) if kept is not None else None
    return None


def _page(page: bytes, asked: Asked) -> bytes:
    fields: list[Field] = [
        (b"Content-Type", b"text/html; charset=utf-8"),
        (b"Cache-Control", b"no-store"),
        (b"Content-Length", b"%d" % len(page)),
    ]
    return serialise(b"HTTP/1.1 200 OK", fields) + (b"" if asked.method == b"HEAD" else page)


def _status(status: int) -> bytes:
    return serialise(b"HTTP/1.1 %d Refused" % status, [(b"Content-Length", b"0")])


def _switched(asked: Asked) -> bytes:
    fields = [(b"Upgrade", b"websocket"), (b"Connection", b"Upgrade")]
    fields.append((b"Sec-WebSocket-Accept", accept_of(asked.value(b"sec-websocket-key"))))
    return serialise(b"HTTP/1.1 101 Switching Protocols", fields)
