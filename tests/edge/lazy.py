"""A client that asks and does not read, with a small window, so that its side of the edge fills soon."""

from __future__ import annotations

import asyncio
import socket

from antechamber.edge.downstream import Downstream
from tests.edge.front import Front
from tests.edge.talk import PATIENCE_S
from tests.hostile.wire import Wire

WINDOW_BYTES = 8 * 1024


async def lazy_client(front: Front, request: bytes) -> Wire:
    """Has asked, and reads only what the test reads."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", front.port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=WINDOW_BYTES)
    writer.write(request)
    return Wire(reader, writer)


def only_connection(front: Front) -> Downstream:
    """The edge's end of the only client."""
    assert front.edge.setting is not None
    (connection,) = front.edge.setting.connections
    return connection


def waiting(front: Front) -> int:
    """Octets that wait in the edge for its only client."""
    return only_connection(front).transport.get_write_buffer_size()


async def fill_up(front: Front, app: Wire, piece: bytes) -> None:
    """Let the app say ``piece`` again and again until some of it waits in the edge."""
    async with asyncio.timeout(PATIENCE_S):
        while waiting(front) <= len(piece):
            app.writer.write(piece)
            await app.writer.drain()
            await asyncio.sleep(0.001)
