"""Steps that pass everything on, later: what buffers do to live traffic.

What is held is bounded, as every real buffer is: over :data:`HELD_MOST_BYTES` it is let go.
"""

from __future__ import annotations

from antechamber.hop.reply import Reply, Step
from antechamber.hop.stage import Later

HELD_MOST_BYTES = 1024 * 1024


class HeldHead(Step):
    """The head waits for the first content."""

    def __init__(self) -> None:
        super().__init__()
        self._reply: Reply | None = None

    def head(self, reply: Reply) -> None:
        self._reply = reply

    def content(self, data: bytes) -> None:
        self._let_go()
        self.next.content(data)

    def end(self) -> None:
        self._let_go()
        self.next.end()

    def _let_go(self) -> None:
        if self._reply is not None:
            reply, self._reply = self._reply, None
            self.next.head(reply)


class Held(Step):
    """Content waits; subclasses say until when. The end lets go of everything."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[bytes] = []
        self.size = 0

    def content(self, data: bytes) -> None:
        self.held.append(data)
        self.size += len(data)
        if self.size > HELD_MOST_BYTES:
            self.let_go()

    def end(self) -> None:
        self.let_go()
        self.next.end()

    def broken(self) -> None:
        self.let_go()
        self.next.broken()

    def let_go(self) -> None:
        if self.held:
            data = b"".join(self.held)
            self.held.clear()
            self.size = 0
            self.next.content(data)


class HeldForTime(Held):
    """Content waits this long from its first piece on, and goes together."""

    def __init__(self, seconds: float, later: Later) -> None:
        super().__init__()
        self._seconds = seconds
        self._later = later

    def content(self, data: bytes) -> None:
        if not self.held:
            self._later.call(self._seconds, self.let_go)
        super().content(data)


class HeldForSize(Held):
    """Content waits until there is this much of it."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self._full = size_bytes

    def content(self, data: bytes) -> None:
        super().content(data)
        if self.size >= self._full:
            self.let_go()


class HeldToTheEnd(Held):
    """Head and content wait until there is no more of it."""

    def __init__(self) -> None:
        super().__init__()
        self._reply: Reply | None = None

    def head(self, reply: Reply) -> None:
        self._reply = reply

    def let_go(self) -> None:
        if self._reply is not None:
            reply, self._reply = self._reply, None
            self.next.head(reply)
        super().let_go()


class Cut(Step):
    """The response ends at this age."""

    def __init__(self, seconds: float, later: Later) -> None:
        super().__init__()
        later.call(seconds, self._cut)
        self._over = False

    def content(self, data: bytes) -> None:
        if not self._over:
            self.next.content(data)

    def end(self) -> None:
        if not self._over:
            self._over = True
            self.next.end()

    def _cut(self) -> None:
        if not self._over:
            self._over = True
            self.next.broken()
