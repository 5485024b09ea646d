"""Whether somebody who is not being read for the moment is still there.

The event loop tells of an end when it reads it, so the end of a peer that is not being read would be heard only when a
limit on silence is reached. So whoever stops reading looks at the connection itself, once a second: nginx and HAProxy
ask their kernel for that with ``EPOLLRDHUP``, for which event loops in Python have no word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from antechamber.ledger import Party, Reason
from antechamber.net.sockets import has_left, is_reset

if TYPE_CHECKING:
    from antechamber.edge.downstream import Downstream
    from antechamber.edge.tunnel import Tunnel

LOOK_S = 1.0


class Watcher(Protocol):
    """Whoever has stopped reading somebody. ``looking`` belongs to this module."""

    looking: bool


Watching = TypeVar("Watching", bound=Watcher)


def look_out(loop: asyncio.AbstractEventLoop, watcher: Watching, stays: Callable[[Watching], bool]) -> None:
    """Ask ``stays`` once a second until it says no, if that is not under way. It acts on what it sees."""
    if not watcher.looking:
        watcher.looking = True
        loop.call_later(LOOK_S, _look, loop, watcher, stays)


def _look(loop: asyncio.AbstractEventLoop, watcher: Watching, stays: Callable[[Watching], bool]) -> None:
    watcher.looking = False
    if stays(watcher):
        look_out(loop, watcher, stays)


def client_stays(downstream: Downstream) -> bool:
    """Whether to look again at a client that is not being read and waits for an answer; one that has left, ends."""
    transport = downstream.transport
    if not downstream.paused or downstream.exchange is None or transport.is_closing():
        return False
    if not has_left(transport):
        return True
    if is_reset(transport):
        downstream.connection_lost(ConnectionResetError())
        transport.abort()
    else:
        downstream.eof_received()
    return False


def tunnel_stays(tunnel: Tunnel) -> bool:
    """Whether to look again at the ends of a tunnel, of which one is not being read; one that was reset, ends.

    One that has only finished is heard when it is read again: what it sent before is still to be delivered.
    """
    if not tunnel.is_held_up:
        return False
    for end, party in ((tunnel.client, Party.CLIENT), (tunnel.upstream, Party.UPSTREAM)):
        if not end.is_closing() and is_reset(end):
            tunnel.note(party, Reason.LOST)
            end.abort()
            return False
    return True
