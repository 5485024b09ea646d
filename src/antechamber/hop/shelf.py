"""A cache that asks nobody whether it may: whole answers by host and target, given out until they are pushed out."""

from __future__ import annotations

import time
from dataclasses import dataclass

from antechamber.hop.reply import Reply, Step
from antechamber.protocol.http1 import Field, serialise

MOST_BYTES = 8 * 1024 * 1024
MOST_OF_ONE = 1024 * 1024
MOST_ANSWERS = 256

Key = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole answer."""

    status: int
    reason: bytes
    fields: tuple[Field, ...]
    content: bytes
    at_s: float

    def octets(self) -> bytes:
        """The answer as it is given out: all at once, with its age (RFC 9111 5.1)."""
        age = int(time.monotonic() - self.at_s)
        fields = [*self.fields, (b"Age", b"%d" % age), (b"X-Cache", b"HIT")]
        fields.append((b"Content-Length", b"%d" % len(self.content)))
        return serialise(b"HTTP/1.1 %d %b" % (self.status, self.reason), fields) + self.content


class Shelf:
    """Answers, the oldest pushed out when there is no more room."""

    def __init__(self) -> None:
        self._kept: dict[Key, Kept] = {}
        self._size = 0

    def get(self, key: Key) -> Kept | None:
        return self._kept.get(key)

    def put(self, key: Key, kept: Kept) -> None:
        self._drop(key)
        self._kept[key] = kept
        self._size += len(kept.content)
        while self._size > MOST_BYTES or len(self._kept) > MOST_ANSWERS:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._size -= len(gone.content)


class Copied(Step):
    """Passes everything on, and puts the whole of it on a shelf in the end."""

    def __init__(self, shelf: Shelf, key: Key) -> None:
        super().__init__()
        self._shelf = shelf
        self._key = key
        self._reply: tuple[int, bytes, tuple[Field, ...]] | None = None
        self._content = bytearray()

    def head(self, reply: Reply) -> None:
        if reply.status == 200 and not reply.bodiless and not reply.value(b"x-cache"):
            self._reply = reply.status, reply.reason, tuple(reply.fields)
        self.next.head(reply)

    def content(self, data: bytes) -> None:
        if self._reply is not None:
            self._content += data
            if len(self._content) > MOST_OF_ONE:
                self._reply = None
                self._content.clear()
        self.next.content(data)

    def end(self) -> None:
        if self._reply is not None:
            self._shelf.put(self._key, Kept(*self._reply, bytes(self._content), time.monotonic()))
        self.next.end()
