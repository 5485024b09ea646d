"""The prober's byte stream, over real loopback sockets: TCP, unix and TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from antechamber.net.stream import HELD_BYTES, Stream, StreamError, open_stream
from antechamber.policy.model import Address
from antechamber.protocol.failure import Failure

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
WITHIN_S = 10.0


@asynccontextmanager
async def serving(handler: Handler, *, tls: ssl.SSLContext | None = None, unix: str = "") -> AsyncIterator[Address]:
    """A server of ours for one test."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        finally:
            writer.close()

    if unix:
        server: asyncio.Server = await asyncio.start_unix_server(handle, unix)
        address = Address(unix=unix)
    else:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
        address = Address(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    async with server:
        yield address


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def read_all(stream: Stream) -> bytes:
    whole = b""
    while (arrival := await stream.read(within_s=WITHIN_S)).data:
        whole += arrival.data
    return whole


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("app.test").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_bytes_go_and_come_over_tcp_and_each_piece_is_stamped() -> None:
    async with serving(echo) as address:
        stream = await open_stream(address, within_s=WITHIN_S)
        sent_s = await stream.write(b"ping", within_s=WITHIN_S)
        arrival = await stream.read(within_s=WITHIN_S)
        assert arrival.data == b"ping"
        assert arrival.at_s >= sent_s - 0.001
        await stream.close()
        await stream.close()


async def test_a_unix_socket_is_an_address_too(tmp_path: Path) -> None:
    async with serving(echo, unix=str(tmp_path / "app.sock")) as address:
        stream = await open_stream(address, within_s=WITHIN_S)
        await stream.write(b"ping", within_s=WITHIN_S)
        assert (await stream.read(within_s=WITHIN_S)).data == b"ping"
        await stream.close()


async def test_tls_is_spoken_to_the_name_that_was_meant(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async with serving(echo, tls=server_tls) as address:
        stream = await open_stream(address, within_s=WITHIN_S, tls=client_tls, server_name="app.test")
        await stream.write(b"ping", within_s=WITHIN_S)
        assert (await stream.read(within_s=WITHIN_S)).data == b"ping"
        await stream.close()


async def test_a_certificate_for_another_name_is_not_believed(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with serving(echo, tls=server_tls) as address:
        with pytest.raises(StreamError, match=r"TLS failed.*other\.test") as caught:
            await open_stream(address, within_s=WITHIN_S, tls=client_tls, server_name="other.test")
        assert caught.value.failure is Failure.CONNECTION_TERMINATED


async def test_an_orderly_end_is_seen_again_by_whoever_reads_again() -> None:
    async def bye(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")

    async with serving(bye) as address:
        stream = await open_stream(address, within_s=WITHIN_S)
        assert await read_all(stream) == b"bye"
        assert (await stream.read(within_s=WITHIN_S)).data == b""
        await stream.close()


async def test_a_reset_is_an_error_after_what_came_before_it() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"half")
        await writer.drain()
        await reader.read(4)
        at_once = struct.pack("ii", 1, 0)  # SO_LINGER with no time: the end is a reset
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()

    async with serving(reset) as address:
        stream = await open_stream(address, within_s=WITHIN_S)
        assert (await stream.read(within_s=WITHIN_S)).data == b"half"
        await stream.write(b"more than is read", within_s=WITHIN_S)
        with pytest.raises(StreamError) as caught:
            await read_all(stream)
        assert caught.value.failure is Failure.CONNECTION_TERMINATED
        await stream.close()


async def test_silence_is_told_apart_from_an_end() -> None:
    async with serving(echo) as address:
        stream = await open_stream(address, within_s=WITHIN_S)
        with pytest.raises(StreamError, match="nothing came") as caught:
            await stream.read(within_s=0.05)
        assert caught.value.failure is Failure.RESPONSE_TIMEOUT
        await stream.close()


async def test_a_peer_that_takes_nothing_runs_into_the_limit_and_does_not_hold_up_the_end() -> None:
    released = asyncio.Event()

    async def deaf(*_: object) -> None:
        await released.wait()

    async with serving(deaf) as address:
        stream = await open_stream(address, within_s=WITHIN_S)
        with pytest.raises(StreamError, match="took nothing") as caught:
            await stream.write(bytes(64 * 1024 * 1024), within_s=0.2)
        assert caught.value.failure is Failure.CONNECTION_WRITE_TIMEOUT
        await stream.close()
        released.set()


async def test_a_peer_that_sends_more_than_is_read_is_held_back() -> None:
    size = 32 * HELD_BYTES
    all_taken = asyncio.Event()

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(size))
        await writer.drain()
        all_taken.set()

    async with serving(flood) as address:
        stream = await open_stream(address, within_s=WITHIN_S)
        got = len((await stream.read(within_s=WITHIN_S)).data)
        assert not all_taken.is_set()
        assert got + len(await read_all(stream)) == size
        assert all_taken.is_set()
        await stream.close()


async def test_nobody_listening_is_refused(unused_tcp_port: int) -> None:
    with pytest.raises(StreamError) as caught:
        await open_stream(Address(host="127.0.0.1", port=unused_tcp_port), within_s=WITHIN_S)
    assert caught.value.failure is Failure.CONNECTION_REFUSED


async def test_a_server_that_never_answers_the_tls_handshake_is_left(client_tls: ssl.SSLContext) -> None:
    async def mute(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(mute) as address:
        with pytest.raises(StreamError, match="no TLS connection") as caught:
            await open_stream(address, within_s=0.2, tls=client_tls, server_name="app.test")
        assert caught.value.failure is Failure.CONNECTION_TIMEOUT


async def test_writing_to_a_connection_that_is_gone_is_an_error() -> None:
    async with serving(echo) as address:
        stream = await open_stream(address, within_s=WITHIN_S)
        await stream.close()
        with pytest.raises(StreamError, match="closed"):
            await stream.write(b"x", within_s=WITHIN_S)
