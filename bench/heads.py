"""Two readers of HTTP/1.1 heads: the grammar of ``protocol.http1`` and llhttp, as httptools wraps it.

``python -m bench.heads`` prints what each costs per head; ``--corpus`` prints what each refuses of the request corpus.
Behind the decision in ``docs/decisions/http1-head-parsing.md``. Times are processor time of this process; contenders
take turns within a round, and ratios are formed within rounds.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import version

import httptools
from tests.hostile.corpus import Case, expand, load_all

from antechamber.policy.model import Limits
from antechamber.protocol.failure import RequestFault
from antechamber.protocol.forwarded import Peer, Trust
from antechamber.protocol.framing import ChunkedReader, Framing, FramingFault, LengthReader
from antechamber.protocol.http1 import (
    END,
    Field,
    RequestHead,
    ResponseHead,
    hopeless,
    parse_request_head,
    parse_response_head,
    skip_empty_lines,
)
from antechamber.protocol.translate import (
    RequestPlan,
    RequestRules,
    RequestTranslator,
    ResponseTranslator,
    plan_request,
    plan_response,
)
from bench.ratios import Spread

ROUNDS = 15
ROUND_HEADS = 3000
NANOSECONDS = 1e9

FIRST = 1000
"""Numbers in heads have four digits, so that all of a kind are of one length."""

RULES = RequestRules.of(
    untrusted=frozenset({"x-original-url", "x-rewrite-url", "cf-connecting-ip", "true-client-ip"}),
    pseudonym="antechamber-0123456789ab",
    upgrades=frozenset({"websocket"}),
    default_host="localhost",
)

WRK = b"GET /%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n"
BROWSER = (
    b"GET /api/session/%d HTTP/1.1\r\n"
    b"Host: app.example.test\r\n"
    b"Connection: keep-alive\r\n"
    b'sec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"\r\n'
    b"sec-ch-ua-mobile: ?0\r\n"
    b'sec-ch-ua-platform: "Linux"\r\n'
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
    b"\r\n"
    b"Accept: application/json, text/plain, */*\r\n"
    b"Sec-Fetch-Site: same-origin\r\n"
    b"Sec-Fetch-Mode: cors\r\n"
    b"Sec-Fetch-Dest: empty\r\n"
    b"Referer: https://app.example.test/\r\n"
    b"Accept-Encoding: gzip, deflate, br, zstd\r\n"
    b"Accept-Language: en-GB,en;q=0.9\r\n"
    b"Cookie: session=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl; theme=dark\r\n"
    b'If-None-Match: W/"5f-%d"\r\n\r\n'
)
"""Two numbers each: in the start line or length, and in a field."""
RESPONSE = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Content-Length: %d\r\n"
    b'ETag: W/"5f-%d"\r\n'
    b"Vary: Accept-Encoding\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
    b"Connection: keep-alive\r\n"
    b"Keep-Alive: timeout=5\r\n\r\n"
)


class Callbacks:
    """The fewest callbacks with which llhttp tells a whole head. httptools calls ``on_header`` per field."""

    def __init__(self) -> None:
        self.fields: list[Field] = []
        self.target = b""
        self.reason = b""
        self.heads = 0
        self.messages = 0

    def on_url(self, part: bytes) -> None:
        self.target += part

    def on_status(self, reason: bytes) -> None:
        self.reason = reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        self.heads += 1

    def on_message_complete(self) -> None:
        self.messages += 1


class LlhttpRequests:
    """Request heads of one connection through llhttp."""

    def __init__(self) -> None:
        self.told = Callbacks()
        self._parser = httptools.HttpRequestParser(self.told)

    def read(self, block: bytes) -> RequestHead:
        told = self.told
        told.fields = []
        told.target = b""
        self._parser.feed_data(block)
        minor = 1 if self._parser.get_http_version() == "1.1" else 0
        return RequestHead(self._parser.get_method(), told.target, minor, told.fields)


class LlhttpResponses:
    """Response heads through llhttp: a parser each, since it wants the body before the next head."""

    def read(self, block: bytes) -> ResponseHead:
        told = Callbacks()
        parser = httptools.HttpResponseParser(told)
        parser.feed_data(block)
        minor = 1 if parser.get_http_version() == "1.1" else 0
        return ResponseHead(parser.get_status_code(), told.reason, minor, told.fields)


class Series(Enum):
    """How the heads of a connection differ from one another."""

    FIELDS = "other fields"
    TARGET = "same fields"
    NOTHING = "same head"

    def of(self, template: bytes) -> list[bytes]:
        """Heads to read; equal ones are not identical, as they are not when they come from a socket."""
        numbers = range(FIRST, FIRST + ROUND_HEADS)
        match self:
            case Series.FIELDS:
                return [template % (FIRST, number) for number in numbers]
            case Series.TARGET:
                return [template % (number, FIRST) for number in numbers]
            case Series.NOTHING:
                return [template % (FIRST, FIRST) for _ in numbers]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to read heads. ``work`` is what comes of it: fields, or a plan of what is sent on."""

    work: str
    by: str
    read: Callable[[bytes], object]
    series: Series = Series.FIELDS

    @property
    def name(self) -> str:
        """For the table."""
        return f"{self.work}, {self.by}, {self.series.value}"


def request_contenders() -> list[Contender]:
    """From octets to fields, and from octets to what is sent upstream."""
    peer = Peer("198.51.100.7", secure=False, trust=Trust())
    llhttp, translator = LlhttpRequests(), RequestTranslator(peer, RULES)
    return [
        Contender("fields", "httptools", llhttp.read),
        Contender("fields", "ours", lambda block: parse_request_head(block, line_limit=16384, count_limit=256)),
        Contender("plan", "httptools", lambda block: plan_request(llhttp.read(block), peer, RULES)),
        *[Contender("plan", "ours", translator.translate, series) for series in Series],
    ]


