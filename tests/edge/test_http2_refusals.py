"""What a client may not say over HTTP/2: nothing of it reaches the app, and whose fault it is, pays for it."""

from __future__ import annotations

import pytest

from antechamber.ledger import Reason
from tests.edge.app import EVENT_STREAM, chunk, ok
from tests.edge.two import Certificate, Fields, fields_of, secure, talking
from tests.protocol.test_http2_request import MALFORMED

PROTOCOL_ERROR, ENHANCE_YOUR_CALM = 1, 11
NOT_A_LENGTH = ("a length that is no number", "a length in hexadecimal", "an empty length", "a length with a list")
CONFLICTING = ("two lengths",)
"""Of these the library makes the whole connection pay (RFC 9113 5.4.1 allows it)."""


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_malformed_request_reaches_nobody_and_harms_no_neighbour(certificate: Certificate, name: str) -> None:
    """RFC 9113 8.1.1: a stream error. The neighbour is an event stream on the same connection."""
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        events = two.ask(fields_of(b"GET", b"/events"))
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM)
        await two.head(events)
        number = two.ask(MALFORMED[name])
        await two.until(lambda: two.streams[number].over or two.goaways)
        ended = await front.book.next_ended()
        assert (ended.status, ended.reason, ended.protocol) == (400, Reason.REFUSED, "HTTP/2.0")
        assert ended.detail
        assert app.connections == 1
        if name in NOT_A_LENGTH + CONFLICTING:
            assert two.goaways[-1][0] == PROTOCOL_ERROR
            return
        assert two.streams[number].reset == PROTOCOL_ERROR
        upstream.writer.write(chunk(b"data: on\n\n"))
        await two.take(events, b"data: on\n\n")


REFUSED: dict[str, tuple[Fields, int, bytes]] = {
    "TRACE": (fields_of(b"TRACE"), 405, b"not allowed"),
    "CONNECT": ([(b":method", b"CONNECT"), (b":authority", b"db.test:5432")], 405, b"not allowed"),
    "a path that is too long": (fields_of(b"GET", b"/" + b"a" * 20_000), 414, b"request line"),
    "too many fields": (fields_of(b"GET", b"/", *[(b"x%d" % number, b"1") for number in range(300)]), 431, b"256"),
    "a head that is too large": (fields_of(b"GET", b"/", (b"cookie", b"x" * 70_000)), 431, b"larger than"),
    "an expectation that is unknown": (fields_of(b"GET", b"/", (b"expect", b"a-miracle")), 417, b"100-continue"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
async def test_what_is_well_formed_and_not_wanted_has_an_answer(
    certificate: Certificate, case: tuple[Fields, int, bytes]
) -> None:
    fields, status, word = case
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        answer = await two.whole(two.ask(fields))
        assert answer.status == status
        assert word in bytes(answer.body)
        assert answer.value(b"connection") is None
        ended = await front.book.next_ended()
        assert (ended.status, ended.protocol, ended.reason) == (status, "HTTP/2.0", Reason.REFUSED)
        good = two.ask(fields_of())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        assert (await two.whole(good)).status == 200


async def test_a_head_without_any_bound_ends_the_connection(certificate: Certificate) -> None:
    async with secure(certificate) as (_, front), talking(front, certificate) as two:
        two.ask(fields_of(b"GET", b"/", (b"cookie", b"x" * 1_000_000)))
        await two.until_closed()
        assert two.goaways[-1][0] == ENHANCE_YOUR_CALM
        assert "header block" in (await front.book.next_ended()).detail


async def test_a_large_response_head_passes(certificate: Certificate) -> None:
    """It takes several frames (RFC 9113 6.10)."""
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        two.h2.decoder.max_header_list_size = 1 << 20
        number = two.ask(fields_of())
        upstream, _ = await app.asked()
        upstream.writer.write(ok(b"body", b"".join(b"Set-Cookie: c%d=%b\r\n" % (n, b"x" * 1000) for n in range(100))))
        answer = await two.whole(number)
        assert [name for name, _ in answer.fields].count(b"set-cookie") == 100
        assert bytes(answer.body) == b"body"


async def test_content_that_is_not_as_long_as_announced_is_cut_off(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of(b"POST", b"/", (b"content-length", b"10")), ended=False)
        upstream, _ = await app.asked()
        two.say(number, b"12345", ended=True)
        assert (await two.whole(number)).reset == PROTOCOL_ERROR
        good = two.ask(fields_of(b"GET", b"/good"))
        _, seen = await app.asked()
        assert seen.target == "/good"
        assert not two.streams[good].over
        assert await upstream.until_end(None)
