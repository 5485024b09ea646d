"""Upstream answers that are fixed bytes: the fault, and what the client must make of it.

Each is sent once the request is complete; then the connection ends in the way stated. Most need no scenario of their
own: :class:`Verdict` says how the client's view is judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Ending(Enum):
    """What the origin does behind its bytes."""

    FIN = auto()
    RST = auto()
    STALL = auto()
    KEEP = auto()


class Verdict(Enum):
    """What is right for the client."""

    REFUSED = auto()
    """A complete 502 or 504 in the proxy's own words."""
    CUT = auto()
    """A beginning that no client can take for the whole, and the end of the connection; or a refusal."""
    STRAY = auto()
    """The right answer, and nothing of what came behind it, for nobody."""
    OK = auto()
    """``200`` with the body ``ok``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canned:
    """One fixed answer. ``id`` is the path segment that asks for it."""

    id: str
    title: str
    reference: str
    reply: bytes
    ending: Ending = Ending.FIN
    verdict: Verdict = Verdict.REFUSED
    method: str = "GET"
    fields: str = ""
    status: int = 200
    """For strays: the status of the right answer."""


OK = b"Content-Length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
HELLO = b"5\r\nhello\r\n"
HELLO_LAST = HELLO + b"0\r\n\r\n"
HELLO_THEN = CHUNKED + HELLO + b"%b\r\nworld\r\n0\r\n\r\n"
UNTIL_CLOSE = HEAD + b"Content-Type: text/plain\r\n\r\nhel"
SHORT = HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 500
CODING = b"Transfer-Encoding: chunked\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-Poison: 1\r\n\r\nPOISON"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"

_9112_3 = "RFC 9112 6.3"
_HEADS = (
    ("partial-status", "a status line cut off", "RFC 9112 8", b"HTTP/1.1 20"),
    ("partial-header", "a header section cut off", "RFC 9112 8", HEAD + b"Content-Ty"),
    ("garbage", "an upstream that does not speak HTTP", "RFC 9110 15.6.3", b"hello, this is not HTTP\r\n\r\n"),
    ("garbage-binary", "binary noise", "RFC 9110 15.6.3", bytes(range(256)) * 4),
    ("bad-status-text", "the status code '2OO'", "RFC 9112 4", b"HTTP/1.1 2OO OK\r\n" + OK),
    ("bad-status-99", "a status code of two digits", "RFC 9112 4", b"HTTP/1.1 99 Odd\r\n" + OK),
    ("bad-status-four", "a status code of four digits", "RFC 9112 4", b"HTTP/1.1 2000 OK\r\n" + OK),
    ("bad-version", "a status line of HTTP/3.7", "RFC 9112 2.3", b"HTTP/3.7 200 OK\r\n" + OK),
    ("cl-dup-differ", "two lengths", _9112_3, HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
    ("cl-plus", "a length of +5", _9112_3, HEAD + b"Content-Length: +5\r\n\r\nhello"),
    ("cl-minus", "a negative length", _9112_3, HEAD + b"Content-Length: -5\r\n\r\nhello"),
    ("cl-text", "a length of 5abc", _9112_3, HEAD + b"Content-Length: 5abc\r\n\r\nhello"),
    ("cl-underscore", "a length of 1_0", _9112_3, HEAD + b"Content-Length: 1_0\r\n\r\n0123456789"),
    ("cl-overflow", "a length of 2^64+5", "RFC 9110 8.6", HEAD + b"Content-Length: 18446744073709551621\r\n\r\nhello"),
    ("hdr-nul", "NUL in a field", "RFC 9110 5.5", HEAD + b"X-A: a\0b\r\n" + OK),
    ("hdr-bare-cr", "a bare CR in a field", "RFC 9112 2.2", HEAD + b"X-A: a\rSet-Cookie: evil=1\r\n" + OK),
    ("hdr-no-colon", "a field line without a colon", "RFC 9112 5", HEAD + b"NoColonHere\r\n" + OK),
    ("hdr-bad-name", "an invalid field name", "RFC 9110 5.1", HEAD + b"X (bad): 1\r\n" + OK),
    ("hdr-1mb", "a field of 1 MB", "RFC 9110 17.5", HEAD + b"X-Big: " + b"b" * (1 << 20) + b"\r\n" + OK),
    ("hdr-20000", "20000 fields", "RFC 9110 17.5", HEAD + b"".join(b"X-%d: v\r\n" % n for n in range(20000)) + OK),
    ("cl-te", "a short length and chunked", _9112_3, HEAD + b"Content-Length: 4\r\n" + CODING + b"\r\n" + HELLO_LAST),
    ("cl-te-long", "chunked and a long length", _9112_3, HEAD + CODING + b"Content-Length: 100\r\n\r\n" + HELLO_LAST),
    ("te-chunked-twice", "'chunked, chunked'", "RFC 9112 6.1", HEAD + CODING[:-2] + b", chunked\r\n\r\n" + HELLO_LAST),
    ("te-unknown", "an unknown transfer coding", "RFC 9112 6.1", HEAD + b"Transfer-Encoding: xyz\r\n\r\nhello"),
    ("te-10", "Transfer-Encoding in HTTP/1.0", "RFC 9112 6.1", b"HTTP/1.0 200 OK\r\n" + CODING + b"\r\n" + HELLO_LAST),
    ("i103-close", "103 and then the end", "RFC 9110 15.2", HINTS),
    ("101-unasked", "101 to a plain GET", "RFC 9110 7.8", SWITCH + b"RAWDATA"),
)  # fmt: skip
_BODIES = (
    ("chunk-bad-size", "an invalid chunk size behind a good chunk", HELLO_THEN % b"zz", Ending.FIN),
    ("chunk-minus", "a negative chunk size", HELLO_THEN % b"-1", Ending.FIN),
    ("chunk-underscore", "the chunk size '0_5'", HELLO_THEN % b"0_5", Ending.FIN),
    ("chunk-overflow", "a chunk size of 2^64+5", HELLO_THEN % b"10000000000000005", Ending.FIN),
    ("chunk-no-crlf", "no CRLF behind chunk data", CHUNKED + b"5\r\nhelloXX0\r\n\r\n", Ending.FIN),
    ("trunc-cl", "a body shorter than its length", SHORT, Ending.FIN),
    ("trunc-cl-rst", "a reset inside a body of known length", SHORT, Ending.RST),
    ("trunc-cl-nobody", "a length and no body", HEAD + b"Content-Length: 1000\r\n\r\n", Ending.FIN),
    ("trunc-cl-big", "3 of 9 MB", HEAD + b"Content-Length: 9000000\r\n\r\n" + b"x" * 3_000_000, Ending.FIN),
    ("trunc-chunk-mid", "the end inside a chunk", CHUNKED + b"100\r\n" + b"x" * 100, Ending.FIN),
    ("trunc-chunk-nolast", "the end before the last chunk", CHUNKED + HELLO, Ending.FIN),
    ("trunc-chunk-rst", "a reset before the last chunk", CHUNKED + HELLO, Ending.RST),
    ("trunc-chunk-nobody", "the end before the first chunk", CHUNKED, Ending.FIN),
    ("trunc-close-rst", "a reset inside a body without a length", UNTIL_CLOSE, Ending.RST),
    ("stall-body-cl", "a body of known length that stalls", SHORT, Ending.STALL),
    ("stall-body-chunked", "a chunked body that stalls", CHUNKED + HELLO, Ending.STALL),
)  # fmt: skip
_INTERIM = (
    ("i100", "a 100 that nobody asked for", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ("i103", "a 103", HINTS),
    ("i102x5", "five 102s", b"HTTP/1.1 102 Processing\r\n\r\n" * 5),
    ("i150", "an unknown interim response", b"HTTP/1.1 150 Odd\r\n\r\n"),
)

CANNED = (
    *(Canned(id=name, title=title, reference=ref, reply=reply) for name, title, ref, reply in _HEADS),
    Canned(
        id="partial-header-rst",
        title="a reset inside the header section",
        reference="RFC 9112 8",
        reply=HEAD + b"Content-Ty",
        ending=Ending.RST,
    ),
    *(
        Canned(id=name, title=title, reference="RFC 9112 8", reply=reply, ending=ending, verdict=Verdict.CUT)
        for name, title, reply, ending in _BODIES
    ),
    *(
        Canned(
            id=name,
            title=f"{title} before the answer",
            reference="RFC 9110 15.2",
            reply=first + HEAD + OK,
            ending=Ending.KEEP,
            verdict=Verdict.OK,
        )
        for name, title, first in _INTERIM
    ),
    Canned(
        id="extra-after-cl",
        title="a second answer behind a body of known length",
        reference="RFC 9112 6.3, 11.1",
        reply=HEAD + b"Content-Length: 5\r\n\r\nhello" + POISON,
        ending=Ending.KEEP,
        verdict=Verdict.STRAY,
    ),
    Canned(
        id="extra-after-chunked",
        title="a second answer behind the last chunk",
        reference="RFC 9112 6.3, 11.1",
        reply=CHUNKED + HELLO_LAST + POISON,
        ending=Ending.KEEP,
        verdict=Verdict.STRAY,
    ),
    Canned(
        id="extra-after-204",
        title="204 with a body",
        reference="RFC 9112 6.3 (rule 1)",
        reply=b"HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nPOISON",
        ending=Ending.KEEP,
        verdict=Verdict.STRAY,
        status=204,
    ),
    Canned(
        id="extra-after-204-resp",
        title="204 with a second answer behind it",
        reference="RFC 9112 6.3 (rule 1), 11.1",
        reply=b"HTTP/1.1 204 No Content\r\n\r\n" + POISON,
        ending=Ending.KEEP,
        verdict=Verdict.STRAY,
        status=204,
    ),
    Canned(
        id="extra-after-304",
        title="304 with a body",
        reference="RFC 9112 6.3 (rule 1)",
        reply=b"HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\nPOISON",
        ending=Ending.KEEP,
        verdict=Verdict.STRAY,
        status=304,
        fields='If-None-Match: "x"\r\n',
    ),
    Canned(
        id="head-with-body",
        title="HEAD answered with a body",
        reference="RFC 9110 9.3.2",
        reply=HEAD + b"Content-Length: 6\r\n\r\nPOISON",
        ending=Ending.KEEP,
        verdict=Verdict.STRAY,
        method="HEAD",
    ),
)
BY_ID = {canned.id: canned for canned in CANNED}
