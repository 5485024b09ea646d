"""Serving the chamber: uvicorn with what it needs to look like the app from outside.

h11, because it keeps HTTP/1.0 clients unchunked and header names as given; the sans-I/O ``websockets`` protocol
without compression, as the app's. Signals belong to the command that runs this, not to the server. Stopping is
quick: streams are cut, sockets dropped, nothing is waited for longer than :data:`STOP_S`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from antechamber.chamber.app import Chamber
from antechamber.chamber.settings import Settings
from antechamber.chamber.wire import KEEP_ALIVE_S
from antechamber.errors import ConfigError

HEADER_BLOCK_BYTES = 16 * 1024
STOP_S = 2
STUCK_SOCKET_S = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """A chamber that answers at ``url``."""

    url: str
    chamber: Chamber


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Running]:
    """A chamber that listens from entry to exit. Raises :class:`ConfigError` when it cannot."""
    check_reach(settings)
    chamber = Chamber(settings)
    server = _Server(_server_config(chamber), chamber)
    listener = _listener(settings)
    serve = asyncio.create_task(server.serve(sockets=[listener]))
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait({serve, ready}, return_when=asyncio.FIRST_COMPLETED)
        host, port = listener.getsockname()[:2]
        yield Running(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}", chamber)
    finally:
        ready.cancel()
        server.told.set()
        await serve


def check_reach(settings: Settings) -> None:
    """Refuse to be reachable from elsewhere without a password: it hands out shells. So does the app refuse."""
    if not settings.password and not _is_loopback(settings.listen.host):
        raise ConfigError(
            f"without a password the chamber listens on loopback only, not on {settings.listen}",
            place="--listen",
            way_out="Give --password-file or ANTECHAMBER_CHAMBER_PASSWORD, or listen on 127.0.0.1",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _listener(settings: Settings) -> socket.socket:
    address = settings.listen
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=2048)
    except OSError as problem:
        raise ConfigError(
            f"cannot listen on {address}: {problem.strerror or problem}",
            place="--listen",
            way_out="Choose another address, or port 0 for a free one",
        ) from None


def _server_config(chamber: Chamber) -> uvicorn.Config:
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).disabled = True  # wire.py tells faults; the rest is noise beside a ready line
    return uvicorn.Config(
        chamber.asgi,
        http=H11Protocol,
        ws=_Socket,
        ws_max_size=chamber.settings.limits.socket_message_bytes,
        ws_ping_interval=chamber.settings.heartbeats.socket_s,
        ws_ping_timeout=None,
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=HEADER_BLOCK_BYTES,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, chamber: Chamber) -> None:
        super().__init__(config)
        self._chamber = chamber
        self.ready = asyncio.Event()
        self.told = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._chamber.stop()
        await super().shutdown(sockets)


class _Socket(WebSocketsSansIOProtocol):
    """Sockets that end as the app's do: dropped at shutdown (1006), and not held for a peer that does not read."""

    def shutdown(self) -> None:
        self.stop_keepalive()
        self.transport.abort()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(STUCK_SOCKET_S, self.transport.abort)
