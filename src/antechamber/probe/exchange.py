"""One HTTP/1.1 request on one connection, written down as it happens.

:class:`Exchange` sends a request and takes the answer piece by piece; whoever drives it decides when it has seen
enough. It never raises for what the other side does: the ending of the transcript says what happened.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from antechamber.net.stream import Arrival, Stream, StreamError
from antechamber.probe.transcript import End, Ending, HttpTranscript, Piece
from antechamber.protocol import framing, http1
from antechamber.protocol.failure import Failure, ResponseFault
from antechamber.protocol.framing import FramingFault
from antechamber.protocol.http1 import Field

HEAD_LIMIT_BYTES = 128 * 1024
FIELD_COUNT_LIMIT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked, as a browser would. A body is announced with its length, whether or not it is sent in pieces."""

    target: str
    method: str = "GET"
    fields: tuple[Field, ...] = ()
    body: tuple[bytes, ...] = ()

    def head(self, host: str, extra: Sequence[Field] = ()) -> bytes:
        """The head as it goes on the wire; ``extra`` are the target's own fields."""
        fields = [(b"Host", host.encode()), (b"User-Agent", b"antechamber-probe"), *extra, *self.fields]
        if self.body or self.method not in ("GET", "HEAD"):
            fields.append((b"Content-Length", b"%d" % sum(map(len, self.body))))
        return http1.serialise(f"{self.method} {self.target} HTTP/1.1".encode(), fields)


@dataclass(slots=True)
class _Notes:
    """The transcript while it is being written."""

    started_s: float = 0.0
    started_wall_s: float = 0.0
    request_out_s: float = 0.0
    status: int | None = None
    fields: list[Field] = field(default_factory=list)
    first_byte_s: float | None = None
    head_s: float | None = None
    interim: list[int] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)


