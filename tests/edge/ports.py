"""Ports that do not behave: free a moment ago, or listening without ever accepting."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def greeting(greet: Callable[[socket.socket], None]) -> Iterator[int]:
    """A listener in a thread of its own that speaks first: ``greet`` gets every connection at once, and they stay."""
    kept: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):  # the listener was shut down
            while True:
                kept.append(listener.accept()[0])
                greet(kept[-1])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=accept)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in kept:
                connection.close()


@contextmanager
def stalled(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A listener with a full queue: who connects to its port gets no answer at all."""
    with socket.socket() as listener:
        listener.bind((host, port))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            yield int(listener.getsockname()[1])
        finally:
            for filler in fillers:
                filler.close()
