"""Socket options that the edge needs by name."""

from __future__ import annotations

import asyncio
import os
import socket
import struct

_RESET = struct.pack("ii", 1, 0)


def reset_on_close(transport: asyncio.BaseTransport) -> None:
    """Make the transport's close a reset: the only way to tell an HTTP/1.0 client that a body is not whole."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def unread(transport: asyncio.BaseTransport, *, limit: int) -> bytes:
    """What has arrived and was not read before the connection broke under a write; no more than ``limit`` octets.

    Whoever writes to a peer that has reset meets the error first, and the event loop closes without reading on. Linux
    keeps what came before the reset until the socket is closed.
    """
    sock = transport.get_extra_info("socket")
    if sock is None or sock.fileno() < 0:
        return b""
    taken = bytearray()
    try:
        while len(taken) < limit and (piece := os.read(sock.fileno(), limit - len(taken))):
            taken += piece
    except OSError:
        pass
    return bytes(taken)