class Exchange:
    """Drives one request. Call :meth:`send`, then :meth:`head`, then :meth:`piece` until it returns ``None``."""

    def __init__(self, stream: Stream, *, patience_s: float, to_head: bool = False) -> None:
        """``patience_s`` bounds each wait; ``to_head`` says that the request is a HEAD, whose answer has no body."""
        self._stream = stream
        self._to_head = to_head
        self._patience_s = patience_s
        self._notes = _Notes()
        self._ending: Ending | None = None
        self._unsent: StreamError | None = None
        self._buffer = b""
        self._reader: framing.BodyReader | None = None

    async def send(self, data: bytes) -> None:
        """Send bytes of the request. The first ones, which hold its head, start the clock of the transcript.

        A failure to send is no ending yet: whoever refuses a body may answer first and close then (RFC 9112 9.5).
        """
        if self._ending is not None or self._unsent is not None:
            return
        try:
            sent_s = await self._stream.write(data, within_s=self._patience_s)
        except StreamError as error:
            self._unsent = error
            return
        if not self._notes.started_s:
            self._notes.started_s = sent_s
            self._notes.started_wall_s = time.time() - (time.monotonic() - sent_s)
        if not self._notes.head_s:
            self._notes.request_out_s = self._since(sent_s)

    async def head(self) -> int | None:
        """The final status, once its head is here; ``None`` if none came: then the ending says why."""
        while self._ending is None:
            end = self._buffer.find(http1.END)
            if end < 0:
                await self._more_head()
                continue
            block, self._buffer = self._buffer[: end + 4], self._buffer[end + 4 :]
            if self._take_head(block):
                return self._notes.status
        return None

    async def piece(self) -> Piece | None:
        """The next piece of content, or ``None`` at the end of the body."""
        data, self._buffer = self._buffer, b""
        at_s = self._notes.head_s or 0.0
        while self._ending is None:
            if not data:
                arrival = await self._arrival()
                if arrival is None:
                    return None
                data, at_s = arrival.data, self._since(arrival.at_s)
                if not data:
                    self._end_of_bytes(at_s)
                    return None
            found = self._content(data, at_s)
            if found is not None:
                return found
            data = b""
        return None

    async def raw(self) -> Arrival | None:
        """After a ``101``: bytes as they come, stamped on the transcript's clock; no data at the end."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return Arrival(self._notes.head_s or 0.0, data)
        arrival = await self._arrival() if self._ending is None else None
        return None if arrival is None else Arrival(self._since(arrival.at_s), arrival.data)

    def stop(self, end: End = End.STOPPED, *, at_s: float = 0.0, detail: str = "") -> None:
        """Say that enough was seen. An earlier ending stands."""
        if self._ending is None:
            self._ending = Ending(end, at_s, detail)

    def transcript(self) -> HttpTranscript:
        """What was seen so far."""
        notes = self._notes
        return HttpTranscript(
            ending=self._ending or Ending(End.STOPPED, notes.pieces[-1].at_s if notes.pieces else notes.head_s or 0.0),
            started_wall_s=notes.started_wall_s,
            request_out_s=notes.request_out_s,
            status=notes.status,
            fields=tuple(notes.fields),
            first_byte_s=notes.first_byte_s,
            head_s=notes.head_s,
            interim=tuple(notes.interim),
            pieces=tuple(notes.pieces),
        )

    async def _more_head(self) -> None:
        if len(self._buffer) > HEAD_LIMIT_BYTES:
            self.stop(End.MALFORMED, detail=f"a response head of more than {HEAD_LIMIT_BYTES} bytes")
            return
        arrival = await self._arrival()
        if arrival is None:
            return
        at_s = self._since(arrival.at_s)
        if not arrival.data:
            self.stop(
                End.CUT, at_s=at_s, detail="closed without an answer" if not self._buffer else "closed in the head"
            )
            return
        self._notes.head_s = at_s
        if self._notes.first_byte_s is None:
            self._notes.first_byte_s = at_s
        self._buffer += arrival.data

    def _take_head(self, block: bytes) -> bool:
        """Whether ``block`` is the final head (or no head at all: then the ending says so)."""
        try:
            head = http1.parse_response_head(block, count_limit=FIELD_COUNT_LIMIT)
            if 100 <= head.status < 200 and head.status != 101:
                self._notes.interim.append(head.status)
                return False
            self._notes.status, self._notes.fields = head.status, head.fields
            self._reader = self._body_reader(head)
        except ResponseFault as fault:
            self.stop(End.MALFORMED, at_s=self._notes.head_s or 0.0, detail=fault.detail)
            return True
        if head.status != 101 and self._reader.done:
            self.stop(End.COMPLETE, at_s=self._notes.head_s or 0.0)
        return True

    def _body_reader(self, head: http1.ResponseHead) -> framing.BodyReader:
        lengths = [value for name, value in head.fields if name.lower() == b"content-length"]
        codings = [value for name, value in head.fields if name.lower() == b"transfer-encoding"]
        kind, length = framing.response_framing(head.status, lengths, codings, head.minor, to_head=self._to_head)
        match kind:
            case framing.Framing.CHUNKED:
                return framing.ChunkedReader(reframe=False)
            case framing.Framing.CLOSE:
                return framing.CloseReader(reframe=False)
            case _:
                return framing.LengthReader(length)

    def _content(self, data: bytes, at_s: float) -> Piece | None:
        assert self._reader is not None
        try:
            content = self._reader.read(data)
        except FramingFault as fault:
            self.stop(End.MALFORMED, at_s=at_s, detail=fault.detail)
            return None
        if self._reader.done:
            self.stop(End.COMPLETE, at_s=at_s)
        if not content:
            return None
        self._notes.pieces.append(Piece(at_s, content))
        return self._notes.pieces[-1]

    def _end_of_bytes(self, at_s: float) -> None:
        if isinstance(self._reader, framing.CloseReader):
            self.stop(End.COMPLETE, at_s=at_s)
        else:
            self.stop(End.CUT, at_s=at_s, detail="closed in the middle of the body")

    async def _arrival(self) -> Arrival | None:
        try:
            return await self._stream.read(within_s=self._patience_s)
        except StreamError as error:
            self._break(self._unsent or error)
            return None

    def _break(self, error: StreamError) -> None:
        silent = error.failure in (Failure.RESPONSE_TIMEOUT, Failure.CONNECTION_WRITE_TIMEOUT)
        self.stop(End.SILENT if silent else End.CUT, at_s=self._since(error.at_s), detail=error.detail)

    def _since(self, at_s: float) -> float:
        return at_s - self._notes.started_s if self._notes.started_s else 0.0
