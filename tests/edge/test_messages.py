"""Message by message: interim answers, early ones, bodiless ones, trailers, pipelining, old clients (RFC 9112)."""

from __future__ import annotations

import pytest

from antechamber.ledger import Party, Reason
from tests.edge.app import CHUNKED, App, chunk, ok
from tests.edge.front import HOST, get, post, serving
from tests.edge.talk import take, take_answer, take_body, take_end, take_head, take_piece, take_request
from tests.hostile.wire import End

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"


# Interim responses


async def test_an_upload_with_an_expectation_waits_for_the_app_to_say_continue() -> None:
    """RFC 9110 10.1.1: the edge does not answer for the app, so a refusal costs no upload."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(post("/", b"Expect: 100-continue\r\n", length=4))
        upstream, seen = await app.asked()
        assert seen.all("expect") == ["100-continue"]
        upstream.writer.write(CONTINUE)
        assert (await take_head(client)).status == 100
        client.writer.write(b"body")
        assert await take_body(upstream, seen) == b"body"
        upstream.writer.write(ok())
        assert (await take_answer(client)).body == b"fine"


async def test_an_upload_that_the_app_refuses_instead_of_continuing_is_never_sent() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(post("/", b"Expect: 100-continue\r\n", length=4))
        upstream, _ = await app.asked()
        upstream.writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")
        answer = await take_answer(client)
        assert (answer.status, answer.body, answer.all("connection")) == (401, b"no", ["close"])
        assert upstream.inbox == b""


async def test_interim_responses_pass_at_once_and_in_order() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        for _ in range(3):
            upstream.writer.write(EARLY_HINTS)
            hints = await take_head(client)
            assert (hints.status, hints.all("link")) == (103, ["</a.css>; rel=preload"])
        upstream.writer.write(EARLY_HINTS + ok())
        answer = await take_answer(client)
        assert (answer.interim, answer.status, answer.body) == ([103], 200, b"fine")


async def test_an_http_1_0_client_gets_no_interim_response() -> None:
    """RFC 9110 15.2: a server MUST NOT send a 1xx to an HTTP/1.0 client."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(b"GET / HTTP/1.0\r\n\r\n")
        upstream, _ = await app.asked()
        upstream.writer.write(EARLY_HINTS + ok())
        answer = await take_answer(client)
        assert (answer.interim, answer.status) == ([], 200)


# Requests that end here


@pytest.mark.parametrize("target", ["/x", "*"])
async def test_an_options_request_whose_hops_are_used_up_is_answered_here(target: str) -> None:
    """RFC 9110 7.6.2: it MUST NOT be forwarded; the app is asked only by the one behind it."""
    async with App() as app, serving(app.url) as front:
        head = b"OPTIONS %b HTTP/1.1\r\n%b" % (target.encode(), HOST)
        client = await front.ask(head + b"Max-Forwards: 0\r\n\r\n" + head + b"Max-Forwards: 7\r\n\r\n")
        answer = await take_answer(client)
        assert (answer.status, answer.body, answer.all("connection")) == (200, b"", [])
        assert answer.all("allow") == ["GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"]
        ended = await front.book.next_ended()
        assert (ended.status, ended.ended_by, ended.reason) == (200, Party.EDGE, Reason.REFUSED)
        upstream, seen = await app.asked()
        assert (seen.method, seen.target, seen.all("max-forwards")) == ("OPTIONS", target, ["6"])
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200


async def test_a_body_that_comes_with_such_a_request_is_not_read_as_the_next_one() -> None:
    async with App() as app, serving(app.url) as front:
        head = b"OPTIONS / HTTP/1.1\r\n%bMax-Forwards: 0\r\nContent-Length: 100\r\n\r\n" % HOST
        client = await front.ask(head + get("/hidden"))
        answer = await take_answer(client)
        assert (answer.status, answer.all("connection")) == (200, ["close"])
        await client.close()
        assert app.connections == 0


