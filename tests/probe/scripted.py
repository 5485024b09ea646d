"""A connection that is a script: what the peer sends and when, and a note of what it was sent."""

from __future__ import annotations

from collections.abc import Iterable

from antechamber.net.stream import Arrival, StreamError
from antechamber.protocol.failure import Failure

START_S = 1000.0
"""The monotonic time at which the request goes out."""

BREAK = object()
"""In a script: the connection breaks here."""


class ScriptedStream:
    """Replays ``(at_s, bytes)``; after the last one it is silent. No bytes are an orderly end."""

    negotiated = ""

    def __init__(self, script: Iterable[tuple[float, bytes | object]]) -> None:
        self._script = list(script)
        self.sent = b""
        self.closed = False

    async def read(self, *, within_s: float) -> Arrival:
        if not self._script:
            raise StreamError(Failure.RESPONSE_TIMEOUT, f"nothing came for {within_s:.1f} s", at_s=START_S + within_s)
        at_s, data = self._script[0]
        if data is BREAK:
            raise StreamError(Failure.CONNECTION_TERMINATED, "the connection broke", at_s=START_S + at_s)
        assert isinstance(data, bytes)
        if data:
            self._script.pop(0)
        return Arrival(START_S + at_s, data)

    async def write(self, data: bytes, *, within_s: float) -> float:
        self.sent += data
        return START_S

    async def close(self) -> None:
        self.closed = True


def bytewise(data: bytes, *, at_s: float = 0.0) -> list[tuple[float, bytes | object]]:
    """The same bytes, one at a time."""
    return [(at_s, data[at : at + 1]) for at in range(len(data))]
