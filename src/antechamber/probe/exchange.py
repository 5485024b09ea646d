"""One request on one connection, written down as it happens.

:class:`Exchange` sends a request in the HTTP version that the connection negotiated and takes the answer piece by
piece; whoever drives it decides when it has seen enough. It never raises for what the other side does: the ending of
the transcript says what happened.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from antechamber import __version__
from antechamber.net.stream import Arrival, Stream, StreamError
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, Ending, HttpTranscript, Piece
from antechamber.protocol.answer import AnswerEvent, Asked, Client, Content, Done, Fault, Head, Interim
from antechamber.protocol.failure import Failure
from antechamber.protocol.http1 import Field
from antechamber.protocol.http1_client import Http1Client
from antechamber.protocol.http2 import Http2Client

USER_AGENT = f"antechamber/{__version__} (a check of this site's reverse proxy)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked, as a browser would. A body is announced with its length, whether or not it is sent in pieces."""

    target: str
    method: str = "GET"
    fields: tuple[Field, ...] = ()
    body: tuple[bytes, ...] = ()
    announced_bytes: int | None = None
    """The length that is announced; ``None`` is the body's own."""

    def asked(self, target: Target, extra: Sequence[Field] = ()) -> Asked:
        """The head as it goes to ``target``, with its own fields."""
        length = sum(map(len, self.body)) if self.announced_bytes is None else self.announced_bytes
        has_body = length > 0 or self.method not in ("GET", "HEAD")
        return Asked(
            method=self.method,
            scheme=target.scheme,
            authority=target.host,
            path=self.target,
            fields=_one_cookie(((b"User-Agent", USER_AGENT.encode()), *extra, *target.fields, *self.fields)),
            body_bytes=length if has_body else None,
        )


def _one_cookie(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """All cookies in one field: HTTP/1.1 allows no other (RFC 6265 5.4)."""
    cookies = [value for name, value in fields if name.lower() == b"cookie"]
    if len(cookies) < 2:
        return fields
    others = (field for field in fields if field[0].lower() != b"cookie")
    return (*others, (b"Cookie", b"; ".join(cookies)))


@dataclass(slots=True)
class _Notes:
    """The transcript while it is being written."""

    started_s: float = 0.0
    started_wall_s: float = 0.0
    request_out_s: float = 0.0
    status: int | None = None
    fields: tuple[Field, ...] = ()
    first_byte_s: float | None = None
    head_s: float | None = None
    interim: list[int] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)


