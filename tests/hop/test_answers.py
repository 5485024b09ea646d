"""What a bad hop does to ordinary answers, seen by the client."""

from __future__ import annotations

import gzip
import zlib
from importlib import import_module

import pytest

from tests.edge.app import ok
from tests.edge.talk import take_answer
from tests.hop.between import HOST, Between, between, get
from tests.hop.shown import shows
from tests.hostile.answer import Answer

HTML = b"Content-Type: text/html\r\n"


async def answered(hop: Between, answer: bytes, *fields: str, target: str = "/") -> Answer:
    """What the client gets of an answer of the app's."""
    client = await hop.ask(get(target, *fields))
    app, _ = await hop.app.asked()
    app.writer.write(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
    return await take_answer(client)


async def test_a_hop_without_faults_passes_an_answer_as_it_is() -> None:
    async with between() as hop:
        answer = await answered(hop, ok(b"fine", HTML + b"Server: app\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n"))
    assert (answer.status, answer.body) == (200, b"fine")
    assert answer.all("set-cookie") == ["a=b", "c=d"]
    assert answer.all("server") == ["app"]
    assert answer.all("content-length") == ["4"]


@shows("login-page")
async def test_everything_is_answered_with_a_login_page() -> None:
    async with between(login_page=True) as hop:
        for fields in ((), ("Accept: text/event-stream",), ("Upgrade: websocket", "Connection: Upgrade")):
            answer = await take_answer(await hop.ask(get("/any", *fields)))
            assert answer.status == 200
            assert b'type="password"' in answer.body


@shows("redirects")
@pytest.mark.parametrize("location", ["/there?a=b", "https://hop.test:8443/there?a=b"])
async def test_redirects_lead_to_the_app_itself_or_to_http(location: str) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location.encode()
    async with between(redirects="inner") as hop:
        inner = f"http://127.0.0.1:{hop.app.port}/there?a=b"
        assert (await answered(hop, moved)).all("location") == [inner]
    async with between(redirects="http") as hop:
        assert (await answered(hop, moved)).all("location") == [f"http://{HOST}/there?a=b"]


@shows("strip-response-header")
async def test_stripped_fields_of_an_answer_do_not_arrive() -> None:
    async with between(strip_response_header="Set-Cookie,X-Accel-Buffering") as hop:
        answer = await answered(hop, ok(b"", b"Set-Cookie: a=b\r\nX-Accel-Buffering: no\r\nX-Other: 1\r\n"))
    assert answer.all("set-cookie") == answer.all("x-accel-buffering") == []
    assert answer.all("x-other") == ["1"]


@shows("cache-control")
async def test_a_second_cache_control_contradicts_the_apps() -> None:
    async with between(cache_control="public, max-age=60") as hop:
        answer = await answered(hop, ok(b"", b"Cache-Control: no-store\r\n"))
    assert answer.all("cache-control") == ["no-store", "public, max-age=60"]


@shows("compress")
@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "br;q=0, gzip"])
async def test_what_the_app_left_plain_is_compressed_as_the_client_accepts(accepted: str) -> None:
    page = b"<p>page</p>" * 100
    async with between(compress=True) as hop:
        answer = await answered(hop, ok(page, HTML), f"Accept-Encoding: {accepted}")
        coding = answer.all("content-encoding")
        assert coding == (["br"] if "br," in accepted else ["gzip"])
        undo = import_module("brotli").decompress if coding == ["br"] else gzip.decompress
        assert undo(answer.body) == page
        assert (await answered(hop, ok(page, HTML))).body == page
        done = ok(gzip.compress(page), HTML + b"Content-Encoding: gzip\r\n")
        assert (await answered(hop, done, "Accept-Encoding: gzip")).all("content-encoding") == ["gzip"]
        image = ok(b"png", b"Content-Type: image/png\r\n")
        assert (await answered(hop, image, "Accept-Encoding: gzip")).body == b"png"


@shows("double-gzip")
async def test_what_the_app_compressed_is_compressed_once_more() -> None:
    page = b"<p>page</p>" * 100
    async with between(double_gzip=True) as hop:
        done = ok(gzip.compress(page), HTML + b"Content-Encoding: gzip\r\n")
        answer = await answered(hop, done, "Accept-Encoding: gzip")
        assert answer.all("content-encoding") == ["gzip, gzip"]
        assert gzip.decompress(gzip.decompress(answer.body)) == page
        assert (await answered(hop, ok(page, HTML), "Accept-Encoding: gzip")).body == page


@shows("mislabel")
async def test_plain_content_is_called_gzip() -> None:
    async with between(mislabel=True) as hop:
        answer = await answered(hop, ok(b"plain", HTML))
    assert answer.all("content-encoding") == ["gzip"]
    with pytest.raises(zlib.error):
        zlib.decompress(answer.body, 16 + zlib.MAX_WBITS)


@shows("cache")
async def test_an_answer_is_given_out_again_although_the_app_forbade_it() -> None:
    async with between(cache=True) as hop:
        first = await answered(hop, ok(b"for one", b"Cache-Control: no-store\r\n"), target="/a?b")
        again = await take_answer(await hop.ask(get("/a?b", "Cookie: somebody-else")))
        assert (first.body, again.body) == (b"for one", b"for one")
        assert again.all("x-cache") == ["HIT"]
        assert len(again.all("age")) == 1
        other = await answered(hop, ok(b"another"), target="/a")
        assert other.body == b"another"


async def test_a_stream_that_has_ended_is_given_out_again_all_at_once() -> None:
    stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with between(cache=True) as hop:
        await answered(hop, stream + b"9\r\ndata: 1\n\n\r\n0\r\n\r\n", target="/events")
        again = await take_answer(await hop.ask(get("/events")))
    assert again.all("content-type") == ["text/event-stream"]
    assert again.body == b"data: 1\n\n"


async def test_answers_that_are_not_well_are_not_kept() -> None:
    async with between(cache=True) as hop:
        await answered(hop, b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")
        assert (await answered(hop, ok(b"well"))).body == b"well"
