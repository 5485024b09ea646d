"""Who may come in: connections in all, connections per client address, streams.

Overload is an answer (503 with ``Retry-After``), never a crash. The limit on connections is held below what the
descriptor limit allows, since every exchange needs a second descriptor towards the app.
"""

from __future__ import annotations

from antechamber.policy.model import Limits

RESERVED_DESCRIPTORS = 32
"""For listeners, logs, the resolver and the interpreter."""
REFUSALS = 256
"""Refused connections that may linger over their answer at a time, or an eighth of the descriptors where those are few;
beyond that, connections are closed unanswered."""


class Admission:
    """Counters, and the three questions."""

    __slots__ = (
        "_by_client",
        "_refusals",
        "connection_limit",
        "connections",
        "handshakes",
        "per_client_limit",
        "stream_limit",
    )

    def __init__(self, limits: Limits, descriptors: int) -> None:
        self._refusals = min(REFUSALS, descriptors // 8)
        room = (descriptors - RESERVED_DESCRIPTORS - self._refusals) // 2
        self.connection_limit = max(1, min(limits.connections, room))
        self.per_client_limit = limits.connections_per_client
        self.stream_limit = limits.streams
        self.connections = 0
        self.handshakes = 0
        self._by_client: dict[str, int] = {}

    def knock(self, client: str, *, trusted: bool) -> str:
        """Count a connection that is to shake hands first. Returns why it must be closed (it is counted all the same),
        or an empty string. Nothing can be told to it, so it is let in as long as there is room to refuse it later."""
        self.handshakes += 1
        mine = self._count_in(client)
        if self.connections + self.handshakes > self.connection_limit + self._refusals:
            return f"all {self.connection_limit} connections are taken, some by TLS handshakes (max-connections)"
        if mine > self.per_client_limit + 1 and not trusted:
            return _too_many(self.per_client_limit)
        return ""

    def greeted(self, client: str) -> None:
        """Count a connection out whose handshake is over, one way or the other."""
        self.handshakes -= 1
        self._count_out(client)

    def enter(self, client: str, *, trusted: bool) -> str:
        """Count a connection in. Returns why it must be refused (it is counted all the same), or an empty string.

        A trusted proxy speaks for many clients, so the limit per address does not apply to it.
        """
        self.connections += 1
        mine = self._count_in(client)
        if self.connections > self.connection_limit:
            return f"all {self.connection_limit} connections are taken (max-connections, or the descriptor limit)"
        if mine > self.per_client_limit and not trusted:
            return _too_many(self.per_client_limit)
        return ""

    def too_many_exchanges(self, open_now: int) -> str:
        """Why there is no room for one more exchange, or an empty string. Each needs a descriptor towards the app, and
        where many share a connection the limit on connections does not see to that."""
        if open_now < self.connection_limit:
            return ""
        return f"all {self.connection_limit} exchanges are taken (max-connections, or the descriptor limit)"

    def answering(self) -> bool:
        """Whether there is room to tell a refused client why, which keeps its connection for some seconds."""
        return self.connections + self.handshakes <= self.connection_limit + self._refusals

    def leave(self, client: str) -> bool:
        """Count a connection out. Whether that made an end of pressure: half of the room is free again."""
        self.connections -= 1
        self._count_out(client)
        return self.connections == self.connection_limit // 2

    def _count_in(self, client: str) -> int:
        mine = self._by_client[client] = self._by_client.get(client, 0) + 1
        return mine

    def _count_out(self, client: str) -> None:
        mine = self._by_client.get(client, 0) - 1
        if mine > 0:
            self._by_client[client] = mine
        else:
            self._by_client.pop(client, None)


def _too_many(limit: int) -> str:
    return f"more than {limit} connections from one address (max-connections-per-client)"
