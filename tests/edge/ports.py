"""Ports that do not behave: free a moment ago, or listening without ever accepting."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


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
