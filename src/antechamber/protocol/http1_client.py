"""One request over HTTP/1.1 and its answer, sans-IO (RFC 9112)."""

from __future__ import annotations

from antechamber.protocol import framing, http1
from antechamber.protocol.answer import AnswerEvent, Asked, Content, Done, Fault, Head, Interim
from antechamber.protocol.failure import ResponseFault
from antechamber.protocol.framing import FramingFault

HEAD_LIMIT_BYTES = 128 * 1024
FIELD_COUNT_LIMIT = 1024


class Http1Client:
    """A :class:`antechamber.protocol.answer.Client`. After a 101 it hears nothing; ``rest`` are the bytes behind it."""

    version = "http/1.1"
    blocked = False

    def __init__(self) -> None:
        self.rest = b""
        self._buffer = b""
        self._to_head = False
        self._reader: framing.BodyReader | None = None
        self._over = False

    def ask(self, asked: Asked) -> bytes:
        self._to_head = asked.method == "HEAD"
        fields = [(b"Host", asked.authority.encode()), *asked.fields]
        if asked.body_bytes is not None:
            fields.append((b"Content-Length", b"%d" % asked.body_bytes))
        return http1.serialise(f"{asked.method} {asked.path} HTTP/1.1".encode(), fields)

    def say(self, body: bytes, *, last: bool) -> bytes:
        return body

    def leave(self) -> bytes:
        return b""

    def reply(self) -> bytes:
        return b""

    def hear(self, data: bytes) -> list[AnswerEvent]:
        events: list[AnswerEvent] = []
        if not data:
            self._end(events)
        elif self._reader is None:
            self._buffer += data
            self._heads(events)
        else:
            self._content(data, events)
        return events

    def _heads(self, events: list[AnswerEvent]) -> None:
        """The interim heads and the final one in the buffer, and what of the body is behind it."""
        while not self._over and self._reader is None:
            end = self._buffer.find(http1.END)
            if end < 0:
                if len(self._buffer) > HEAD_LIMIT_BYTES:
                    self._fault(events, f"a response head of more than {HEAD_LIMIT_BYTES} bytes")
                return
            block, self._buffer = self._buffer[: end + len(http1.END)], self._buffer[end + len(http1.END) :]
            try:
                self._head(http1.parse_response_head(block, count_limit=FIELD_COUNT_LIMIT), events)
            except ResponseFault as fault:
                self._fault(events, fault.detail)

    def _head(self, head: http1.ResponseHead, events: list[AnswerEvent]) -> None:
        if 100 <= head.status < 200 and head.status != 101:
            events.append(Interim(head.status))
            return
        reader = self._body_reader(head)
        events.append(Head(head.status, tuple(head.fields)))
        rest, self._buffer = self._buffer, b""
        if head.status == 101:
            self._over, self.rest = True, rest
        elif reader.done:
            self._over = True
            events.append(Done())
        else:
            self._reader = reader
            if rest:
                self._content(rest, events)

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

    def _content(self, data: bytes, events: list[AnswerEvent]) -> None:
        assert self._reader is not None
        if self._over:
            return
        try:
            content = self._reader.read(data)
        except FramingFault as fault:
            self._fault(events, fault.detail)
            return
        if content:
            events.append(Content(content))
        if self._reader.done:
            self._over = True
            events.append(Done())

    def _end(self, events: list[AnswerEvent]) -> None:
        if self._over:
            return
        self._over = True
        if isinstance(self._reader, framing.CloseReader):
            events.append(Done())
        elif self._reader is not None:
            events.append(Fault("closed in the middle of the body", cut=True))
        else:
            events.append(Fault("closed in the head" if self._buffer else "closed without an answer", cut=True))

    def _fault(self, events: list[AnswerEvent], detail: str) -> None:
        self._over = True
        events.append(Fault(detail, cut=False))
