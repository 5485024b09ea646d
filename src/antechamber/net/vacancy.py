"""Addresses that another program is to listen on: free ports for it, and whether it could listen there.

They are tried by listening for a moment. What is free now may be taken a moment later, so the program itself has the
last word; what is gained is an error that says what to do, before anything is started or changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from antechamber.errors import ConfigError
from antechamber.net.listen import local_address, open_listeners
from antechamber.policy.model import Address

TRIES = 20
PRIVILEGED = 1024
"""Ports below are for root, or for a program that has the capability (capabilities(7)), which we need not have."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address as it was written, and as it is used: the same, but for a port of 0."""

    written: Address
    used: Address


def with_ports(addresses: Iterable[Address], *, before: Sequence[Place] = ()) -> tuple[Place, ...]:
    """A free port for each port of 0: the one it had ``before``, else a new one."""
    known = list(before)
    places = []
    for address in addresses:
        place = next((one for one in known if one.written == address), None)
        if place is None:
            place = Place(address, address if address.port else replace(address, port=_free_port(address)))
        else:
            known.remove(place)
        places.append(place)
    return tuple(places)


def require_vacant(addresses: Iterable[Address]) -> None:
    """Raises :class:`ConfigError` for the first address where nobody can listen now."""
    for address in addresses:
        if address.port >= PRIVILEGED or os.geteuid() == 0:
            for listener in open_listeners((address,)):
                listener.close()


def _free_port(address: Address) -> int:
    """A port that is free on every address that the host stands for."""
    for _ in range(TRIES):
        listeners = open_listeners((address,))
        port = local_address(listeners[0]).port
        for listener in listeners:
            listener.close()
        try:
            require_vacant((replace(address, port=port),))
        except ConfigError:  # free on one of them only
            continue
        return port
    raise ConfigError("no free port was found", place=f"listen address {address}", way_out="Write a port.")
