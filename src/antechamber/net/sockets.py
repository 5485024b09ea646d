"""Socket options that the edge needs by name."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from contextlib import suppress

_RESET = struct.pack("ii", 1, 0)


def reset_on_close(transport: asyncio.BaseTransport) -> None:
    """Make the transport's close a reset: the only way to tell an HTTP/1.0 client that a body is not whole."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def hold_back(transport: asyncio.BaseTransport, *, unsent_bytes: int) -> None:
    """Let no more wait in the kernel than is under way and so many octets: what is written last is behind all of it.

    The kernel takes megabytes for a fast transfer (tcp(7), ``TCP_NOTSENT_LOWAT``); a system without that goes on so.
    """
    sock = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if sock is not None and option is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, option, unsent_bytes)


_TCP_RESET = 7
_TCP_ENDED = frozenset({6, _TCP_RESET, 8, 9, 11})
"""Linux' names for them are ``TCP_TIME_WAIT``, ``TCP_CLOSE``, ``TCP_CLOSE_WAIT``, ``TCP_LAST_ACK``, ``TCP_CLOSING``."""


def has_left(transport: asyncio.BaseTransport) -> bool:
    """Whether the peer has ended its side or reset the connection, even behind octets that nobody reads yet.

    An event loop tells of an end when it reads it, so a peer that is not being read seems to stay for ever. Linux
    tells the state of the connection (tcp(7), ``TCP_INFO``); where nobody does, the answer is no.
    """
    return _tcp_state(transport) in _TCP_ENDED


def is_reset(transport: asyncio.BaseTransport) -> bool:
    """Whether the connection is dead in both directions, under the conditions of :func:`has_left`."""
    return _tcp_state(transport) == _TCP_RESET


def _tcp_state(transport: asyncio.BaseTransport) -> int:
    sock = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_INFO", None)
    if sock is None or option is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return 0
    try:
        return int(sock.getsockopt(socket.IPPROTO_TCP, option, 1)[0])
    except OSError:
        return 0


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
