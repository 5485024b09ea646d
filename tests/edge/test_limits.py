"""Bounds on what comes from outside: at the bound it passes, above it the refusal says who, how much and which setting.

Statuses: 414 and 431 (RFC 9110 15.5.15, RFC 6585 5), 413 (15.5.14), 503 with Retry-After for overload (15.6.4).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from antechamber.ledger import Reason
from tests.edge.app import EVENT_STREAM, SWITCHED, App, chunk, ok
from tests.edge.front import HOST, WEBSOCKET, Front, get, post, serving
from tests.edge.talk import take, take_answer, take_body, take_end, take_head
from tests.hostile.wire import End, Wire

MIB = 1 << 20


@asynccontextmanager
async def limited(**limits: str | list[str]) -> AsyncIterator[tuple[App, Front]]:
    async with App() as app, serving(app.url, profile="generic", **limits) as front:
        yield app, front


async def passes(app: App, front: Front, request: bytes) -> bool:
    """Whether the app gets ``request``; if not, the refusal is checked by the caller's own test."""
    await front.ask(request)
    _, seen = await app.asked_whole()
    return seen.complete


# Heads


def line_of(size: int) -> bytes:
    """A request line of ``size`` octets."""
    return b"GET /%b HTTP/1.1" % (b"a" * (size - len("GET / HTTP/1.1")))


async def test_a_request_line_may_be_as_long_as_the_limit() -> None:
    async with limited(max_request_line="1KiB") as (app, front):
        assert await passes(app, front, line_of(1024) + b"\r\n" + HOST + b"\r\n")


@pytest.mark.parametrize("rest", [b"\r\n" + HOST + b"\r\n", b""], ids=["whole head", "unfinished"])
async def test_a_longer_request_line_is_414(rest: bytes) -> None:
    async with limited(max_request_line="1KiB") as (_, front):
        answer = await take_answer(await front.ask(line_of(1100) + rest))
        assert (answer.status, answer.all("connection")) == (414, ["close"])
        assert b"longer than 1024 bytes" in answer.body


def head_of(size: int) -> bytes:
    """A head of ``size`` octets, the empty line included."""
    start, end = b"GET / HTTP/1.1\r\n" + HOST + b"X-Long: ", b"\r\n\r\n"
    return start + b"a" * (size - len(start) - len(end)) + end


async def test_a_head_may_be_as_large_as_the_limit() -> None:
    async with limited(max_header_block="4KiB") as (app, front):
        assert await passes(app, front, head_of(4096))


@pytest.mark.parametrize("cut", [0, 100], ids=["whole head", "unfinished"])
async def test_a_larger_head_is_431(cut: int) -> None:
    async with limited(max_header_block="4KiB") as (_, front):
        request = head_of(4400)
        answer = await take_answer(await front.ask(request[: len(request) - cut]))
        assert (answer.status, answer.all("connection")) == (431, ["close"])
        assert b"larger than 4096 bytes" in answer.body


async def test_as_many_fields_as_the_limit_pass_and_one_more_is_431() -> None:
    async with limited(max_header_count="20") as (app, front):
        fields = b"".join(b"X-%d: 1\r\n" % number for number in range(19))
        assert await passes(app, front, get("/", fields))
        answer = await take_answer(await front.ask(get("/", fields + b"X-More: 1\r\n")))
        assert (answer.status, b"more than 20 header fields" in answer.body) == (431, True)


@pytest.mark.parametrize(
    ("limit", "head"),
    [
        ({"max_response_header_block": "4KiB"}, b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 5000 + b"\r\n\r\n"),
        ({"max_response_header_count": "20"}, b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 21 + b"\r\n"),
    ],
    ids=["size", "count"],
)
async def test_an_answer_whose_head_is_too_large_is_a_told_502(limit: dict[str, str], head: bytes) -> None:
    async with limited(**limit) as (app, front):
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(head)
        answer = await take_answer(client)
        assert answer.status == 502
        assert "error=http_response_header_section_size" in answer.all("proxy-status")[0]


# Bodies


def chunked_post(target: str = "/", fields: bytes = b"") -> bytes:
    return b"POST %b HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n%b\r\n" % (target.encode(), HOST, fields)


async def test_a_body_may_be_as_large_as_the_limit() -> None:
    async with limited(body_limit="1KiB") as (app, front):
        assert await passes(app, front, post(length=1024) + bytes(1024))
        assert await passes(app, front, chunked_post() + chunk(bytes(512)) * 2 + b"0\r\n\r\n")


async def test_a_body_that_says_to_be_larger_is_refused_before_the_app_hears_of_it() -> None:
    async with limited(body_limit="1KiB") as (app, front):
        client = await front.ask(post(length=1025))
        answer = await take_answer(client)
        assert (answer.status, answer.all("connection")) == (413, ["close"])
        assert await take_end(client) is End.CLOSED
        assert app.connections == 0
        ended = await front.book.next_ended()
        assert (ended.status, ended.reason) == (413, Reason.TOO_LARGE)


