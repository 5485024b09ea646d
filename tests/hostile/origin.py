"""The recording origin: answers as a case asks it to and keeps what every upstream connection carried.

One origin serves one proxy, one case at a time; ``era`` numbers the cases, so that late arrivals are not blamed on the
next one. Targets under ``/__`` belong to the judge and always get the ordinary answer.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Self

from tests.hostile.corpus import Behaviour, expand
from tests.hostile.frames import Opcode, encode_frame, take_frame
from tests.hostile.strict import FOREVER, Gone, Seen, Unframed, read_body, read_head
from tests.hostile.wire import Wire

WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
H2C_ACCEPT = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
REFUSED = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
OWN_TARGETS = "/__"


def websocket_accept(key: str) -> str:
    """The ``Sec-WebSocket-Accept`` value for a key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode()).digest()).decode()


@dataclass(eq=False)
class Upstream:
    """One connection that the proxy opened."""

    wire: Wire
    era: int = 0
    """When the bytes that are not yet part of a request began to arrive."""

    @property
    def unread(self) -> bytes:
        return bytes(self.wire.inbox[:4096])


class RecordingOrigin:
    """A server on a free loopback port; :attr:`seen` has every request, whole or not, in order of arrival."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.upstreams: list[Upstream] = []
        self.behaviour = Behaviour()
        self.era = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return await self.open(0)

    async def open(self, port: int) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=1 << 22)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def begin(self, behaviour: Behaviour) -> int:
        """Start a new era in which the proxy's requests get ``behaviour``."""
        self.era += 1
        self.behaviour = behaviour
        return self.era

    def since(self, era: int) -> list[Seen]:
        return [seen for seen in self.seen if seen.era >= era]

    def strays(self, era: int) -> list[bytes]:
        """Beginnings of messages that arrived in this era and never became a request."""
        return [up.unread for up in self.upstreams if up.era >= era and up.unread]

    def raw_holds(self, needle: bytes) -> bool:
        """Whether bytes that belong to no request hold ``needle``: the sign of an open tunnel."""
        return any(needle in up.unread for up in self.upstreams)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = Upstream(Wire(reader, writer), self.era)
        self.upstreams.append(upstream)
        task = asyncio.ensure_future(self._serve(upstream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, upstream: Upstream) -> None:
        try:
            while await self._exchange(upstream):
                pass
        except Gone:
            pass
        except Unframed as problem:
            self.seen[-1].faults.append(str(problem))
        except OSError:
            pass
        finally:
            await upstream.wire.close()

    async def _exchange(self, upstream: Upstream) -> bool:
        """Serve one request; whether the connection stays open."""
        wire = upstream.wire
        if not wire.inbox:
            await wire.fill(FOREVER)
            upstream.era = self.era
        head = await wire.take_through(b"\r\n\r\n", FOREVER)
        if head is None:
            raise Gone
        seen = Seen(era=self.era)
        self.seen.append(seen)
        read_head(seen, head)
        behaviour = Behaviour() if seen.target.startswith(OWN_TARGETS) else self.behaviour
        if behaviour.on_head:
            wire.writer.write(expand(behaviour.on_head))
            if behaviour.close:
                await wire.writer.drain()
                return False
        if seen.version == "HTTP/1.1" and any(value.lower().startswith("100-continue") for value in seen.all("expect")):
            wire.writer.write(CONTINUE)
        await read_body(seen, wire)
        return bool(behaviour.on_head) or await self._answer(wire, seen, behaviour)

    async def _answer(self, wire: Wire, seen: Seen, behaviour: Behaviour) -> bool:
        if behaviour.mode == "ws":
            await self._echo_messages(wire, seen)
            return False
        if behaviour.mode == "h2c" and "h2c" in seen.joined("upgrade").lower():
            wire.writer.write(H2C_ACCEPT)
            await wire.until_end(FOREVER)
            return False
        if behaviour.raw_10 and seen.version == "HTTP/1.0":
            wire.writer.write(expand(behaviour.raw_10))
            return False
        if behaviour.raw:
            wire.writer.write(expand(behaviour.raw))
            return not behaviour.close
        return self._ordinary(wire, seen)

    def _ordinary(self, wire: Wire, seen: Seen) -> bool:
        if any("request line" in fault for fault in seen.faults):
            wire.writer.write(REFUSED)
            return False
        body = json.dumps({"method": seen.method, "target": seen.target}).encode()
        tokens = seen.joined("connection").lower()
        stay = "close" not in tokens and (seen.version == "HTTP/1.1" or "keep-alive" in tokens)
        connection = b"" if stay else b"Connection: close\r\n"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Origin: 1\r\nContent-Length: %d\r\n%s\r\n"
        wire.writer.write(head % (len(body), connection) + (b"" if seen.method == "HEAD" else body))
        return stay

    async def _echo_messages(self, wire: Wire, seen: Seen) -> None:
        accept = websocket_accept((seen.all("sec-websocket-key") or [""])[0])
        chosen = "".join(
            f"Sec-WebSocket-Protocol: {offer.split(',')[0].strip()}\r\n"
            for offer in seen.all("sec-websocket-protocol")[:1]
        )
        wire.writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n{chosen}\r\n".encode()
        )
        while True:
            frame = take_frame(wire.inbox)
            if frame is None:
                if not await wire.fill(FOREVER):
                    return
            elif frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                wire.writer.write(encode_frame(frame.payload, frame.opcode))
            elif frame.opcode is Opcode.CLOSE:
                wire.writer.write(encode_frame(frame.payload, Opcode.CLOSE))
                return