def response_contenders() -> list[Contender]:
    """The same for responses."""
    llhttp, shared = LlhttpResponses(), ResponseTranslator(1024)

    def translate(block: bytes) -> object:
        return shared.translate(block, b"GET", None)

    return [
        Contender("fields", "httptools", llhttp.read),
        Contender("fields", "ours", lambda block: parse_response_head(block, count_limit=1024)),
        Contender("plan", "httptools", lambda block: plan_response(llhttp.read(block), method=b"GET", asked=None)),
        Contender("plan", "ours", translate),
        Contender("plan", "ours", translate, Series.NOTHING),
    ]


def measure(contenders: list[Contender], template: bytes) -> dict[Contender, list[float]]:
    """Nanoseconds per head, by contender and round."""
    blocks = {series: series.of(template) for series in Series}
    found: dict[Contender, list[float]] = {contender: [] for contender in contenders}
    for round_number in range(-1, ROUNDS):  # the first one warms up
        for contender in contenders:
            spent = _spent(contender.read, blocks[contender.series])
            if round_number >= 0:
                found[contender].append(spent / ROUND_HEADS)
    return found


def _spent(read: Callable[[bytes], object], blocks: list[bytes]) -> float:
    before = time.process_time_ns()
    for block in blocks:
        read(block)
    return time.process_time_ns() - before


def print_costs() -> None:
    """One table: microseconds per head and ratios to httptools doing the same work."""
    heads = (
        ("request of wrk (1 field)", WRK, request_contenders()),
        ("request of a browser (15 fields)", BROWSER, request_contenders()),
        ("response (8 fields)", RESPONSE, response_contenders()),
    )
    for title, template, contenders in heads:
        found = measure(contenders, template)
        print(f"\n{title}, {len(template % (FIRST, FIRST))} octets")
        for contender, rounds in found.items():
            base = next(each for one, each in found.items() if (one.work, one.by) == (contender.work, "httptools"))
            ratio = Spread.of([mine / theirs for mine, theirs in zip(rounds, base, strict=True)])
            cost = Spread.of([each / 1000 for each in rounds])
            print(
                f"  {contender.name:32} {cost.median:6.2f} µs ({cost.low:.2f}-{cost.high:.2f})"
                f"   x {ratio.median:.2f} ({ratio.low:.2f}-{ratio.high:.2f})"
            )


# What each refuses


def must_be_refused(case: Case) -> bool:
    """Whether no reading of the case may be forwarded as a whole request."""
    expect = case.expect
    if case.level == "info" or expect.forwarded_as is not None or expect.forwarded_any:
        return False
    return expect.status_any_of is not None and not any(
        isinstance(status, int) and status < 400 for status in expect.status_any_of
    )


def llhttp_verdict(octets: bytes) -> str:
    """``refused``, ``open`` (more is needed) or ``accepted``."""
    told = Callbacks()
    try:
        httptools.HttpRequestParser(told).feed_data(octets)
    except httptools.HttpParserUpgrade:
        return "accepted"
    except httptools.HttpParserError:
        return "refused"
    return "accepted" if told.messages else "open"


def our_verdict(octets: bytes) -> str:
    """The same for head, framing and body as the edge reads them."""
    octets = skip_empty_lines(octets)
    end = octets.find(END) + 4
    if end < 4:
        return "refused" if hopeless(octets, 0) else "open"
    if end - 4 > Limits().header_block_bytes:
        return "refused"
    try:
        translator = RequestTranslator(Peer("198.51.100.7", secure=False, trust=Trust()), RULES)
        _, _, plan = translator.translate(octets[:end])
        return "accepted" if _body_ends(plan, octets[end:]) else "open"
    except (RequestFault, FramingFault):
        return "refused"


def _body_ends(plan: RequestPlan, octets: bytes) -> bool:
    if plan.framing is Framing.NONE:
        return True
    reader = LengthReader(plan.length) if plan.framing is Framing.LENGTH else ChunkedReader(reframe=True)
    reader.read(octets)
    return reader.done


def judged() -> Iterator[tuple[Case, str, str]]:
    """Each case that must be refused, with llhttp's verdict and ours."""
    for case in load_all():
        if must_be_refused(case):
            octets = b"".join(expand(part.send) for part in case.parts)
            yield case, llhttp_verdict(octets), our_verdict(octets)


def print_refusals() -> None:
    """Counts, and what llhttp accepts."""
    cases = list(judged())
    print(f"{len(cases)} requests of the corpus must be refused")
    for name, at in (("httptools", 1), ("ours", 2)):
        verdicts = [case[at] for case in cases]
        print(f"  {name:10}", *(f"{verdict} {verdicts.count(verdict)}," for verdict in ("refused", "open", "accepted")))
    for case, theirs, ours in cases:
        if theirs != "refused" or ours != "refused":
            print(f"  {case.id:24} httptools {theirs:9} ours {ours:9} {case.title}")


def main() -> None:
    """Print the table that was asked for."""
    options = argparse.ArgumentParser(prog="python -m bench.heads", description=__doc__.partition("\n")[0])
    options.add_argument("--corpus", action="store_true", help="what each refuses, instead of what each costs")
    print(f"Python {platform.python_version()}, httptools {version('httptools')}", file=sys.stderr)
    if options.parse_args().corpus:
        print_refusals()
    else:
        print_costs()


if __name__ == "__main__":
    main()