async def test_an_empty_line_before_a_request_is_forgiven_however_they_arrive() -> None:
    """RFC 9112 2.2: old clients send one behind the body of a POST."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(b"\r\n" + get("/1"))
        upstream, seen = await app.asked()
        for number in range(2, 5):
            upstream.writer.write(ok())
            await take_answer(client)
            client.writer.write(b"\r\n" * (number - 2) + get(f"/{number}"))
            seen = await take_request(upstream)
            assert seen.target == f"/{number}"
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200


# Bodies that are not there


@pytest.mark.parametrize("fields", [b"Content-Length: 1234\r\n", b"Transfer-Encoding: chunked\r\n", b""])
async def test_a_head_response_has_no_body_whatever_its_fields_say(fields: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(b"HEAD /big HTTP/1.1\r\n" + HOST + b"\r\n")
        upstream, seen = await app.asked()
        assert seen.method == "HEAD"
        upstream.writer.write(b"HTTP/1.1 200 OK\r\n%b\r\n" % fields)
        head = await take_head(client)
        assert head.all("content-length") == (["1234"] if b"1234" in fields else [])
        client.writer.write(get("/next"))
        assert (await take_request(upstream)).target == "/next"
        upstream.writer.write(ok())
        assert (await take_answer(client)).body == b"fine"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_bodiless_answers_leave_both_connections_in_step(status: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(b'HTTP/1.1 %b\r\nETag: "v1"\r\n\r\n' % status)
        assert (await take_answer(client)).status == int(status[:3])
        client.writer.write(get("/next"))
        await take_request(upstream)
        upstream.writer.write(ok(b""))
        assert (await take_answer(client)).all("content-length") == ["0"]


async def test_octets_behind_a_bodiless_answer_are_nobodys_answer() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n" + ok(b"poison"))
        assert (await take_answer(client)).status == 204
        client.writer.write(get("/next"))
        fresh, _ = await app.asked()
        fresh.writer.write(ok(b"own"))
        assert (await take_answer(client)).body == b"own"


# Answers before the request is whole


async def test_an_early_answer_passes_while_the_client_still_uploads() -> None:
    """RFC 9112 9.3: answered, then closed, but not before the client could read the answer."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(post(length=1000) + b"only a part")
        upstream, _ = await app.asked()
        await take(upstream, b"only a part")
        upstream.writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\n\r\ntoo big")
        answer = await take_answer(client)
        assert (answer.status, answer.body, answer.all("connection")) == (413, b"too big", ["close"])
        client.writer.write(b"more")
        assert await take_end(client) is End.CLOSED
        ended = await front.book.next_ended()
        assert (ended.status, ended.reason) == (413, Reason.COMPLETE)


async def test_a_response_may_run_while_its_request_does() -> None:
    """Both directions of one exchange are independent: echo services and progress reports need it."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"1"))
        upstream, _ = await app.asked()
        upstream.writer.write(CHUNKED)
        await take_head(client)
        assert await take(upstream, chunk(b"1"))
        for number in range(5):
            upstream.writer.write(chunk(b"seen %d" % number))
            assert await take_piece(client) == chunk(b"seen %d" % number)
            client.writer.write(chunk(b"part %d" % number))
            assert await take_piece(upstream) == chunk(b"part %d" % number)
        client.writer.write(b"0\r\n\r\n")
        assert await take_piece(upstream) == b"0\r\n\r\n"
        upstream.writer.write(b"0\r\n\r\n")
        assert await take_piece(client) == b"0\r\n\r\n"


# Request bodies


async def test_a_request_body_is_forwarded_piece_by_piece() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(post(length=6))
        upstream, seen = await app.asked()
        assert seen.all("content-length") == ["6"]
        for piece in (b"ab", b"cd", b"ef"):
            client.writer.write(piece)
            assert await take_piece(upstream) == piece


async def test_an_empty_body_stays_an_empty_body() -> None:
    """RFC 9110 8.6: ``Content-Length: 0`` on a POST means something to apps (411 without it)."""
    async with App() as app, serving(app.url) as front:
        await front.ask(post(length=0))
        _, seen = await app.asked()
        assert seen.all("content-length") == ["0"]


# Trailers


async def test_trailers_of_a_request_reach_the_app_without_those_that_harm() -> None:
    body = (
        b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"body") + b"0\r\nX-Sum: 1\r\nDigest: abc\r\nHost: evil\r\n\r\n"
    )
    async with App() as app, serving(app.url) as front:
        await front.ask(b"POST / HTTP/1.1\r\n" + HOST + body)
        _, seen = await app.asked_whole()
        assert (seen.body, seen.trailers) == (b"body", [("Digest", "abc")])


async def test_trailers_of_a_response_reach_the_client() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/", b"TE: trailers\r\nConnection: TE\r\n"))
        upstream, seen = await app.asked()
        assert (seen.all("te"), seen.all("connection")) == (["trailers"], ["TE"])
        upstream.writer.write(CHUNKED + chunk(b"data") + b"0\r\nServer-Timing: db;dur=1\r\nContent-Length: 9\r\n\r\n")
        answer = await take_answer(client)
        assert (answer.body, answer.trailers) == (b"data", [b"Server-Timing: db;dur=1"])


# One connection, several requests


async def test_pipelined_requests_are_answered_in_order() -> None:
    """RFC 9112 9.3.2. One at a time goes to the app, so no answer can overtake another."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/1") + post("/2", length=3) + b"two" + get("/3"))
        upstream, seen = await app.asked()
        for number in (1, 2, 3):
            assert seen.target == f"/{number}"
            assert await take_body(upstream, seen) == (b"two" if number == 2 else b"")
            assert upstream.inbox == b""
            upstream.writer.write(ok(b"answer %d" % number))
            assert (await take_answer(client)).body == b"answer %d" % number
            if number < 3:
                seen = await take_request(upstream)
        assert app.connections == 1


