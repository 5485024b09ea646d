"""Opening listening sockets, with errors that say what to do."""

from __future__ import annotations

import errno
import socket

from antechamber.errors import ConfigError
from antechamber.policy.model import Address

BACKLOG = 1024

Listener = socket.socket
"""A socket that listens."""


def open_listeners(addresses: tuple[Address, ...]) -> list[socket.socket]:
    """Bind and listen on every address. All or none: on a :class:`ConfigError` nothing stays open."""
    opened: list[socket.socket] = []
    try:
        for address in addresses:
            opened += _open(address)
    except ConfigError:
        for listener in opened:
            listener.close()
        raise
    return opened


def local_address(listener: socket.socket) -> Address:
    """The address a listener is bound to, with the real port."""
    host, port = listener.getsockname()[:2]
    return Address(host=host, port=port)


def _open(address: Address) -> list[socket.socket]:
    place = f"listen address {address}"
    try:
        found = socket.getaddrinfo(
            address.host or None, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )
    except socket.gaierror:
        raise ConfigError(
            f"the host {address.host} does not resolve", place=place, way_out="Give an address of this machine"
        ) from None
    opened: list[socket.socket] = []
    absent: OSError | None = None
    for family, kind, proto, _, sockaddr in dict.fromkeys(found):
        try:
            opened.append(_listener(family, kind, proto, sockaddr))
        except OSError as error:
            if error.errno in _ABSENT:  # "localhost" is ::1 too, also where IPv6 is switched off
                absent = error
                continue
            for each in opened:
                each.close()
            raise _explained(error, address, place) from None
    if absent and not opened:
        raise _explained(absent, address, place) from None
    return opened


_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def _listener(family: int, kind: int, proto: int, sockaddr: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(sockaddr)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _explained(error: OSError, address: Address, place: str) -> ConfigError:
    match error.errno:
        case errno.EADDRINUSE:
            return ConfigError(
                "the port is in use",
                place=place,
                way_out=f"Stop what is there (ss -ltnp 'sport = :{address.port}' names it) or give another --listen",
            )
        case errno.EACCES | errno.EPERM:
            return ConfigError(
                f"no right to listen on port {address.port}",
                place=place,
                way_out="Ports below 1024 need CAP_NET_BIND_SERVICE: use a port from 1024 up, or the systemd unit",
            )
        case errno.EADDRNOTAVAIL:
            return ConfigError("this machine does not have that address", place=place, way_out="See: ip address")
        case _:
            return ConfigError(error.strerror or str(error), place=place)
