"""Idle upstream connections: which one to take, how long to keep them.

The pool decides and acts on nothing: it hands out and takes back, and callers open and close. The most recently used
connection goes first, so that the others age out. A request that may not be repeated is not risked on a connection
that has been idle long enough to be closing at the other end just now (RFC 9112 9.3.1).
"""

from __future__ import annotations

from typing import Protocol, TypeVar

FRESH_S = 1.0
"""Idle time up to which a connection is good enough for a request that cannot be sent twice."""
KEEP_ALIVE_MARGIN_S = 1.0
"""How much earlier than announced we stop using a connection (``Keep-Alive: timeout=5`` races at 5 s)."""
MAX_IDLE = 256


class Idle(Protocol):
    """A connection as the pool sees it."""

    idle_since: float
    idle_limit_s: float


Connection = TypeVar("Connection", bound=Idle)


class Pool:
    """A stack of idle connections to one upstream."""

    __slots__ = ("_idle", "idle_limit_s")

    def __init__(self, idle_limit_s: float) -> None:
        self._idle: list[Idle] = []
        self.idle_limit_s = idle_limit_s

    def __len__(self) -> int:
        return len(self._idle)

    def take(self, now: float, *, repeatable: bool) -> Idle | None:
        """The best connection for a request, or ``None``: dial. What it returns is no longer in the pool."""
        if not self._idle:
            return None
        newest = self._idle[-1]
        age = now - newest.idle_since
        if age > newest.idle_limit_s or (not repeatable and age > FRESH_S):
            return None
        return self._idle.pop()

    def give(self, connection: Idle, now: float, announced_s: int | None) -> bool:
        """Take a connection back after a clean exchange. ``False``: it is not wanted, close it."""
        limit = self.idle_limit_s
        if announced_s is not None:
            limit = min(limit, announced_s - KEEP_ALIVE_MARGIN_S)
        if limit <= 0 or len(self._idle) >= MAX_IDLE:
            return False
        connection.idle_since = now
        connection.idle_limit_s = limit
        self._idle.append(connection)
        return True

    def remove(self, connection: Idle) -> None:
        """Forget a connection that closed, or spoke, while idle."""
        if connection in self._idle:
            self._idle.remove(connection)
