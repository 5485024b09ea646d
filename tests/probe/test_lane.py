"""Never more connections to a host than a browser opens, and a place that is given back is taken again."""

from __future__ import annotations

import asyncio

import pytest

from antechamber.net.stream import StreamError
from antechamber.probe.lane import BROWSER_CONNECTIONS
from antechamber.probe.target import Target


async def test_a_seventh_connection_waits_until_one_is_closed() -> None:
    opened = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        target = Target.of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}").with_lane()
        streams = [await target.open(within_s=10.0) for _ in range(BROWSER_CONNECTIONS)]
        seventh = asyncio.create_task(target.open(within_s=10.0))
        done, _ = await asyncio.wait({seventh}, timeout=0.1)
        assert not done
        await streams[0].close()
        await streams[0].close()  # twice gives no second place back
        eighth = asyncio.create_task(target.open(within_s=10.0))
        streams.append(await seventh)
        done, _ = await asyncio.wait({eighth}, timeout=0.1)
        assert not done
        await streams[1].close()
        streams.append(await eighth)
        for stream in streams:
            await stream.close()
    assert opened == BROWSER_CONNECTIONS + 2


async def test_a_connection_that_was_never_made_holds_no_place(unused_tcp_port: int) -> None:
    target = Target.of(f"http://127.0.0.1:{unused_tcp_port}").with_lane()
    for _ in range(BROWSER_CONNECTIONS + 1):
        with pytest.raises(StreamError):
            await target.open(within_s=10.0)
