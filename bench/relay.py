"""What Python can do: a reverse proxy with nothing in it. The reference point of the figures, not for use.

Two paired protocols per client, one regular expression over the header block, bytes passed as they come. It sets the
forwarded fields and keeps its upstream connection, but reads no framing, checks nothing, has no limits, no timers and
no log: one client connection owns one upstream connection for life. What the edge costs above this is the price of
its promises.
"""

import argparse
import asyncio
import re
import sys
from typing import cast

import uvloop

HEAD_END = b"\r\n\r\n"
OWN_FIELDS = re.compile(
    rb"\r\n(?:x-forwarded-(?:for|proto|host)|x-real-ip|forwarded):[^\r\n]*",
    re.IGNORECASE,
)


class UpstreamSide(asyncio.Protocol):
    """The upstream's half: what it says goes to the client."""

    def __init__(self, client: "ClientSide") -> None:
        self._client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._client.connected(cast(asyncio.Transport, transport))

    def data_received(self, data: bytes) -> None:
        self._client.transport.write(data)

    def pause_writing(self) -> None:
        self._client.transport.pause_reading()

    def resume_writing(self) -> None:
        self._client.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.transport.close()


class ClientSide(asyncio.Protocol):
    """The client's half: request heads get their forwarded fields, everything else passes as it is."""

    transport: asyncio.Transport

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port
        self._upstream: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        address = transport.get_extra_info("peername")[0].encode()
        self._fields = b"\r\nX-Forwarded-For: %s\r\nX-Forwarded-Proto: http\r\nX-Real-IP: %s" % (address, address)
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: UpstreamSide(self), "127.0.0.1", self._upstream_port)
        except OSError:
            self.transport.close()

    def connected(self, upstream: asyncio.Transport) -> None:
        """The upstream has answered the call: send what came meanwhile."""
        self._upstream = upstream
        self._connecting = None
        for data in self._waiting:
            upstream.write(data)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        if data[:4] in (b"GET ", b"POST") and (end := data.find(HEAD_END)) > 0:
            data = OWN_FIELDS.sub(b"", data[:end]) + self._fields + data[end:]
        if self._upstream is None:
            self._waiting.append(data)
        else:
            self._upstream.write(data)

    def pause_writing(self) -> None:
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_writing(self) -> None:
        if self._upstream is not None:
            self._upstream.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._upstream is not None:
            self._upstream.close()


async def serve(listen_port: int, upstream_port: int) -> None:
    """Relay loopback to loopback until killed; one line on stderr says where."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: ClientSide(upstream_port), "127.0.0.1", listen_port, backlog=4096)
    print(f"relay: serving http://127.0.0.1:{server.sockets[0].getsockname()[1]}", file=sys.stderr, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="a reverse proxy with nothing in it, as a reference point")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--to-port", type=int, required=True)
    arguments = parser.parse_args()
    uvloop.run(serve(arguments.port, arguments.to_port))
