"""A uvloop whose resolver knows the names of one test, since the machine's may know ``localhost`` once only.

The seam is ``getaddrinfo`` and nothing else: connections are real.
"""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Any

import uvloop

_LITERAL = re.compile(r"[0-9.]+|[0-9a-f]*:[0-9a-f:.]*")


class NamingLoop(uvloop.Loop):
    """Resolves :attr:`names` and addresses; any other name does not exist."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, list[str]] = {}

    async def getaddrinfo(self, host: Any, port: Any, **_: int) -> Any:
        """See :func:`socket.getaddrinfo`."""
        if _LITERAL.fullmatch(host):
            return [_found(host, port)]
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if not self.names[host]:
            await asyncio.Event().wait()
        return [_found(address, port) for address in self.names[host]]


def _found(address: str, port: int) -> Any:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)