async def test_with_an_expectation_it_is_refused_before_it_is_sent() -> None:
    async with limited(body_limit="1KiB") as (_, front):
        answer = await take_answer(await front.ask(post("/", b"Expect: 100-continue\r\n", length=MIB)))
        assert (answer.status, answer.interim) == (413, [])


async def test_a_body_that_grows_larger_is_refused_and_the_app_let_go() -> None:
    async with limited(body_limit="1KiB") as (app, front):
        client = await front.ask(chunked_post() + chunk(bytes(1000)))
        upstream, _ = await app.asked()
        await take(upstream, chunk(bytes(1000)))
        client.writer.write(chunk(bytes(25)))
        answer = await take_answer(client)
        assert (answer.status, answer.all("connection")) == (413, ["close"])
        assert await take_end(upstream) is not End.OPEN  # and never a last chunk: a part is not the whole


@pytest.mark.parametrize(
    "request_head", [post(length=1025), chunked_post() + chunk(bytes(1025))], ids=["length", "chunked"]
)
async def test_a_413_says_which_hop_which_limit_and_which_setting(request_head: bytes) -> None:
    async with limited(body_limit="1KiB") as (_, front):
        answer = await take_answer(await front.ask(request_head))
        told = answer.body.decode()
        assert "Antechamber" in told
        assert "1024 bytes" in told
        assert "body-limit" in told
        assert answer.all("proxy-status")[0].startswith("antechamber; error=http_request_error")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (b"text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        (b"application/json", "application/json"),
        (b"application/problem+json, */*", "application/json"),
        (b"*/*", "text/plain; charset=utf-8"),
        (b"", "text/plain; charset=utf-8"),
    ],
)
async def test_a_refusal_comes_in_the_form_that_the_client_accepts(accept: bytes, kind: str) -> None:
    field = b"Accept: %b\r\n" % accept if accept else b""
    async with limited(body_limit="1KiB") as (_, front):
        answer = await take_answer(await front.ask(post("/", field, length=2000)))
        assert answer.whole
        assert answer.all("content-type") == [kind]
        assert answer.all("cache-control") == ["no-store"]
        if kind == "application/json":
            told = json.loads(answer.body)
            assert (told["status"], told["hop"]) == (413, "antechamber")
            assert "1024 bytes" in told["detail"]
        elif kind.startswith("text/html"):
            assert b"<!doctype html>" in answer.body
            assert b"1024 bytes" in answer.body


