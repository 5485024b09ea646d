"""One message as four readers understand it: ours, h11, llhttp and the hostile suite's strict reader.

A :class:`Reading` holds everything that two hops must agree on, so that agreement is equality. Readers are given the
octets of a whole connection: head, body and what is behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

import h11
import httptools

from antechamber.protocol.failure import RequestFault, ResponseFault
from antechamber.protocol.forwarded import Peer, Trust
from antechamber.protocol.framing import BodyReader, ChunkedReader, CloseReader, Framing, FramingFault, LengthReader
from antechamber.protocol.http1 import END, Field, parse_request_head, parse_response_head
from antechamber.protocol.translate import RequestPlan, RequestRules, ResponsePlan, plan_request, plan_response

RULES = RequestRules.of(
    untrusted=frozenset({"x-original-url", "cf-connecting-ip"}),
    pseudonym="antechamber-0123456789ab",
    upgrades=frozenset({"websocket"}),
    default_host="localhost",
)
LINE_LIMIT = 16384
COUNT_LIMIT = 256
BIG = 1 << 22
LLHTTP_METHODS = frozenset(
    b"DELETE GET HEAD POST PUT OPTIONS COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND REBIND UNBIND ACL "
    b"REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE MKCALENDAR LINK UNLINK "
    b"QUERY".split()
)
"""llhttp refuses every other method, which is its right; we pass unknown ones on (RFC 9110 9.1)."""


class Fate(Enum):
    """What became of the message."""

    REFUSED = auto()
    """Its head was not accepted."""
    BROKEN = auto()
    """Its head was accepted, its body contradicts the framing."""
    OPEN = auto()
    """More octets are needed."""
    WHOLE = auto()


@dataclass
class Reading:
    """A message as one reader understood it. ``start`` is method and target, or status."""

    fate: Fate = Fate.OPEN
    start: tuple[bytes, ...] = ()
    fields: list[Field] = field(default_factory=list)
    content: bytes = b""
    rest: bytes | None = None
    """What is behind the message, where the reader can tell."""

    @property
    def accepted(self) -> bool:
        return self.fate is not Fate.REFUSED


@dataclass
class Forwarded:
    """Our reading, and what we would send to the next hop."""

    reading: Reading
    onward: bytes = b""
    plan: RequestPlan | ResponsePlan | None = None


def our_request(octets: bytes) -> Forwarded | None:
    """How the edge reads and forwards a request; ``None`` while its head is incomplete."""
    end = octets.find(END) + 4
    if end < 4:
        return None
    try:
        head = parse_request_head(octets[:end], line_limit=LINE_LIMIT, count_limit=COUNT_LIMIT)
        target, plan = plan_request(head, Peer("192.0.2.7", secure=False, trust=Trust()), RULES)
    except RequestFault:
        return Forwarded(Reading(Fate.REFUSED))
    reading = Reading(start=(head.method, head.target), fields=_folded(head.fields))
    reader = _body_reader(plan.framing, plan.length, reframe=False)
    rewriter = _body_reader(plan.framing, plan.length, reframe=True)
    _read_body(reading, reader, octets[end:])
    onward = b"%b %b HTTP/1.1\r\n%b" % (head.method, target, plan.section)
    return Forwarded(reading, onward + _rewritten(rewriter, octets[end:]), plan)


def our_response(octets: bytes, *, method: bytes = b"GET") -> Forwarded | None:
    """How the edge reads and forwards the response to a plain request whose connection then ends."""
    end = octets.find(END) + 4
    if end < 4:
        return None
    try:
        head = parse_response_head(octets[:end], count_limit=COUNT_LIMIT)
        plan = plan_response(head, method=method, asked=None)
    except ResponseFault:
        return Forwarded(Reading(Fate.REFUSED))
    reading = Reading(start=(b"%d" % head.status,), fields=_folded(head.fields))
    _read_body(reading, _body_reader(plan.framing, plan.length, reframe=False), octets[end:])
    if plan.framing is Framing.CLOSE:
        reading.fate = Fate.WHOLE
    onward = plan.head
    if plan.framing in (Framing.CHUNKED, Framing.CLOSE):
        onward += b"Transfer-Encoding: chunked\r\n"
    onward += b"\r\n" + _rewritten(_body_reader(plan.framing, plan.length, reframe=True), octets[end:])
    return Forwarded(reading, onward, plan)


def _body_reader(framing: Framing, length: int, *, reframe: bool) -> BodyReader:
    match framing:
        case Framing.CHUNKED:
            return ChunkedReader(reframe=reframe)
        case Framing.CLOSE:
            return CloseReader(reframe=reframe)
        case _:
            return LengthReader(length)


def _read_body(reading: Reading, reader: BodyReader, octets: bytes) -> None:
    if not _ended(reader):
        try:
            reading.content = reader.read(octets) if octets else b""
        except FramingFault:
            reading.fate = Fate.BROKEN
            return
        octets = reader.rest
    if _ended(reader):
        reading.fate, reading.rest = Fate.WHOLE, octets


def _ended(reader: BodyReader) -> bool:
    return reader.done


def _rewritten(reader: BodyReader, octets: bytes) -> bytes:
    """The body as the next hop gets it; what is cut stays cut."""
    written = b""
    try:
        if octets and not reader.done:
            written = reader.read(octets)
    except FramingFault:
        return written
    return written + reader.end() if isinstance(reader, CloseReader) else written


def _folded(fields: list[Field]) -> list[Field]:
    """Fields in one form: h11 folds names and transfer codings and joins equal lengths, llhttp leaves white space."""
    folded: list[Field] = []
    for name, value in fields:
        name, value = name.lower(), value.strip(b" \t")
        if name == b"transfer-encoding":
            value = value.lower()
        if name != b"content-length" or (name, value) not in folded:
            folded.append((name, value))
    return folded


def h11_request(octets: bytes) -> Reading:
    return _h11(h11.Connection(h11.SERVER, max_incomplete_event_size=BIG), octets, ended=False)


def h11_response(octets: bytes, *, method: bytes = b"GET") -> Reading:
    """The last response in ``octets`` before which only interim ones stand, on a connection that then ends."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=BIG)
    connection.send(h11.Request(method=method, target=b"/", headers=[(b"Host", b"a")]))
    connection.send(h11.EndOfMessage())
    return _h11(connection, octets, ended=True)


