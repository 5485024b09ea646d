"""Dialling the app: real sockets on the loopback, names that a test makes up, every failure by its RFC 9209 name."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from antechamber.net import dial
from antechamber.net.dial import STAGGER_S, Dialer, DialError
from antechamber.policy.model import Address
from antechamber.protocol.failure import Failure

WITHIN_S = 30.0


class Caller(asyncio.Protocol):
    """Remembers its transport."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's do not derive from it


async def reach(dialer: Dialer) -> str:
    """Dial, hang up, and say whom the connection went to."""
    caller = Caller()
    await dialer.dial(lambda: caller)
    assert caller.transport is not None
    peer = caller.transport.get_extra_info("peername")
    caller.transport.abort()
    return peer if isinstance(peer, str) else str(peer[0])


async def failure(dialer: Dialer) -> Failure:
    with pytest.raises(DialError) as caught:
        await dialer.dial(Caller)
    assert caught.value.detail
    return caught.value.failure


@contextmanager
def listener(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as server:
        yield int(server.getsockname()[1])


@contextmanager
def silent(host: str, port: int) -> Iterator[socket.socket]:
    """A listener with a full queue: who connects gets no answer at all, until somebody accepts."""
    with socket.socket() as server:
        server.bind((host, port))
        server.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex((host, port))
            yield server
        finally:
            for filler in fillers:
                filler.close()


def accept_all(server: socket.socket) -> None:
    """Empty the queue; the kernel lets those in who knock again, after a second."""
    server.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            server.accept()[0].close()


def closed_port() -> int:
    with listener() as port:
        return port


Resolver = Callable[..., Awaitable[Any]]


class Names:
    """A resolver for one test: what names stand for, and how often it was asked."""

    def __init__(self, otherwise: Resolver) -> None:
        self.hosts: dict[str, list[str]] = {}
        self.asked = 0
        self._otherwise = otherwise

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """See :func:`socket.getaddrinfo`."""
        if host not in self.hosts:
            return await self._otherwise(host, port, **options)
        self.asked += 1
        if not self.hosts[host]:
            await asyncio.Event().wait()
        return [entry for each in self.hosts[host] for entry in await self._otherwise(each, port, **options)]


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A name without addresses is one that the resolver never answers."""
    loop = asyncio.get_running_loop()
    made_up = Names(loop.getaddrinfo)
    monkeypatch.setattr(loop, "getaddrinfo", made_up.getaddrinfo)
    return made_up


def to(host: str, port: int, *, timeout_s: float = WITHIN_S) -> Dialer:
    return Dialer(Address(host=host, port=port), timeout_s=timeout_s)


# One address


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_address_is_dialled_as_it_stands(host: str, names: Names) -> None:
    with listener(host) as port:
        assert await reach(to(host, port)) == host
    assert names.asked == 0


async def test_a_unix_socket_is_dialled_by_its_path(tmp_path: Path) -> None:
    path = str(tmp_path / "app.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        assert await reach(Dialer(Address(unix=path), timeout_s=WITHIN_S)) == path


async def test_a_port_where_nothing_listens_is_a_refused_connection() -> None:
    assert await failure(to("127.0.0.1", closed_port())) is Failure.CONNECTION_REFUSED


async def test_a_unix_socket_that_is_not_there_is_a_refused_connection(tmp_path: Path) -> None:
    """The app is down: people are told the same for both kinds of address."""
    dialer = Dialer(Address(unix=str(tmp_path / "none.sock")), timeout_s=WITHIN_S)
    assert await failure(dialer) is Failure.CONNECTION_REFUSED


async def test_a_unix_socket_that_nobody_serves_any_more_is_a_refused_connection(tmp_path: Path) -> None:
    path = str(tmp_path / "old.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
    assert await failure(Dialer(Address(unix=path), timeout_s=WITHIN_S)) is Failure.CONNECTION_REFUSED


async def test_a_path_that_cannot_exist_is_an_unavailable_destination(tmp_path: Path) -> None:
    """What has no name of its own in RFC 9209 is 503: perhaps it works later."""
    (tmp_path / "file").touch()
    dialer = Dialer(Address(unix=str(tmp_path / "file" / "app.sock")), timeout_s=WITHIN_S)
    assert await failure(dialer) is Failure.DESTINATION_UNAVAILABLE


async def test_a_peer_that_does_not_answer_in_time_is_a_connection_timeout() -> None:
    port = closed_port()
    with silent("127.0.0.1", port):
        assert await failure(to("127.0.0.1", port, timeout_s=0.2)) is Failure.CONNECTION_TIMEOUT


async def test_no_descriptors_left_is_a_limit_that_was_reached() -> None:
    """503, not 502: the app is well, the edge is full."""
    with listener() as port, no_descriptors_left():
        told = await failure(to("127.0.0.1", port))
    assert told is Failure.CONNECTION_LIMIT_REACHED
    assert told.status == 503


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(_descriptors()) + 1, hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for each in taken:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _descriptors() -> list[int]:
    return [int(name) for name in os.listdir("/proc/self/fd")]


# Names


async def test_a_name_is_dialled_at_its_address(names: Names) -> None:
    names.hosts["app.test"] = ["127.0.0.1"]
    with listener() as port:
        assert await reach(to("app.test", port)) == "127.0.0.1"


async def test_a_name_that_does_not_resolve_is_a_dns_error() -> None:
    assert await failure(to("no.such.host.invalid", 80)) is Failure.DNS_ERROR


async def test_the_time_to_resolve_counts_against_the_timeout(names: Names) -> None:
    names.hosts["app.test"] = []
    assert await failure(to("app.test", 80, timeout_s=0.1)) is Failure.CONNECTION_TIMEOUT


async def test_of_several_addresses_the_first_that_connects_is_taken(names: Names) -> None:
    """RFC 8305 4: the resolver's order is kept."""
    names.hosts["app.test"] = ["127.0.0.2", "127.0.0.1"]
    with listener("127.0.0.2") as port, listener("127.0.0.1", port):
        assert await reach(to("app.test", port)) == "127.0.0.2"


@pytest.mark.parametrize(
    "hosts", [["127.0.0.2", "127.0.0.1"], ["::1", "127.0.0.1"], ["127.0.0.2", "127.0.0.3", "127.0.0.1"]]
)
async def test_an_address_that_refuses_makes_way_for_the_next_at_once(hosts: list[str], names: Names) -> None:
    names.hosts["app.test"] = hosts
    with listener() as port:
        assert await reach(to("app.test", port)) == "127.0.0.1"


async def test_an_address_that_is_silent_does_not_hold_up_the_next(names: Names) -> None:
    """RFC 8305 5: connection attempts are staggered."""
    names.hosts["app.test"] = ["127.0.0.2", "127.0.0.1"]
    with listener() as port, silent("127.0.0.2", port):
        assert await reach(to("app.test", port)) == "127.0.0.1"


async def test_an_address_that_is_silent_is_waited_for_though_the_others_refuse(names: Names) -> None:
    """The first attempt is not given up because a second one was made."""
    names.hosts["app.test"] = ["127.0.0.2", "127.0.0.1"]
    port = closed_port()
    with silent("127.0.0.2", port):
        assert await failure(to("app.test", port, timeout_s=2 * STAGGER_S)) is Failure.CONNECTION_TIMEOUT


async def test_an_address_that_is_slow_is_taken_in_the_end_when_the_others_refuse(names: Names) -> None:
    names.hosts["app.test"] = ["127.0.0.2", "127.0.0.1"]
    port = closed_port()
    with silent("127.0.0.2", port) as server:
        dialling = asyncio.create_task(reach(to("app.test", port)))
        asyncio.get_running_loop().call_later(2 * STAGGER_S, accept_all, server)
        assert await dialling == "127.0.0.2"


async def test_when_all_addresses_fail_the_last_failure_is_told(names: Names) -> None:
    names.hosts["app.test"] = ["127.0.0.2", "127.0.0.1"]
    assert await failure(to("app.test", closed_port())) is Failure.CONNECTION_REFUSED


async def test_a_timeout_over_several_addresses_leaves_nothing_open(names: Names) -> None:
    names.hosts["app.test"] = ["127.0.0.2", "127.0.0.1"]
    port = closed_port()
    with silent("127.0.0.2", port), silent("127.0.0.1", port):
        before = len(_descriptors())
        assert await failure(to("app.test", port, timeout_s=2 * STAGGER_S)) is Failure.CONNECTION_TIMEOUT
        async with asyncio.timeout(WITHIN_S):
            while len(_descriptors()) > before:  # the attempts end one turn of the loop after they were cancelled
                await asyncio.sleep(0)


async def test_a_name_is_asked_for_once_in_a_while_not_for_each_connection(names: Names) -> None:
    names.hosts["app.test"] = ["127.0.0.1"]
    with listener() as port:
        dialer = to("app.test", port)
        for _ in range(5):
            await reach(dialer)
    assert names.asked == 1


async def test_a_name_whose_answer_is_old_is_asked_for_again(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers move."""
    monkeypatch.setattr(dial, "RESOLVED_FOR_S", 0.0)
    names.hosts["app.test"] = ["127.0.0.1"]
    with listener("127.0.0.1") as port, listener("127.0.0.2", port):
        dialer = to("app.test", port)
        assert await reach(dialer) == "127.0.0.1"
        names.hosts["app.test"] = ["127.0.0.2"]
        assert await reach(dialer) == "127.0.0.2"


async def test_a_name_where_nobody_answers_is_asked_for_again_at_once(names: Names) -> None:
    names.hosts["app.test"] = ["127.0.0.2"]
    with listener() as port:
        dialer = to("app.test", port)
        assert await failure(dialer) is Failure.CONNECTION_REFUSED
        names.hosts["app.test"] = ["127.0.0.1"]
        assert await reach(dialer) == "127.0.0.1"
