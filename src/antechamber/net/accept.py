"""Accepting on a TLS listener: connections are counted before they shake hands.

The event loop's own TLS server tells nobody of a connection before its handshake is done, so clients who never begin
one could take every descriptor for as long as a handshake may last. Here whoever counts is asked at once.

A client that speaks HTTP without TLS is told so in clear, as nginx, Apache and Go do it: its first octet is looked at
before it is taken for a handshake, and what it asked for goes nowhere.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from antechamber.net.tls import ServerTls

HANDSHAKE_S = 15.0
LEAST_S = 0.1
"""What is left at least for a handshake that was begun late."""
ACCEPTED_AT_ONCE = 64
"""Connections taken in a row before the loop turns to others."""
PAUSE_S = 0.1
"""After an accept that failed, for want of descriptors most likely: those who wait, wait in the backlog."""

Greeted = Callable[[], None]
"""Says that a handshake is over, one way or the other. May be called twice."""
Plain = Callable[[str], bytes]
"""Asked with a client's address for what it is told that speaks no TLS."""
PLAIN_BYTES = 64 * 1024
"""Of a request in clear that are read before it is answered, so that the answer is not lost to a reset."""
Knock = Callable[[str], Greeted | None]
"""Asked with a client's address whether it may shake hands; ``None`` means that it is closed at once."""


class TlsListener:
    """Accepts on one listening socket until closed. ``factory`` makes the protocol of a connection; the protocol calls
    what it is given when its connection is made, before it counts it anew."""

    def __init__(
        self,
        listener: socket.socket,
        tls: ServerTls,
        *,
        knock: Knock,
        factory: Callable[[Greeted], asyncio.Protocol],
        plain: Plain,
    ) -> None:
        self._listener = listener
        self._tls = tls
        self._knock = knock
        self._factory = factory
        self._plain = plain
        self._loop = asyncio.get_running_loop()
        self._shaking: set[asyncio.Task[None]] = set()
        self._closed = False
        self._listen()

    def close(self) -> None:
        """Stop accepting. Handshakes that have begun go on."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._listener)
            self._listener.close()

    def abort(self) -> None:
        """End the handshakes that are under way."""
        for task in self._shaking:
            task.cancel()

    def _listen(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connection, address = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:
                self._loop.remove_reader(self._listener)
                self._loop.call_later(PAUSE_S, self._listen)
                return
            connection.setblocking(False)
            self._meet(connection, address[0])

    def _meet(self, connection: socket.socket, address: str) -> None:
        greeted = self._knock(address)
        if greeted is None:
            connection.close()
            return

        def over(task: asyncio.Task[None]) -> None:
            self._shaking.discard(task)
            greeted()
            if task.cancelled():  # before it began, perhaps: then the socket is still ours
                connection.close()

        task = self._loop.create_task(self._receive(connection, address, greeted))
        self._shaking.add(task)
        task.add_done_callback(over)

    async def _receive(self, connection: socket.socket, address: str, greeted: Greeted) -> None:
        """Shake hands with who speaks TLS. Raises nothing but for a cancel."""
        until = self._loop.time() + HANDSHAKE_S
        with suppress(OSError):  # ssl.SSLError, ConnectionError and TimeoutError are ones as well: no client of ours
            if await self._speaks_tls(connection, address, until):
                await self._loop.connect_accepted_socket(
                    lambda: self._factory(greeted),
                    connection,
                    ssl=self._tls,
                    ssl_handshake_timeout=max(LEAST_S, until - self._loop.time()),
                )

    async def _speaks_tls(self, connection: socket.socket, address: str, until: float) -> bool:
        """Whether to go on; if not, the connection is closed. Raises ``OSError`` then as well."""
        try:
            async with asyncio.timeout_at(until):
                await self._readable(connection)
            first = connection.recv(1, socket.MSG_PEEK)
            if first and not first.isupper():
                return True
            if first:
                connection.recv(PLAIN_BYTES)
                connection.send(self._plain(address))
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            connection.close()
            raise
        connection.close()
        return False

    async def _readable(self, connection: socket.socket) -> None:
        heard = asyncio.Event()
        self._loop.add_reader(connection, heard.set)
        try:
            await heard.wait()
        finally:
            self._loop.remove_reader(connection)
