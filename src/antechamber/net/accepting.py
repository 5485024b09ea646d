"""Whether something takes connections at an address of this machine, seen by connecting."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from antechamber.net.dial import Dialer, DialError
from antechamber.policy.model import Address

CONNECT_S = 2.0
LOOK_EVERY_S = 0.02

_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (dialled, not bound)


async def accepting(address: Address) -> None:
    """Wait until a connection is taken at ``address``; "every interface" is asked at the loopback one."""
    while not await _accepts(address):  # noqa: ASYNC110  (no event tells it)
        await asyncio.sleep(LOOK_EVERY_S)


async def _accepts(address: Address) -> bool:
    dialled = replace(address, host=_LOOPBACK.get(address.host, address.host))
    try:
        await Dialer(dialled, timeout_s=CONNECT_S).dial(_HangUp)
    except DialError:
        return False
    return True


class _HangUp(asyncio.Protocol):
    """Connects, and has nothing to say."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