def _h11(connection: h11.Connection, octets: bytes, *, ended: bool) -> Reading:
    reading = Reading()
    started = False
    connection.receive_data(octets)
    if ended and octets:
        connection.receive_data(b"")
    try:
        while True:
            event = connection.next_event()
            match event:
                case h11.Request():
                    reading.start, started = (bytes(event.method), bytes(event.target)), True
                    reading.fields = _folded([(bytes(n), bytes(v)) for n, v in event.headers.raw_items()])
                case h11.InformationalResponse() | h11.Response():
                    reading.start, started = (b"%d" % event.status_code,), True
                    reading.fields = _folded([(bytes(n), bytes(v)) for n, v in event.headers.raw_items()])
                    if isinstance(event, h11.InformationalResponse):
                        reading.fate = Fate.WHOLE
                        return reading
                case h11.Data():
                    reading.content += bytes(event.data)
                case h11.EndOfMessage():
                    reading.fate = Fate.WHOLE
                    reading.rest = connection.trailing_data[0]
                    return reading
                case _:
                    return reading
    except h11.RemoteProtocolError:
        reading.fate = Fate.BROKEN if started else Fate.REFUSED
        return reading


class _Callbacks:
    """What httptools reports of the first message; what it makes of the octets behind is not asked."""

    def __init__(self) -> None:
        self.reading = Reading()
        self.target = b""
        self.head_read = False
        self.ask_start: Callable[[], tuple[bytes, ...]] = tuple

    @property
    def _over(self) -> bool:
        return self.reading.fate is Fate.WHOLE

    def on_url(self, url: bytes) -> None:
        if not self._over:
            self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._over and not self.head_read:
            self.reading.fields.append((name, value))

    def on_headers_complete(self) -> None:
        if not self._over:
            self.head_read = True
            self.reading.start = self.ask_start()

    def on_body(self, body: bytes) -> None:
        if not self._over:
            self.reading.content += body

    def on_message_complete(self) -> None:
        self.reading.fate = Fate.WHOLE


def llhttp_request(octets: bytes) -> Reading:
    callbacks = _Callbacks()
    parser = httptools.HttpRequestParser(callbacks)
    callbacks.ask_start = lambda: (parser.get_method(), callbacks.target)
    return _llhttp(parser, callbacks, octets)


def llhttp_response(octets: bytes) -> Reading:
    """Without the end of the connection, of which httptools cannot be told: such a body stays open."""
    callbacks = _Callbacks()
    parser = httptools.HttpResponseParser(callbacks)
    callbacks.ask_start = lambda: (b"%d" % parser.get_status_code(),)
    return _llhttp(parser, callbacks, octets)


def _llhttp(
    parser: httptools.HttpRequestParser | httptools.HttpResponseParser, callbacks: _Callbacks, octets: bytes
) -> Reading:
    try:
        parser.feed_data(octets)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError:
        if callbacks.reading.fate is not Fate.WHOLE:
            callbacks.reading.fate = Fate.BROKEN if callbacks.head_read else Fate.REFUSED
    callbacks.reading.fields = _folded(callbacks.reading.fields)
    return callbacks.reading
