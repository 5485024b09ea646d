"""A response on its way to the client, part by part, and the parts of a hop that may change it.

A :class:`Step` gets the head, the pieces of the content and the end, and passes on what it wants, when it wants: a step
that holds events calls the next one from a timer. The last step writes octets; only there is framing decided, because
a step may have changed the length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from antechamber.protocol.http1 import Field, serialise


@dataclass(slots=True)
class Reply:
    """A response head without the fields that frame its content. ``length`` is ``None`` where nobody knows it."""

    status: int
    reason: bytes
    fields: list[Field]
    length: int | None
    bodiless: bool = False
    """A response without content, whose framing fields mean nothing here and stay among ``fields``."""
    minor: int = 1
    """The client's HTTP/1 minor version: 0 knows no chunks."""
    close: bool = False

    def value(self, name: bytes) -> bytes:
        """The first value of a field by its lower-case name; empty if there is none."""
        return next((value for key, value in self.fields if key.lower() == name), b"")

    def without(self, *names: bytes) -> list[Field]:
        """The fields but those of the lower-case ``names``."""
        return [one for one in self.fields if one[0].lower() not in names]

    @property
    def event_stream(self) -> bool:
        return self.value(b"content-type").partition(b";")[0].strip().lower() == b"text/event-stream"

    @property
    def streamed(self) -> bool:
        """Whether it may go on for ever, as far as its head says."""
        return self.length is None and not self.bodiless


class Step:
    """Passes everything on."""

    def __init__(self) -> None:
        self.next: Step = self

    def head(self, reply: Reply) -> None:
        self.next.head(reply)

    def content(self, data: bytes) -> None:
        self.next.content(data)

    def end(self) -> None:
        """The response is whole."""
        self.next.end()

    def broken(self) -> None:
        """The response ends in the middle."""
        self.next.broken()


@dataclass(slots=True)
class Outlet:
    """Where the octets of one response go. ``finish`` says that these were all; ``broken``: and they are too few."""

    write: Callable[[bytes], None]
    finish: Callable[[], None]
    cut: Callable[[], None]


class Writer(Step):
    """The last step: writes the response with the framing that it has by now."""

    def __init__(self, outlet: Outlet) -> None:
        super().__init__()
        self._outlet = outlet
        self._chunked = False

    def head(self, reply: Reply) -> None:
        fields = list(reply.fields)
        if reply.bodiless:
            pass
        elif reply.length is not None:
            fields.append((b"Content-Length", b"%d" % reply.length))
        elif reply.minor:
            self._chunked = True
            fields.append((b"Transfer-Encoding", b"chunked"))
        if reply.close:
            fields.append((b"Connection", b"close"))
        self._outlet.write(serialise(b"HTTP/1.1 %d %b" % (reply.status, reply.reason), fields))

    def content(self, data: bytes) -> None:
        if data:
            self._outlet.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def end(self) -> None:
        if self._chunked:
            self._outlet.write(b"0\r\n\r\n")
        self._outlet.finish()

    def broken(self) -> None:
        self._outlet.cut()


def chain(steps: list[Step], writer: Writer) -> Step:
    """The first of ``steps``, each knowing the next, the writer last."""
    for step, following in zip(steps, [*steps[1:], writer], strict=True):
        step.next = following
    return steps[0] if steps else writer


@dataclass(slots=True)
class Turn:
    """One response's place in the row."""

    octets: list[bytes] = field(default_factory=list)
    done: bool = False


class Turns:
    """Octets of responses in the order of their requests (RFC 9112 9.3.2), though one may be held up when the next is
    ready. ``waiting`` counts octets that are ready and not yet due."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self._row: list[Turn] = []
        self.waiting = 0

    @property
    def empty(self) -> bool:
        return not self._row

    def take(self) -> Turn:
        """A place behind all others."""
        turn = Turn()
        self._row.append(turn)
        return turn

    def write(self, turn: Turn, data: bytes) -> None:
        if self._row and self._row[0] is turn:
            self._put(data)
        elif turn in self._row:
            turn.octets.append(data)
            self.waiting += len(data)

    def finish(self, turn: Turn) -> None:
        turn.done = True
        while self._row and self._row[0].done:
            self._row.pop(0)
            if self._row:
                self._release(self._row[0])

    def _release(self, turn: Turn) -> None:
        for data in turn.octets:
            self.waiting -= len(data)
            self._put(data)
        turn.octets.clear()
