"""HTTP/2 at the client side of the edge (RFC 9113): what holds over HTTP/1.1 holds over it, by the same code."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from antechamber.engines.base import Options
from antechamber.engines.edge.engine import Edge
from antechamber.errors import ConfigError
from antechamber.ledger import Party, Reason
from antechamber.policy.load import read_site
from antechamber.protocol.http2_server import CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES
from tests.edge.app import CHUNKED, EVENT_STREAM, chunk, ok
from tests.edge.front import Front, get
from tests.edge.talk import PATIENCE_S, take, take_answer, take_body, take_end
from tests.edge.two import Certificate, fields_of, secure, talking
from tests.hostile.wire import End

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL = 0, 1, 2, 7, 8


async def test_http2_is_chosen_where_the_client_offers_it(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of(b"GET", b"/page?x=1", (b"cookie", b"a=1"), (b"cookie", b"b=2")))
        upstream, seen = await app.asked()
        assert (seen.method, seen.target) == ("GET", "/page?x=1")
        assert seen.all("host") == ["edge.test"]
        assert seen.all("cookie") == ["a=1; b=2"]
        assert seen.all("x-forwarded-proto") == ["https"]
        assert seen.all("via")[0].startswith("2.0 antechamber-")
        upstream.writer.write(ok(b"a page", b"X-Mixed-Case: Yes\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n"))
        answer = await two.whole(number)
        assert (answer.status, bytes(answer.body), answer.reset) == (200, b"a page", None)
        names = [name for name, _ in answer.fields]
        assert names == [b":status", b"x-mixed-case", b"content-length", b"date"]


async def test_http11_is_spoken_where_the_client_does_not_offer_http2(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front):
        client = await front.dial(tls=certificate.one)
        assert client.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        client.writer.write(get())
        upstream, seen = await app.asked()
        assert seen.all("via")[0].startswith("1.1 antechamber-")
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200


async def test_http2_can_be_switched_off(certificate: Certificate) -> None:
    async with secure(certificate, http2="off") as (app, front):
        client = await front.dial(tls=certificate.two)
        assert client.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        client.writer.write(get())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200


async def test_a_switch_in_a_site_file_is_read_and_written() -> None:
    loaded = read_site("to = 3000\nhttp2 = false\n")
    assert loaded.policy.http2 is False
    (file,) = Edge().render(loaded.policy, Options(listen=loaded.policy.listen))
    assert "http2 = false  # AC703" in file.text
    assert read_site(file.text).policy.http2 is False
    assert read_site("to = 3000\n").policy.http2 is True
    with pytest.raises(ConfigError, match="neither on nor off"):
        read_site('to = 3000\nhttp2 = "maybe"\n')


async def test_many_requests_share_a_connection_and_answers_come_in_any_order(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        numbers = [two.ask(fields_of(b"GET", b"/%d" % place)) for place in range(10)]
        asked = [await app.asked() for _ in numbers]
        by_target = {seen.target: wire for wire, seen in asked}
        for place in reversed(range(10)):
            by_target[f"/{place}"].writer.write(ok(b"answer %d" % place))
            assert bytes((await two.whole(numbers[place])).body) == b"answer %d" % place
        assert front.edge.setting is not None
        assert front.edge.setting.admission.connections == 1


async def test_events_pass_one_by_one(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of(b"GET", b"/events", (b"last-event-id", b"7")))
        upstream, seen = await app.asked()
        assert seen.all("last-event-id") == ["7"]
        upstream.writer.write(EVENT_STREAM)
        head = await two.head(number)
        assert (head.status, head.value(b"x-accel-buffering")) == (200, b"no")
        for event in range(20):
            upstream.writer.write(chunk(b"data: %d\n\n" % event))
            await two.take(number, b"data: %d\n\n" % event)
        upstream.writer.write(b"0\r\n\r\n")
        assert (await two.whole(number)).ended


async def test_a_body_of_known_and_one_of_unknown_length(certificate: Certificate) -> None:
    octets = os.urandom(3_000_000)
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        for length in ([(b"content-length", b"%d" % len(octets))], []):
            number = two.ask(fields_of(b"POST", b"/up", *length), ended=False)
            sending = asyncio.create_task(two.upload(number, octets))
            upstream, seen = await app.asked()
            assert seen.all("transfer-encoding") == ([] if length else ["chunked"])
            assert await take_body(upstream, seen) == octets
            await sending
            upstream.writer.write(ok(octets, b"Connection: close\r\n"))
            assert bytes((await two.whole(number)).body) == octets
            await upstream.close()


async def test_trailers_pass_both_ways(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of(b"POST", b"/", (b"te", b"trailers")), ended=False)
        two.say(number, b"abc")
        two.h2.send_headers(number, [(b"checksum", b"1"), (b"content-length", b"9")], end_stream=True)
        two.send()
        upstream, seen = await app.asked()
        assert seen.all("te") == ["trailers"]
        assert await take(upstream, b"0\r\nchecksum: 1\r\n\r\n") == b"3\r\nabc\r\n0\r\nchecksum: 1\r\n\r\n"
        upstream.writer.write(CHUNKED + chunk(b"xyz") + b"0\r\nServer-Timing: a\r\nContent-Length: 7\r\n\r\n")
        answer = await two.whole(number)
        assert (bytes(answer.body), answer.trailers, answer.ended) == (b"xyz", [(b"server-timing", b"a")], True)


async def test_interim_responses_pass(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        fields = fields_of(b"POST", b"/", (b"expect", b"100-continue"), (b"content-length", b"3"))
        number = two.ask(fields, ended=False)
        upstream, seen = await app.asked()
        assert seen.all("expect") == ["100-continue"]
        upstream.writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        await two.until(lambda: two.streams[number].interim == [100, 103])
        two.say(number, b"abc", ended=True)
        assert await take_body(upstream, seen) == b"abc"
        upstream.writer.write(ok())
        assert (await two.whole(number)).status == 200


@pytest.mark.parametrize(
    ("method", "answer", "status"),
    [
        (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n", 200),
        (b"GET", b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"GET", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 77\r\n\r\n', 304),
        (b"GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200),
        (b"GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200),
    ],
)
async def test_responses_without_content_end_at_once(
    certificate: Certificate, method: bytes, answer: bytes, status: int
) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of(method))
        upstream, _ = await app.asked()
        upstream.writer.write(answer)
        whole = await two.whole(number)
        assert (whole.status, bytes(whole.body), whole.ended) == (status, b"", True)
        if b"77" in answer:
            assert whole.value(b"content-length") == b"77"


async def test_an_early_answer_ends_the_upload_and_hurts_no_other_stream(certificate: Certificate) -> None:
    """RFC 9113 8.1: a complete response, and later RST_STREAM with NO_ERROR; until then there is no room for more."""
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        events = two.ask(fields_of(b"GET", b"/events"))
        stream, _ = await app.asked()
        stream.writer.write(EVENT_STREAM)
        upload = two.ask(fields_of(b"POST", b"/up", (b"content-length", b"1000000")), ended=False)
        two.say(upload, b"x" * 1000)
        upstream, _ = await app.asked()
        upstream.writer.write(ok(b"enough", b"Connection: close\r\n"))
        answer = await two.whole(upload)
        room = two.h2.local_flow_control_window(upload)
        two.say(upload, b"y" * 10_000)
        await two.until(lambda: answer.reset is not None)
        assert room == STREAM_WINDOW_BYTES - 1000
        assert two.h2.outbound_flow_control_window > CONNECTION_WINDOW_BYTES - 10_000, "others have all of theirs"
        assert (answer.status, bytes(answer.body), answer.ended, answer.reset) == (200, b"enough", True, NO_ERROR)
        stream.writer.write(chunk(b"data: 1\n\n"))
        await two.take(events, b"data: 1\n\n")


async def test_a_body_over_the_limit_gets_413_that_names_the_setting(certificate: Certificate) -> None:
    async with (
        secure(certificate, profile="generic", body_limit="1KiB") as (_, front),
        talking(front, certificate) as two,
    ):
        announced = two.ask(fields_of(b"POST", b"/", (b"content-length", b"2000")), ended=False)
        unannounced = two.ask(fields_of(b"POST", b"/"), ended=False)
        two.say(unannounced, b"x" * 2000)
        for number in (announced, unannounced):
            answer = await two.whole(number)
            assert answer.status == 413
            assert b"body-limit" in bytes(answer.body)
            assert (answer.value(b"proxy-status") or b"").startswith(b"antechamber;")


async def test_a_response_that_breaks_off_is_not_delivered_as_whole(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of())
        upstream, _ = await app.asked()
        upstream.writer.write(CHUNKED + chunk(b"a part"))
        await two.take(number, b"a part")
        await upstream.close()
        answer = await two.whole(number)
        assert (answer.ended, answer.reset) == (False, INTERNAL_ERROR)
        assert (await front.book.next_ended()).reason is Reason.LOST


async def test_a_dead_app_is_502_with_proxy_status(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of(b"GET", b"/", (b"accept", b"application/json")))
        upstream, _ = await app.asked()
        await upstream.abort()
        answer = await two.whole(number)
        assert answer.status == 502
        assert json.loads(answer.body)["error"] == "connection_terminated"


@pytest.mark.parametrize("code", [CANCEL, NO_ERROR])
async def test_a_stream_that_the_client_resets_frees_its_upstream_and_no_other(
    certificate: Certificate, code: int
) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        numbers = [two.ask(fields_of(b"GET", b"/%d" % place)) for place in range(2)]
        wires = {}
        for _ in numbers:
            wire, seen = await app.asked()
            wire.writer.write(EVENT_STREAM)
            wires[seen.target] = wire
        for number in numbers:
            await two.head(number)
        two.h2.reset_stream(numbers[0], code)
        two.send()
        assert await take_end(wires["/0"]) is not End.OPEN
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.CLIENT, Reason.CLOSED)
        wires["/1"].writer.write(chunk(b"data: on\n\n"))
        await two.take(numbers[1], b"data: on\n\n")


async def test_a_client_that_leaves_frees_all_upstreams(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        for place in range(3):
            two.ask(fields_of(b"GET", b"/%d" % place))
        wires = [(await app.asked())[0] for _ in range(3)]
        await two.close()
        for wire in wires:
            assert await take_end(wire) is not End.OPEN
        for _ in wires:
            assert (await front.book.next_ended()).ended_by is Party.CLIENT
        await nobody_left(front)


async def nobody_left(front: Front) -> None:
    setting = front.edge.setting
    assert setting is not None
    async with asyncio.timeout(PATIENCE_S):
        while setting.connections or setting.fronts or setting.admission.connections:
            await asyncio.sleep(0.01)


async def test_a_goaway_of_the_client_lets_its_streams_end(certificate: Certificate) -> None:
    """RFC 9113 6.8: it is about new streams."""
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of())
        upstream, _ = await app.asked()
        two.writer.write(b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + bytes(8))
        upstream.writer.write(ok(b"still"))
        assert bytes((await two.whole(number)).body) == b"still"


async def test_a_request_that_comes_back_is_a_loop(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front), talking(front, certificate) as two:
        two.ask(fields_of())
        _, seen = await app.asked()
        again = two.ask(fields_of(b"GET", b"/", (b"via", seen.all("via")[0].encode())))
        assert (await two.whole(again)).status == 508


async def test_the_access_log_names_the_protocol(certificate: Certificate, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    async with secure(certificate, access_log=str(log)) as (app, front), talking(front, certificate) as two:
        number = two.ask(fields_of())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        await two.whole(number)
    (line,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert (line["protocol"], line["method"], line["status"], line["reason"]) == ("HTTP/2.0", "GET", 200, "complete")