class Exchange:
    """Drives one request. Call :meth:`ask`, then :meth:`head`, then :meth:`piece` until it returns ``None``."""

    def __init__(self, stream: Stream, *, patience_s: float, client: Client | None = None) -> None:
        """``patience_s`` bounds each wait. ``client`` speaks for us where an ordinary request would not do."""
        self._stream = stream
        spoken = Http2Client if stream.negotiated == Http2Client.version else Http1Client
        self._client: Client = client or spoken()
        self._patience_s = patience_s
        self._notes = _Notes()
        self._ending: Ending | None = None
        self._unsent: StreamError | None = None
        self._heard: deque[tuple[float, AnswerEvent]] = deque()
        self._rest = b""

    async def ask(self, asked: Asked) -> None:
        """Send the head of the request. Its last byte starts the clock of the transcript."""
        await self._write(self._client.ask(asked))

    async def say(self, piece: bytes, *, last: bool) -> None:
        """Send a piece of the announced body; over HTTP/2 this waits until the other side has room for it."""
        await self._write(self._client.say(piece, last=last))
        while self._client.blocked and self._ending is None and self._notes.status is None and await self._listen():
            self._take_heads()

    async def send(self, data: bytes) -> None:
        """On an accepted WebSocket: send bytes, as they are or as content of its stream (RFC 8441).

        A failure to send is no ending yet: whoever refuses a body may answer first and close then (RFC 9112 9.5).
        """
        await self._write(self._client.say(data, last=False))

    async def leave(self) -> None:
        """Give the answer up: over HTTP/2 this resets the stream; over HTTP/1.1 nothing says it but closing."""
        await self._write(self._client.leave())

    async def head(self) -> int | None:
        """The final status, once its head is here; ``None`` if none came: then the ending says why."""
        self._take_heads()
        while self._notes.status is None and self._ending is None and await self._listen():
            self._take_heads()
        return self._notes.status

    async def piece(self) -> Piece | None:
        """The next piece of content, or ``None`` at the end of the body."""
        while self._heard or (self._ending is None and await self._listen()):
            if not self._heard:
                continue
            at_s, event = self._heard.popleft()
            self._note(at_s, event)
            if isinstance(event, Content):
                return self._notes.pieces[-1]
        return None

    async def raw(self) -> Arrival | None:
        """On an accepted WebSocket: bytes as they come, stamped on the transcript's clock; no data at the end."""
        if not isinstance(self._client, Http1Client):
            return await self._content()
        if self._rest:
            data, self._rest = self._rest, b""
            return Arrival(self._notes.head_s or 0.0, data)
        arrival = await self._arrival() if self._ending is None else None
        return None if arrival is None else Arrival(self._since(arrival.at_s), arrival.data)

    async def _content(self) -> Arrival | None:
        """The same over HTTP/2, where the bytes are a stream's content and its end is theirs."""
        if (piece := await self.piece()) is not None:
            return Arrival(piece.at_s, piece.data)
        ended = self._ending is not None and self._ending.end in (End.COMPLETE, End.CUT)
        return Arrival(self._ending.at_s, b"") if ended and self._ending is not None else None

    def stop(self, end: End = End.STOPPED, *, at_s: float = 0.0, detail: str = "") -> None:
        """Say that enough was seen. An earlier ending stands."""
        if self._ending is None:
            self._ending = Ending(end, at_s, detail)

    def transcript(self) -> HttpTranscript:
        """What was seen so far."""
        notes = self._notes
        return HttpTranscript(
            ending=self._ending or Ending(End.STOPPED, notes.pieces[-1].at_s if notes.pieces else notes.head_s or 0.0),
            version=self._client.version,
            started_wall_s=notes.started_wall_s,
            request_out_s=notes.request_out_s,
            status=notes.status,
            fields=notes.fields,
            first_byte_s=notes.first_byte_s,
            head_s=notes.head_s,
            interim=tuple(notes.interim),
            pieces=tuple(notes.pieces),
        )

    async def _write(self, data: bytes) -> None:
        if not data or self._ending is not None or self._unsent is not None:
            return
        try:
            sent_s = await self._stream.write(data, within_s=self._patience_s)
        except StreamError as error:
            self._unsent = error
            return
        if not self._notes.started_s:
            self._notes.started_s = sent_s
            self._notes.started_wall_s = time.time() - (time.monotonic() - sent_s)
        if self._notes.head_s is None:
            self._notes.request_out_s = self._since(sent_s)

    async def _listen(self) -> bool:
        """Hear the next bytes; ``False`` when there is nothing more to hear: then the ending says why."""
        arrival = await self._arrival()
        if arrival is None:
            return False
        at_s = self._since(arrival.at_s)
        self._heard.extend((at_s, event) for event in self._client.hear(arrival.data))
        if not arrival.data and not self._heard:  # the answer was over before the connection was
            self.stop(at_s=at_s)
            return False
        if (reply := self._client.reply()) and self._unsent is None:
            await self._reply(reply)
        if self._notes.status is None and self._notes.first_byte_s is None and self._is_answer(arrival.data):
            self._notes.first_byte_s = at_s
        return True

    async def _reply(self, data: bytes) -> None:
        """Send what the protocol itself has to say; whether it arrives decides nothing."""
        try:
            await self._stream.write(data, within_s=self._patience_s)
        except StreamError as error:
            self._unsent = error

    def _is_answer(self, data: bytes) -> bool:
        """Whether bytes belong to the answer: over HTTP/2 the first ones are settings, which need no app."""
        return bool(data) if isinstance(self._client, Http1Client) else bool(self._heard)

    def _take_heads(self) -> None:
        """Note what is heard up to the final head; content stays for :meth:`piece`."""
        while self._heard and self._notes.status is None:
            at_s, event = self._heard.popleft()
            self._note(at_s, event)
        if self._heard and isinstance(self._heard[0][1], Done | Fault):
            self._note(*self._heard.popleft())

    def _note(self, at_s: float, event: AnswerEvent) -> None:
        match event:
            case Interim(status):
                self._notes.interim.append(status)
            case Head(status, fields):
                self._notes.status, self._notes.fields, self._notes.head_s = status, fields, at_s
                if isinstance(self._client, Http1Client):
                    self._rest = self._client.rest
            case Content(data):
                self._notes.pieces.append(Piece(at_s, data))
            case Done():
                self.stop(End.COMPLETE, at_s=at_s)
            case Fault(detail, cut):
                self.stop(End.CUT if cut else End.MALFORMED, at_s=at_s, detail=detail)

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