async def test_a_route_may_have_a_body_limit_of_its_own(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[[route]]\npath = "/api/fs/upload"\nbody-limit = "2KiB"\n')
    async with App() as app, serving(app.url, body_limit="1KiB", config=str(site)) as front:
        client = await front.ask(post("/api/fs/upload?path=a", length=2048) + bytes(2048))
        upstream, seen = await app.asked()
        assert len(await take_body(upstream, seen)) == 2048
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200
        for target, size in (("/api/fs/upload", 2049), ("/api/other", 1025)):
            answer = await take_answer(await front.ask(post(target, length=size)))
            assert (answer.status, f"{size - 1} bytes" in answer.body.decode()) == (413, True)


LENIENT = [
    "/api/fs/upload/../../small",
    "/api/fs/upload/%2e%2e/%2E%2E/small",
    "/api/fs/upload/..%2f../small",
    "/api/fs/upload;x/../../small",
    "/api/fs/upload\\..\\..\\small",
    "//api/small",
    "/api//small?x=/",
    "/api/./small",
    "/api/small;x=y",
    "/api%2fsmall",
]


@pytest.mark.parametrize("target", LENIENT)
async def test_a_path_that_an_app_may_resolve_otherwise_gets_the_smaller_limit_of_both(
    target: str, tmp_path: Path
) -> None:
    """Whoever merges slashes or removes dot segments sees ``/api/small`` (RFC 3986 6.2.2.3)."""
    site = tmp_path / "site.toml"
    site.write_text(
        '[[route]]\npath = "/api/fs/upload/*"\nkind = "upload"\nbody-limit = "4KiB"\n'
        '[[route]]\npath = "/api/small"\nkind = "api"\nbody-limit = "1KiB"\n'
    )
    async with App() as app, serving(app.url, body_limit="2KiB", config=str(site)) as front:
        for _ in range(2):  # the second time from memory
            answer = await take_answer(await front.ask(post(target, length=1025)))
            assert (answer.status, "1024 bytes" in answer.body.decode()) == (413, True)
        await front.ask(post(target, length=1024))
        _, seen = await app.asked()
        assert seen.target == target


@pytest.mark.parametrize(("profile", "limit"), [("openchamber", 140 * MIB), ("generic", 50 * MIB)])
async def test_the_limit_comes_from_the_profile(profile: str, limit: int) -> None:
    """OpenChamber takes uploads of 100 MiB and inlines them as base64; elsewhere the guide's 50 MiB hold."""
    async with App() as app, serving(app.url, profile=profile) as front:
        await front.ask(post("/api/fs/upload", length=limit))
        await app.asked()
        answer = await take_answer(await front.ask(post("/api/fs/upload", length=limit + 1)))
        assert (answer.status, f"{limit} bytes" in answer.body.decode()) == (413, True)


# Connections


async def must_refuse(front: Front, request: bytes, *, source: str = "", setting: bytes) -> None:
    """A complete 503 that says when to come back and which setting is at its bound; the operator is told too."""
    client = await front.ask(request, source=source)
    answer = await take_answer(client)
    assert (answer.status, answer.whole) == (503, True)
    assert int(answer.all("retry-after")[0]) > 0
    assert "error=connection_limit_reached" in answer.all("proxy-status")[0]
    assert setting in answer.body
    assert any("refusing with 503" in line and setting.decode() in line for line in front.said)


async def serves(app: App, client: Wire) -> bool:
    """Whether a request on a connection that is open already is answered."""
    client.writer.write(get("/served", b"Connection: close\r\n"))
    upstream, _ = await app.asked()
    upstream.writer.write(ok(fields=b"Connection: close\r\n"))
    return (await take_answer(client)).status == 200


async def test_connections_above_the_limit_are_refused_and_the_others_served() -> None:
    async with limited(max_connections="3") as (app, front):
        held = [await front.dial() for _ in range(3)]
        await must_refuse(front, get(), setting=b"max-connections")
        for client in held:
            assert await serves(app, client)
            assert await take_end(client) is End.CLOSED


async def left(client: Wire) -> None:
    """The client goes, and the edge has counted it out: it closes its own end only afterwards."""
    client.send_eof()
    assert await take_end(client) is End.CLOSED


async def test_a_connection_that_ends_makes_room() -> None:
    async with limited(max_connections="1") as (app, front):
        first = await front.dial()
        refused = await front.ask(get())
        assert (await take_answer(refused)).status == 503
        await left(refused)
        await left(first)
        assert await serves(app, await front.dial())


async def test_one_address_cannot_take_all_connections() -> None:
    async with limited(max_connections_per_client="2") as (app, front):
        held = [await front.dial(source="127.0.0.2") for _ in range(2)]
        await must_refuse(front, get(), source="127.0.0.2", setting=b"max-connections-per-client")
        assert await serves(app, await front.dial(source="127.0.0.3"))
        await left(held[0])
        held.append(await front.dial(source="127.0.0.3"))
        await must_refuse(front, get(), source="127.0.0.2", setting=b"max-connections-per-client")


async def test_a_trusted_proxy_speaks_for_many_clients_and_is_exempt() -> None:
    async with limited(max_connections_per_client="2", trust=["127.0.0.2"]) as (app, front):
        held = [await front.dial(source="127.0.0.2") for _ in range(5)]
        for client in held:
            assert await serves(app, client)
        assert front.said == []


# Streams


async def test_streams_above_the_limit_are_refused_and_pages_still_served() -> None:
    async with limited(max_streams="2") as (app, front):
        events = await front.ask(get("/events"))
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM)
        await take_head(events)
        socket = await front.ask(get("/ws", WEBSOCKET))
        upstream, _ = await app.asked()
        upstream.writer.write(SWITCHED)
        await take_head(socket)

        await must_refuse(front, get("/ws", WEBSOCKET), setting=b"max-streams")
        assert app.connections == 2  # an upgrade above the limit does not even reach the app
        third = await front.ask(get("/events"))
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM)
        answer = await take_answer(third)
        assert (answer.status, answer.all("retry-after")) == (503, ["5"])
        assert await take_end(upstream) is not End.OPEN
        assert await serves(app, third)

        await left(events)
        again = await front.ask(get("/events"))
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM)
        assert (await take_head(again)).status == 200


async def test_what_is_sent_ahead_of_its_turn_is_bounded() -> None:
    """Pipelined octets wait in the kernel, not in the edge's memory."""
    async with limited() as (app, front):
        client = await front.ask(get("/events"))
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM)
        await take_head(client)
        client.send_beside(get("/flood") * (32 * MIB // len(get("/flood"))))
        upstream.writer.write(chunk(b"data: 1\n\n"))
        await take(client, chunk(b"data: 1\n\n"))
        assert front.edge.setting is not None
        (connection,) = front.edge.setting.connections
        while not connection.paused:
            upstream.writer.write(chunk(b"data: 2\n\n"))
            await take(client, chunk(b"data: 2\n\n"))
        assert len(connection.take_held()) < MIB
        assert not client.sending[0].done()
