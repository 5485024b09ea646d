"""What a client of HTTP/2 may make a server do for nothing: so much at once, and so much a second.

Requests are not counted, they are what a server is for, nor is content. Frames that carry neither are, and so are
streams that come to nothing and heads that take long to read (CVE-2019-9511 to 9518, CVE-2023-44487, CVE-2025-8671).
"""

from __future__ import annotations

from typing import Final

from antechamber.protocol.http2_frames import END_STREAM, ENHANCE_YOUR_CALM, Frame, FrameFault, Kind

FRAMES_IN_A_BURST: Final = 2000.0
FRAMES_PER_S: Final = 200.0
"""Frames that carry nothing forward. A client needs hardly any; each one that content is sent in earns two more, for
the window updates that answer it."""
HEAVY_BYTES: Final = 1024
"""Of a request head, compressed, that cost as much as such a frame: 200 KiB a second take 4 % of a core to unpack."""
HEAVY_FIELDS: Final = 64
"""Of a request head, unpacked, that cost as much as such a frame: three thousand fit into 3 KB, and take 9 ms."""
SMALL_BYTES: Final = 128
SMALL_IN_A_BURST: Final = 20_000.0
SMALL_PER_S: Final = 2000.0
"""Frames with less content than :data:`SMALL_BYTES`: keys and a mouse make hundreds a second, and each costs 60 µs."""
RESETS_PER_STREAM: Final = 5
RESETS_PER_S: Final = 100.0
"""Streams that come to nothing by the client's doing: five times as many at once as may be open (a large page reloaded
five times in a row), then so many that they take 3 % of a core."""


class Allowance:
    """What may be taken in a burst, and how fast it comes back. Time is in seconds, on any clock."""

    __slots__ = ("_at", "_burst", "_left", "_per_s")

    def __init__(self, *, burst: float, per_s: float) -> None:
        self._burst = self._left = burst
        self._per_s = per_s
        self._at = 0.0

    def take(self, now: float, number: float = 1) -> bool:
        """Take so many; ``False`` if there were not so many left."""
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = now
        self._left -= number
        return self._left >= 0

    def earn(self, number: float) -> None:
        """Give some back for work that was worth it."""
        self._left = min(self._burst, self._left + number)


class Allowances:
    """All of one connection. What is over them raises :class:`FrameFault`."""

    __slots__ = ("_frames", "_resets", "_small")

    def __init__(self, max_streams: int) -> None:
        self._frames = Allowance(burst=FRAMES_IN_A_BURST, per_s=FRAMES_PER_S)
        self._resets = Allowance(burst=RESETS_PER_STREAM * max_streams, per_s=RESETS_PER_S)
        self._small = Allowance(burst=SMALL_IN_A_BURST, per_s=SMALL_PER_S)

    def frame(self, frame: Frame, now: float, *, late: bool) -> None:
        """A frame came. ``late``: the request that it belongs to is over."""
        match frame.kind:
            case Kind.DATA if not late and (frame.content_bytes >= SMALL_BYTES or frame.flags & END_STREAM):
                return
            case Kind.DATA if not late and frame.content_bytes > 0:
                _spend(self._small, now, "content in pieces too small, too fast")
                return
            case Kind.HEADERS | Kind.CONTINUATION:
                # How many there may be is bounded by streams and resets; but Huffman's code costs 0.2 µs an octet.
                extra = late or frame.kind == Kind.CONTINUATION
                _spend(
                    self._frames, now, "too much in request heads, too fast", len(frame.octets) // HEAVY_BYTES + extra
                )
                return
            case Kind.RST_STREAM:
                self.reset("streams opened and reset too fast", now)
        _spend(self._frames, now, "too many frames that carry nothing")

    def fields(self, number: int, now: float) -> None:
        """A head was unpacked to so many fields."""
        _spend(self._frames, now, "too many fields in request heads, too fast", number // HEAVY_FIELDS)

    def reset(self, detail: str, now: float) -> None:
        """A stream came to nothing by the client's doing, whoever has reset it."""
        _spend(self._resets, now, detail)

    def earn(self) -> None:
        """A frame of content was sent, and will be answered with window updates."""
        self._frames.earn(2)


def _spend(allowance: Allowance, now: float, detail: str, number: int = 1) -> None:
    if not allowance.take(now, number):
        raise FrameFault(ENHANCE_YOUR_CALM, detail)
