"""Dialling the upstream: a name with several addresses, IPv6, a unix socket, one timeout over all of it.

Addresses are tried in the resolver's order, the next one starting when the last failed or has been silent for a quarter
of a second, and the first to connect wins (RFC 8305 5, "Happy Eyeballs").
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from ipaddress import ip_address

from antechamber.policy.model import Address
from antechamber.protocol.failure import Failure

STAGGER_S = 0.25
RESOLVED_FOR_S = 5.0
"""How long a name's addresses are used before the resolver is asked again: short, since containers move."""

FOREVER = float("inf")

_FAILURES = {
    errno.ECONNREFUSED: Failure.CONNECTION_REFUSED,
    errno.ENOENT: Failure.CONNECTION_REFUSED,
    errno.ECONNRESET: Failure.CONNECTION_TERMINATED,
    errno.ETIMEDOUT: Failure.CONNECTION_TIMEOUT,
    errno.ENETUNREACH: Failure.DESTINATION_UNROUTABLE,
    errno.EHOSTUNREACH: Failure.DESTINATION_UNROUTABLE,
    errno.EMFILE: Failure.CONNECTION_LIMIT_REACHED,
    errno.ENFILE: Failure.CONNECTION_LIMIT_REACHED,
    errno.EADDRNOTAVAIL: Failure.CONNECTION_LIMIT_REACHED,
    errno.EAGAIN: Failure.CONNECTION_LIMIT_REACHED,
}


class DialError(Exception):
    """The upstream could not be reached."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


class Dialer:
    """Opens connections to one upstream address."""

    def __init__(self, address: Address, *, timeout_s: float) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._resolved: list[str] = []
        self._resolved_until = 0.0
        if not address.unix and _is_literal(address.host):
            self._resolved, self._resolved_until = [address.host], FOREVER

    async def dial(self, factory: Callable[[], asyncio.Protocol]) -> None:
        """Connect and hand the transport to a protocol made by ``factory``. Raises :class:`DialError`."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._connect(factory)
        except TimeoutError:
            self._forget()
            raise DialError(Failure.CONNECTION_TIMEOUT, f"no connection within {self._timeout_s:g} s") from None
        except OSError as error:
            self._forget()
            failure = _FAILURES.get(error.errno or 0, Failure.DESTINATION_UNAVAILABLE)
            raise DialError(failure, error.strerror or "the connection failed") from None

    async def _connect(self, factory: Callable[[], asyncio.Protocol]) -> None:
        loop = asyncio.get_running_loop()
        if self._address.unix:
            await loop.create_unix_connection(factory, self._address.unix)
            return
        hosts = await self._resolve(loop)
        if len(hosts) == 1:
            await loop.create_connection(factory, hosts[0], self._address.port)
            return
        winner = await _race(loop, [(host, self._address.port) for host in hosts])
        await loop.create_connection(factory, sock=winner)

    async def _resolve(self, loop: asyncio.AbstractEventLoop) -> list[str]:
        if loop.time() >= self._resolved_until:
            try:
                found = await loop.getaddrinfo(self._address.host, self._address.port, type=socket.SOCK_STREAM)
            except socket.gaierror as error:
                raise DialError(Failure.DNS_ERROR, f"the upstream's name does not resolve ({error.strerror})") from None
            self._resolved = list(dict.fromkeys(str(entry[4][0]) for entry in found))
            self._resolved_until = loop.time() + RESOLVED_FOR_S
        return self._resolved

    def _forget(self) -> None:
        """Nobody answers there: perhaps the name has moved, so the next one to dial asks the resolver again."""
        if self._resolved_until != FOREVER:
            self._resolved_until = 0.0


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


async def _race(loop: asyncio.AbstractEventLoop, targets: list[tuple[str, int]]) -> socket.socket:
    """The first socket that connects; the others are closed. Raises the last attempt's error if all fail."""
    attempts: set[asyncio.Task[socket.socket]] = set()
    failed: BaseException | None = None
    try:
        for target in targets:
            attempts.add(asyncio.create_task(_attempt(loop, *target)))
            done, attempts = await asyncio.wait(
                attempts,
                timeout=None if target is targets[-1] else STAGGER_S,
                return_when=asyncio.FIRST_COMPLETED,
            )
            winner, failed = _winner(done, failed)
            if winner:
                return winner
        while attempts:
            done, attempts = await asyncio.wait(attempts, return_when=asyncio.FIRST_COMPLETED)
            winner, failed = _winner(done, failed)
            if winner:
                return winner
    finally:
        for attempt in attempts:
            attempt.cancel()
    raise failed or OSError(errno.EHOSTUNREACH, "no address to connect to")


def _winner(
    done: set[asyncio.Task[socket.socket]], failed: BaseException | None
) -> tuple[socket.socket | None, BaseException | None]:
    winner: socket.socket | None = None
    for attempt in done:
        error = attempt.exception()
        if error is not None:
            failed = error
        elif winner is None:
            winner = attempt.result()
        else:
            attempt.result().close()
    return winner, failed


async def _attempt(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    attempt = socket.socket(family, socket.SOCK_STREAM)
    attempt.setblocking(False)
    try:
        await loop.sock_connect(attempt, (host, port))
    except BaseException:
        attempt.close()
        raise
    return attempt