async def test_a_pipelined_request_behind_a_long_answer_waits_for_its_turn() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/long") + get("/next"))
        upstream, _ = await app.asked()
        upstream.writer.write(CHUNKED + chunk(b"going on"))
        await take(client, chunk(b"going on"))
        assert upstream.inbox == b""
        upstream.writer.write(b"0\r\n\r\n")
        assert (await take_request(upstream)).target == "/next"


async def test_connection_close_of_the_client_closes_after_the_answer_and_stays_between_the_two() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/", b"Connection: close\r\n"))
        upstream, seen = await app.asked()
        assert "close" not in seen.joined("connection")
        upstream.writer.write(ok())
        answer = await take_answer(client)
        assert (answer.body, answer.all("connection")) == (b"fine", ["close"])
        assert await take_end(client) is End.CLOSED


async def test_connection_close_of_the_app_stays_between_app_and_edge() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(ok(fields=b"Connection: close\r\nKeep-Alive: timeout=5\r\n"))
        answer = await take_answer(client)
        assert (answer.all("connection"), answer.all("keep-alive")) == ([], [])
        client.writer.write(get("/again"))
        _, seen = await app.asked()
        assert seen.target == "/again"


async def test_fields_that_connection_names_do_not_pass() -> None:
    """RFC 9110 7.6.1, in both directions."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/", b"Connection: X-Hop, keep-alive\r\nX-Hop: 1\r\nX-End: 2\r\n"))
        upstream, seen = await app.asked()
        assert (seen.all("x-hop"), seen.all("x-end"), seen.all("connection")) == ([], ["2"], [])
        upstream.writer.write(ok(fields=b"Connection: x-hop\r\nX-Hop: 1\r\nX-End: 2\r\n"))
        answer = await take_answer(client)
        assert (answer.all("x-hop"), answer.all("x-end")) == ([], ["2"])


# HTTP/1.0 clients


async def test_an_http_1_0_client_is_served_and_closed() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(b"GET /old HTTP/1.0\r\n\r\n")
        upstream, seen = await app.asked()
        assert (seen.version, seen.all("host")) == ("HTTP/1.1", [app.url.removeprefix("http://")])
        upstream.writer.write(ok())
        answer = await take_answer(client)
        assert (answer.body, answer.all("connection")) == (b"fine", ["close"])
        assert await take_end(client) is End.CLOSED


async def test_a_cut_answer_to_an_http_1_0_client_ends_with_a_reset() -> None:
    """Without framing, only a reset says that the body is not whole (RFC 9112 8)."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(b"GET / HTTP/1.0\r\n\r\n")
        upstream, _ = await app.asked()
        upstream.writer.write(CHUNKED + chunk(b"a part"))
        await take(client, b"a part")
        await upstream.close()
        assert await take_end(client) is End.RESET


# Truth


@pytest.mark.parametrize(
    ("head", "part"),
    [(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"a part"), (CHUNKED, chunk(b"a part"))],
    ids=["length", "chunked"],
)
async def test_a_truncated_answer_is_never_made_whole(head: bytes, part: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(head + part)
        await take_head(client)
        await take(client, part)
        await upstream.close()
        assert await take_end(client) is End.CLOSED  # and no last chunk before it
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason) == (Party.UPSTREAM, Reason.LOST)
        assert ended.detail == "the app's response broke off"


async def test_a_date_is_added_where_the_app_sent_none() -> None:
    """RFC 9110 6.6.1: a recipient with a clock that forwards a message without one adds it."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        assert len((await take_answer(client)).all("date")) == 1
        client.writer.write(get())
        await take_request(upstream)
        upstream.writer.write(ok(fields=b"Date: Sat, 29 Oct 1994 19:43:31 GMT\r\n"))
        assert (await take_answer(client)).all("date") == ["Sat, 29 Oct 1994 19:43:31 GMT"]


async def test_via_names_every_hop() -> None:
    """RFC 9110 7.6.3."""
    async with App() as app, serving(app.url) as front:
        await front.ask(get("/", b"Via: 1.1 outer\r\nVia: 2 outermost\r\n"))
        _, seen = await app.asked()
        outer, outermost, own = seen.all("via")[0].split(", ")
        assert (outer, outermost) == ("1.1 outer", "2 outermost")
        assert own.startswith("1.1 antechamber-")
