"""Addresses for somebody else to listen on: ports of 0 become real and stay what they are; what is taken is told."""

from __future__ import annotations

import asyncio
import socket

import pytest

from antechamber.errors import ConfigError
from antechamber.net.accepting import accepting
from antechamber.net.vacancy import Place, require_vacant, with_ports
from antechamber.policy.model import Address

FREE = Address(host="127.0.0.1")
NAMED = Address(host="127.0.0.1", port=8080)


def test_a_port_of_0_becomes_one_on_which_somebody_can_listen() -> None:
    first, second, named = with_ports((FREE, FREE, NAMED))
    assert len({first.used.port, second.used.port}) == 2
    assert named == Place(NAMED, NAMED)
    with socket.create_server((first.used.host, first.used.port)):
        pass


def test_every_interface_gets_one_port_for_all_of_them() -> None:
    (place,) = with_ports((Address(),))
    assert place.used.port
    require_vacant((place.used,))


def test_a_port_that_was_chosen_before_is_kept_each_for_its_own_address() -> None:
    before = with_ports((FREE, NAMED, FREE))
    assert with_ports((NAMED, FREE, FREE), before=before) == (before[1], before[0], before[2])
    more = with_ports((FREE, FREE, FREE), before=before)
    assert more[:2] == (before[0], before[2])
    assert more[2].used.port not in {before[0].used.port, before[2].used.port}


def test_an_address_where_somebody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"listen address 127.0.0.1:{port}: the port is in use"):
            require_vacant((Address(host="127.0.0.1", port=port),))


@pytest.mark.parametrize("host", ["", "0.0.0.0", "127.0.0.1"])
async def test_who_waits_for_a_listener_goes_on_once_there_is_one(host: str) -> None:
    (place,) = with_ports((Address(host=host),))
    waiting = asyncio.create_task(accepting(place.used))
    await asyncio.sleep(0)
    assert not waiting.done()
    with socket.create_server((host, place.used.port)):
        async with asyncio.timeout(20):
            await waiting
