"""Upgrades: what is relayed, what is never relayed, and that only the app's 101 opens a tunnel (RFC 9110 7.8)."""

from __future__ import annotations

import os

import pytest

from antechamber.ledger import Shape
from tests.edge.app import SWITCHED, App, ok
from tests.edge.front import WEBSOCKET, Front, get, post, serving
from tests.edge.talk import take, take_answer, take_head, take_piece, take_request
from tests.hostile.wire import Wire


async def open_tunnel(app: App, front: Front, target: str = "/ws") -> tuple[Wire, Wire]:
    """An accepted upgrade: the app's end and the client's."""
    client = await front.ask(get(target, WEBSOCKET))
    upstream, _ = await app.asked()
    upstream.writer.write(SWITCHED)
    assert (await take_head(client)).status == 101
    return upstream, client


@pytest.mark.parametrize("target", ["/", "/api/global/event/ws", "/no/route/of/any/profile?x=1"])
async def test_a_websocket_opens_on_any_path(target: str) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get(target, WEBSOCKET + b"Origin: https://edge.test\r\n"))
        upstream, seen = await app.asked()
        assert seen.target == target
        assert (seen.all("connection"), seen.all("upgrade")) == (["Upgrade"], ["websocket"])
        assert seen.all("sec-websocket-key") == ["dGhlIHNhbXBsZSBub25jZQ=="]
        assert seen.all("origin") == ["https://edge.test"]
        upstream.writer.write(SWITCHED.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Accept: abc\r\n\r\n"))
        head = await take_head(client)
        assert (head.status, head.all("upgrade"), head.all("connection")) == (101, ["websocket"], ["Upgrade"])
        assert head.all("sec-websocket-accept") == ["abc"]
        assert (await front.book.next_opened()).shape is Shape.TUNNEL


async def test_a_tunnel_carries_any_octets_both_ways() -> None:
    """They need not be frames: a relay that reads them would choke on the next extension."""
    async with App() as app, serving(app.url) as front:
        upstream, client = await open_tunnel(app, front)
        for _ in range(5):
            octets = os.urandom(1500)
            client.writer.write(octets)
            assert await take_piece(upstream) == octets
            upstream.writer.write(octets[::-1])
            assert await take_piece(client) == octets[::-1]


async def test_octets_sent_right_behind_the_handshake_reach_the_app_after_its_101_only() -> None:
    """Held until the app has accepted, so that a refused upgrade cannot smuggle a request (RFC 9110 7.8)."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/ws", WEBSOCKET) + b"early octets")
        upstream, _ = await app.asked()
        assert upstream.inbox == b""
        upstream.writer.write(SWITCHED + b"app speaks first")
        assert await take(upstream, b"early octets")
        assert (await take_head(client)).status == 101
        assert await take(client, b"app speaks first")
        await upstream.close()
        await client.close()
        ended = await front.book.next_ended()
        assert (ended.bytes_up, ended.bytes_down) == (len(b"early octets"), len(b"app speaks first"))


async def test_a_refused_upgrade_passes_on_and_the_connection_serves_on() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/ws", WEBSOCKET))
        upstream, _ = await app.asked()
        upstream.writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 14\r\n\r\nInvalid origin")
        refused = await take_answer(client)
        assert (refused.status, refused.body) == (403, b"Invalid origin")
        client.writer.write(get("/next"))
        seen = await take_request(upstream)
        assert (seen.target, seen.all("upgrade")) == ("/next", [])


async def test_a_request_hidden_behind_a_refused_upgrade_is_a_request_of_its_own() -> None:
    """The octets behind the handshake are read as HTTP again, with all that the edge does to a request."""
    hidden = get("/hidden", b"X-Forwarded-For: 6.6.6.6\r\n")
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/ws", WEBSOCKET) + hidden)
        upstream, _ = await app.asked()
        upstream.writer.write(ok(b"not today"))
        assert (await take_answer(client)).body == b"not today"
        seen = await take_request(upstream)
        assert seen.target == "/hidden"
        assert seen.all("x-forwarded-for") == ["127.0.0.1"]


async def test_426_tells_the_client_which_protocol_is_wanted() -> None:
    """RFC 9110 15.5.22: a 426 must carry Upgrade, which is hop-by-hop, so the edge has to write it itself."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n")
        head = await take_head(client)
        assert (head.status, head.all("upgrade"), head.all("connection")) == (426, ["websocket"], ["Upgrade"])


# Tokens


async def test_a_token_that_the_policy_lists_is_relayed() -> None:
    async with App() as app, serving(app.url, upgrade=["connect-udp"]) as front:
        client = await front.ask(get("/", b"Connection: upgrade\r\nUpgrade: Connect-UDP\r\nCapsule-Protocol: ?1\r\n"))
        upstream, seen = await app.asked()
        assert seen.all("upgrade") == ["connect-udp"]
        upstream.writer.write(SWITCHED.replace(b"websocket", b"connect-udp"))
        assert (await take_head(client)).all("upgrade") == ["connect-udp"]
        client.writer.write(b"\x00\x01")
        assert await take_piece(upstream) == b"\x00\x01"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(b"Connection: Upgrade\r\nUpgrade: connect-udp\r\n", id="token not listed"),
        pytest.param(
            b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n",
            id="h2c",
        ),
        pytest.param(b"Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n", id="h2c beside websocket"),
        pytest.param(b"Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n", id="h2c on a line of its own"),
        pytest.param(b"Connection: keep-alive\r\nUpgrade: websocket\r\n", id="Connection does not name it"),
        pytest.param(b"Upgrade: websocket\r\n", id="no Connection"),
    ],
)
async def test_what_is_no_allowed_upgrade_is_an_ordinary_request(fields: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/", fields))
        upstream, seen = await app.asked()
        assert (seen.all("upgrade"), seen.all("http2-settings")) == ([], [])
        assert "upgrade" not in seen.joined("connection").lower()
        upstream.writer.write(ok())
        assert (await take_answer(client)).body == b"fine"


async def test_an_upgrade_with_a_body_is_an_ordinary_request() -> None:
    async with App() as app, serving(app.url) as front:
        await front.ask(post("/", WEBSOCKET, length=4) + b"body")
        _, seen = await app.asked_whole()
        assert (seen.all("upgrade"), seen.body) == ([], b"body")


@pytest.mark.parametrize("token", [b"h2c", b"websocket2", b"websocket, h2c"])
async def test_a_101_to_something_else_than_was_asked_for_is_a_bad_gateway(token: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/ws", WEBSOCKET))
        upstream, _ = await app.asked()
        upstream.writer.write(SWITCHED.replace(b"websocket", token))
        answer = await take_answer(client)
        assert answer.status == 502
        assert "error=http_upgrade_failed" in answer.all("proxy-status")[0]


async def test_a_101_that_nobody_asked_for_opens_no_tunnel() -> None:
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get())
        upstream, _ = await app.asked()
        upstream.writer.write(SWITCHED)
        assert (await take_answer(client)).status == 502
