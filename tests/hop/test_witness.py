"""The witness: it answers probes on the path they ask about, and whatever else passes is not touched."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from antechamber.hop.witness import Witness, witness
from antechamber.protocol.websocket import Binary, Close, Event, Receiver, Role, Text
from antechamber.protocol.websocket_frame import Opcode, encode_close, encode_frame
from antechamber.surface.request import FIELD_NAME, QUERY_KEY, Do, Form, ProbeRequest, format_field
from tests.edge.app import App, ok
from tests.edge.talk import PATIENCE_S, take, take_answer, take_end, take_head
from tests.hop.between import HOST, STREAM, SWITCHED, UPGRADE, event, frame, get, post
from tests.hostile.wire import End, Wire, after

TOKEN = "a-token-for-tests-only"
SPOKEN = (
    "X-Forwarded-For: 203.0.113.9, gopher",
    "X-Forwarded-Proto: wss",
    "X-Forwarded-Host: evil.example, other",
    "X-Real-IP: not an address",
    "Forwarded: for=_hidden",
    "CF-Connecting-IP: 203.0.113.9",
    "X_Forwarded_Odd: 1",
)
"""What no edge would pass on from a stranger."""


class Standing:
    """A witness before an app, and connections to it."""

    def __init__(self, running: Witness, app: App) -> None:
        self.app = app
        self._running = running
        self._wires: list[Wire] = []

    async def ask(self, request: bytes) -> Wire:
        wire = await Wire.dial("127.0.0.1", self._running.addresses[0].port)
        self._wires.append(wire)
        wire.writer.write(request)
        return wire

    async def close(self) -> None:
        for wire in self._wires:
            await wire.abort()


@asynccontextmanager
async def standing() -> AsyncIterator[Standing]:
    async with App() as app:
        running = witness(app.url, token=TOKEN)
        running.notices.say = print
        await running.start()
        there = Standing(running, app)
        try:
            yield there
        finally:
            await there.close()
            await running.close()


def probing(request: ProbeRequest) -> str:
    return f"{FIELD_NAME}: {format_field(request, TOKEN)}"


async def test_the_app_gets_what_the_proxy_said_word_by_word() -> None:
    async with standing() as there:
        client = await there.ask(get("/a?token=b", *SPOKEN, "Cookie: a=b"))
        app, seen = await there.app.asked()
        assert seen.target == "/a?token=b"
        assert seen.all("host") == [HOST]
        for line in SPOKEN[:6]:
            name, _, value = line.partition(": ")
            assert seen.all(name) == [value], name
        app.writer.write(ok(b"fine", b"Server: app\r\n"))
        answer = await take_answer(client)
        assert answer.body == b"fine"


async def test_streams_and_sockets_pass_and_nothing_is_mended() -> None:
    async with standing() as there:
        client = await there.ask(get("/events"))
        app, _ = await there.app.asked()
        app.writer.write(STREAM + event(1))
        head = await take_head(client)
        assert head.all("x-accel-buffering") == head.all("cache-control") == []
        assert await take(client, event(1)) == event(1)
        socket = await there.ask(get("/socket")[:-2] + UPGRADE + b"\r\n")
        other, _ = await there.app.asked()
        other.writer.write(SWITCHED + frame(b"down"))
        assert (await take_head(socket)).status == 101
        assert await take(socket, frame(b"down"))
        socket.writer.write(frame(b"up", masked=True))
        assert await take(other, frame(b"up", masked=True))


async def test_an_echo_tells_what_arrived_on_the_very_path_and_the_app_hears_nothing() -> None:
    async with standing() as there:
        asking = probing(ProbeRequest(do=Do.ECHO, id="one"))
        answer = await take_answer(await there.ask(get("/any/path?q=1", asking, "Via: 1.1 outer", *SPOKEN)))
        assert answer.all("antechamber-answer") == ["do=echo; id=one"]
        told = json.loads(answer.body)
        assert told["target"] == "/any/path?q=1"
        arrived = dict(told["headers"])
        for line in SPOKEN[:6]:
            name, _, value = line.partition(": ")
            assert arrived[name.lower()] == value
        assert arrived["via"] == "1.1 outer"
        assert arrived["host"] == HOST
        app = await there.app.accepted()
        assert app.reader._buffer == b""  # type: ignore[attr-defined]  # nothing has come, read or not


async def test_the_head_of_a_stream_does_not_wait_for_its_first_event() -> None:
    async with standing() as there:
        client = await there.ask(get("/events", probing(ProbeRequest(do=Do.STREAM, quiet_s=7000))))
        assert (await take_head(client)).all("antechamber-answer") == ["do=stream"]


async def test_a_client_that_leaves_a_quiet_stream_has_left_it() -> None:
    async with standing() as there:
        quiet = ProbeRequest(do=Do.STREAM, id="one", quiet_s=7000)
        client = await there.ask(get("/events", probing(quiet)))
        await take_head(client)
        await client.abort()
        question = ProbeRequest(do=Do.DEPARTURE, id="one", within_s=PATIENCE_S)
        told = json.loads((await take_answer(await there.ask(get("/events", probing(question))))).body)
        assert told["state"] == "left"


async def test_the_token_may_stand_in_the_query_and_a_wrong_one_is_the_apps() -> None:
    async with standing() as there:
        value = format_field(ProbeRequest(do=Do.ECHO), TOKEN)
        answer = await take_answer(await there.ask(get("/x?" + urlencode({QUERY_KEY: value}))))
        assert answer.all("antechamber-answer") == ["do=echo"]
        await there.ask(get("/y", f"{FIELD_NAME}: not-the-token; do=echo"))
        _, seen = await there.app.asked()  # on the connection that the echo had no use for
        assert seen.target == "/y"


async def test_the_pieces_of_a_body_are_told_as_they_came() -> None:
    asking = probing(ProbeRequest(do=Do.ECHO)).encode() + b"\r\n"
    async with standing() as there:
        client = await there.ask(post(6)[:-2] + asking + b"\r\nabc")
        app = await there.app.accepted()
        page = await there.ask(get("/page"))
        other, _ = await there.app.asked()
        other.writer.write(ok())
        await take_answer(page)
        client.writer.write(b"def")
        body = json.loads((await take_answer(client)).body)["body"]
        assert (body["size"], body["pieces"]) == (6, 2)
        assert app.reader._buffer == b""  # type: ignore[attr-defined]


async def test_a_chunked_body_and_an_expectation_are_understood() -> None:
    head = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
    async with standing() as there:
        client = await there.ask(head + probing(ProbeRequest(do=Do.ECHO)).encode() + b"\r\n\r\n")
        assert (await take_head(client)).status == 100
        client.writer.write(b"3\r\nabc\r\n0\r\n\r\n")
        assert json.loads((await take_answer(client)).body)["body"]["size"] == 3


async def test_a_stream_is_paced_and_outlives_the_apps_idle_connection() -> None:
    """The connection to the app idles meanwhile, and an app closes idle connections."""
    async with standing() as there:
        plan = ProbeRequest(do=Do.STREAM, count=3, pace_s=0.2)
        client = await there.ask(get("/events", probing(plan)))
        app = await there.app.accepted()
        assert (await take_head(client)).all("content-type") == ["text/event-stream"]
        await app.abort()
        for number in (1, 2, 3):
            await take(client, b"id: %d\n" % number)
        await take(client, b"0\r\n\r\n")
        client.writer.write(get("/after"))
        other, seen = await there.app.asked()
        assert seen.target == "/after"
        other.writer.write(ok(b"still here"))
        assert (await take_answer(client)).body == b"still here"


async def test_a_request_behind_a_probe_is_served_although_the_app_closed_the_connection_meanwhile() -> None:
    async with standing() as there:
        plan = ProbeRequest(do=Do.STREAM, count=2, pace_s=0.2)
        client = await there.ask(get("/events", probing(plan)) + get("/after"))
        app = await there.app.accepted()
        await take_head(client)
        await app.abort()
        other, seen = await there.app.asked()
        assert seen.target == "/after"
        other.writer.write(ok(b"still here"))
        await take(client, b"0\r\n\r\n")
        assert (await take_answer(client)).body == b"still here"


async def test_a_client_that_finishes_its_side_of_a_probed_socket_is_let_go() -> None:
    async with standing() as there:
        asking = probing(ProbeRequest(do=Do.ECHO)).encode() + b"\r\n"
        client = await there.ask(get("/socket")[:-2] + UPGRADE + asking + b"\r\n")
        assert (await take_head(client)).status == 101
        await events_of(client, 1)
        client.send_eof()
        assert await take_end(client) is End.CLOSED


async def test_a_stream_of_megabytes_waits_for_a_client_that_does_not_read() -> None:
    plan = ProbeRequest(do=Do.STREAM, count=32, pace_s=0.0, size_bytes=1024 * 1024, form=Form.BYTES)
    async with standing() as there:
        client = await there.ask(get("/large", probing(plan)))
        answer = await take_answer(client)
        assert len(answer.body) > 32 * 1024 * 1024
        assert answer.whole


async def test_a_sink_that_reads_slowly_slows_the_client() -> None:
    size = 24 * 1024 * 1024
    asking = probing(ProbeRequest(do=Do.SINK, rate_bytes_per_s=64 * 1024)).encode() + b"\r\n"
    async with standing() as there:
        client = await there.ask(post(size)[:-2] + asking + b"\r\n")
        client.send_beside(bytes(size))
        (sending,) = client.sending
        assert not await client.fill(after(1.0))
        assert not sending.done()


async def test_a_client_that_leaves_ends_the_answer() -> None:
    async with standing() as there:
        client = await there.ask(get("/events", probing(ProbeRequest(do=Do.STREAM, count=2, pace_s=3600.0))))
        await take_head(client)
        app = await there.app.accepted()
        await client.abort()
        assert await app.until_end(after(PATIENCE_S))


async def events_of(client: Wire, wanted: int) -> list[Event]:
    receiver, events = Receiver(Role.CLIENT), list[Event]()
    while len(events) < wanted:
        if not client.inbox:
            assert await client.fill(after(PATIENCE_S)), events
        events += receiver.feed(client.take(len(client.inbox)))
    return events


async def test_on_a_socket_the_first_message_is_what_arrived_and_then_it_echoes() -> None:
    async with standing() as there:
        asking = probing(ProbeRequest(do=Do.ECHO)).encode() + b"\r\n"
        client = await there.ask(get("/socket", *SPOKEN)[:-2] + UPGRADE + asking + b"\r\n")
        assert (await take_head(client)).status == 101
        (first,) = await events_of(client, 1)
        assert isinstance(first, Text)
        arrived = dict(json.loads(first.text)["headers"])
        assert arrived["x-forwarded-proto"] == "wss"
        assert arrived["upgrade"] == "websocket"
        client.writer.write(encode_frame(Opcode.BINARY, b"x" * 70_000, mask=b"abcd"))
        assert await events_of(client, 1) == [Binary(b"x" * 70_000)]
        client.writer.write(encode_close(1000, mask=b"abcd"))
        assert await events_of(client, 1) == [Close(1000, "")]
        assert await take_end(client) is End.CLOSED


async def test_a_stream_on_a_socket_ends_with_a_close() -> None:
    async with standing() as there:
        asking = probing(ProbeRequest(do=Do.STREAM, count=2, pace_s=0.01)).encode() + b"\r\n"
        client = await there.ask(get("/socket")[:-2] + UPGRADE + asking + b"\r\n")
        assert (await take_head(client)).status == 101
        events = await events_of(client, 4)
        assert events[-1] == Close(1000, "")
        assert await take_end(client) is End.CLOSED


async def test_a_probe_that_cannot_be_understood_is_told_why() -> None:
    async with standing() as there:
        answer = await take_answer(await there.ask(get("/x", f"{FIELD_NAME}: {TOKEN}; do=dance")))
        assert answer.status == 400
        assert b"do must be one of" in answer.body
        asking = f"{FIELD_NAME}: {TOKEN}; do=dance\r\n".encode()
        refused = await take_answer(await there.ask(get("/socket")[:-2] + UPGRADE + asking + b"\r\n"))
        assert refused.status == 400
