"""The observing surface in front of a bare ASGI app: what it answers, what it hides, and when it is not there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.surface import redact
from antechamber.surface.asgi import Message, Receive, Scope, Send
from antechamber.surface.middleware import Surface
from antechamber.surface.plan import piece, total_bytes, waits
from antechamber.surface.request import Do, Form, ProbeRequest

TOKEN = "the-operators-token"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The app behind: says that it was reached."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"the app"})
    else:
        await send({"type": "websocket.close", "code": 4999})


async def ask(
    headers: Sequence[tuple[str, str]] = (),
    *,
    token: str = TOKEN,
    query: str = "",
    kind: str = "http",
    incoming: Sequence[Message] = ({"type": "http.request", "body": b"", "more_body": False},),
    method: str = "GET",
    extensions: dict[str, Any] | None = None,
    path: str = "/api/event",
) -> list[Message]:
    """One conversation with the surface; what it sent."""
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "http_version": "1.1",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.1", 4711),
        "extensions": extensions or {},
    }
    left = [*incoming]
    sent: list[Message] = []

    async def receive() -> Message:
        if left:
            return left.pop(0)
        if kind == "http":
            await asyncio.Event().wait()  # a client that stays says nothing more
        await asyncio.sleep(0)
        return {"type": "websocket.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Surface(app, token=token)(scope, receive, send)
    return sent


def body_of(sent: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def probe(asked: str) -> tuple[str, str]:
    return ("Antechamber-Probe", f"{TOKEN}; {asked}")


@pytest.mark.parametrize(
    ("token", "headers", "query"),
    [
        (TOKEN, [], ""),
        (TOKEN, [("Antechamber-Probe", "another-token; do=echo")], ""),
        (TOKEN, [("Antechamber-Probe", "")], ""),
        (TOKEN, [("Antechamber-Probe", "another-token; nonsense")], ""),
        (TOKEN, [("Antechamber-Probe", f"{TOKEN}x; do=echo")], ""),
        (TOKEN, [("Antechamber-Probe", f"{TOKEN[:-1]}; do=echo")], ""),
        (TOKEN, [], "antechamber-probe=another-token;do=echo"),
        (TOKEN, [], "&".join(["antechamber-probe=x"] * 100)),
        (TOKEN, [("Antechamber-Probe", "ü")], ""),
        ("", [probe("do=echo")], ""),
        ("", [("Antechamber-Probe", "; do=echo")], ""),
        ("", [("Antechamber-Probe", "")], "antechamber-probe="),
    ],
)
async def test_without_the_operators_token_the_app_answers_as_if_nothing_were_there(
    token: str, headers: list[tuple[str, str]], query: str
) -> None:
    assert (await ask(headers, token=token, query=query))[0]["status"] == 299
    assert (await ask(headers, token=token, query=query, kind="websocket"))[0]["code"] == 4999


async def test_an_echo_tells_the_request_and_when_the_pieces_of_its_body_came() -> None:
    incoming: list[Message] = [
        {"type": "http.request", "body": b"hello ", "more_body": True},
        {"type": "http.request", "body": b"", "more_body": True},
        {"type": "http.request", "body": b"world", "more_body": False},
    ]
    headers = [probe("do=echo; id=a1"), ("X-Twice", "1"), ("X-Forwarded-For", "192.0.2.7"), ("X-Twice", "2")]
    sent = await ask(headers, incoming=incoming, method="POST", query="a=b")
    told = json.loads(body_of(sent))
    assert sent[0]["status"] == 200
    assert (b"Antechamber-Answer", b"do=echo; id=a1") in sent[0]["headers"]
    assert (told["method"], told["target"], told["http_version"]) == ("POST", "/api/event?a=b", "1.1")
    assert told["headers"][1:] == [["x-twice", "1"], ["x-forwarded-for", "192.0.2.7"], ["x-twice", "2"]]
    assert told["peer"] == "192.0.2.1:4711"
    assert (told["body"]["size"], told["body"]["pieces"]) == (11, 2)
    assert told["body"]["sha256"] == "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
    first, second = told["body"]["first_pieces"]
    assert (first["size"], second["size"]) == (6, 5)
    assert told["at_ns"] <= first["at_ns"] <= second["at_ns"]


async def test_the_query_asks_too_and_the_field_wins_over_it() -> None:
    by_query = await ask(query=f"antechamber-probe={TOKEN}%3Bdo%3Decho%3Bid%3Dq")
    assert json.loads(body_of(by_query))["id"] == "q"
    both = await ask([probe("do=echo; id=f")], query=f"antechamber-probe={TOKEN}%3Bdo%3Decho%3Bid%3Dq")
    assert json.loads(body_of(both))["id"] == "f"


async def test_what_is_misspelt_is_400_with_the_reason() -> None:
    sent = await ask([probe("do=dance")])
    assert sent[0]["status"] == 400
    assert (
        body_of(sent) == b"Antechamber-Probe: do must be one of echo, stream, sink, departure, redirect, not 'dance'\n"
    )
    twice = await ask([probe("do=echo"), probe("do=echo")])
    assert b"more than once" in body_of(twice)


async def test_what_is_misspelt_on_a_socket_is_refused_before_the_handshake() -> None:
    incoming = [{"type": "websocket.connect"}]
    with_reason = await ask(
        [probe("do=dance")], kind="websocket", incoming=incoming, extensions={"websocket.http.response": {}}
    )
    assert with_reason[0]["status"] == 400
    assert b"do must be one of" in body_of(with_reason)
    plain = await ask([probe("do=dance")], kind="websocket", incoming=incoming)
    assert plain[0]["type"] == "websocket.close"


async def test_secrets_are_replaced_unless_they_equal_the_probers_marker() -> None:
    headers = [
        probe("do=echo; marker=mark-1"),
        ("Cookie", "oc_ui_session=eyJ; mine=mark-1; odd"),
        ("Authorization", "Bearer abcdef"),
        ("Authorization", "Bearer mark-1"),
        ("X-Api-Key", "k"),
    ]
    told = json.loads(body_of(await ask(headers, query="oc_url_token=abc&token=mark-1&directory=%2Fa")))
    values = [value for _, value in told["headers"]]
    assert values == [
        f"(redacted, {len(TOKEN)} octets); do=echo; marker=mark-1",
        "oc_ui_session=(redacted, 3 octets); mine=mark-1; (redacted, 3 octets)",
        "Bearer (redacted, 6 octets)",
        "Bearer mark-1",
        "(redacted, 1 octets)",
    ]
    assert told["target"] == "/api/event?oc_url_token=(redacted, 3 octets)&token=mark-1&directory=%2Fa"


def test_the_token_in_a_query_is_never_shown() -> None:
    shown = redact.target(f"/x?antechamber-probe={TOKEN};do=echo;marker={TOKEN}", marker=TOKEN)
    assert TOKEN not in shown


async def test_a_stream_sends_what_was_planned_each_with_its_time() -> None:
    sent = await ask([probe("do=stream; count=4; pace=0; size=5")])
    head = dict(sent[0]["headers"])
    assert head[b"Content-Type"] == b"text/event-stream"
    assert head[b"X-Accel-Buffering"] == b"no"
    assert b"Content-Length" not in head
    assert sent[1] == {"type": "http.response.body", "body": b"", "more_body": True}, "the head does not wait"
    events = [message["body"].decode() for message in sent[2:-1]]
    assert len(events) == 4
    values = [json.loads(event.split("data: ")[1]) for event in events]
    assert [value["n"] for value in values] == [1, 2, 3, 4]
    assert all(value["of"] == 4 and value["pad"] == "xxxxx" for value in values)
    assert [value["sent"] for value in values] == sorted(value["sent"] for value in values)
    assert not sent[-1].get("more_body", False)


async def test_a_stream_may_leave_out_the_sign_against_buffering_and_announce_its_length() -> None:
    sent = await ask([probe("do=stream; count=12; pace=0; accel=absent; length=known; as=bytes; size=3")])
    head = dict(sent[0]["headers"])
    assert b"X-Accel-Buffering" not in head
    assert head[b"Content-Type"] == b"application/octet-stream"
    assert int(head[b"Content-Length"]) == len(body_of(sent))


async def test_comments_stand_before_each_event_and_in_its_length_too() -> None:
    sent = await ask([probe("do=stream; count=3; pace=0; comments=sent; length=known")])
    body = body_of(sent)
    assert [line for line in body.split(b"\n") if line.startswith(b":")] == [b": antechamber"] * 3
    assert int(dict(sent[0]["headers"])[b"Content-Length"]) == len(body)


async def test_a_redirect_leads_to_a_path_of_this_host_whatever_the_path_was() -> None:
    head = await ask([probe("do=redirect")])
    assert head[0]["status"] == 302
    assert dict(head[0]["headers"])[b"Location"] == b"/api/event?antechamber-redirected"
    elsewhere = await ask([probe("do=redirect")], path="//stranger.invalid/")
    assert dict(elsewhere[0]["headers"])[b"Location"].startswith(b"/stranger.invalid/")


async def test_an_echo_sets_a_cookie_that_nobody_keeps() -> None:
    fields = dict((await ask([probe("do=echo")]))[0]["headers"])
    assert b"Max-Age=0" in fields[b"Set-Cookie"]


@pytest.mark.parametrize("asked", ["do=departure; id=x", "do=redirect"])
async def test_what_is_no_conversation_is_not_had_on_a_socket(asked: str) -> None:
    incoming = [{"type": "websocket.connect"}]
    sent = await ask([probe(asked)], kind="websocket", incoming=incoming, extensions={"websocket.http.response": {}})
    assert sent[0]["status"] == 400
    assert b"not on a WebSocket" in body_of(sent)


async def test_the_head_of_a_stream_alone_has_no_body() -> None:
    assert body_of(await ask([probe("do=stream")], method="HEAD")) == b""


def test_the_quiet_start_the_pace_and_the_silence_before_the_last() -> None:
    asked = ProbeRequest(do=Do.STREAM, count=4, pace_s=1, quiet_s=5, silence_s=60)
    assert list(waits(asked)) == [5, 1, 1, 61]
    assert asked.planned_s == sum(waits(asked))
    assert list(waits(ProbeRequest(do=Do.STREAM, count=1, quiet_s=5, silence_s=60))) == [65]


@given(st.integers(1, 300), st.integers(0, 50), st.sampled_from(Form), st.floats(0, 9_999_999_999))
def test_the_announced_length_is_the_length(count: int, size: int, form: Form, sent: float) -> None:
    asked = ProbeRequest(do=Do.STREAM, count=count, size_bytes=size, form=form)
    assert total_bytes(asked) == sum(len(piece(asked, number, sent=sent)) for number in range(1, count + 1))


async def test_a_sink_reads_no_faster_than_asked() -> None:
    incoming: list[Message] = [
        {"type": "http.request", "body": b"x" * 100, "more_body": number < 4} for number in range(5)
    ]
    body = json.loads(body_of(await ask([probe("do=sink; rate=2000")], incoming=incoming)))["body"]
    assert body["size"] == 500
    assert body["seconds"] >= 500 / 2000


async def test_pieces_are_told_one_by_one_up_to_a_bound() -> None:
    incoming: list[Message] = [
        {"type": "http.request", "body": b"x", "more_body": number < 4999} for number in range(5000)
    ]
    body = json.loads(body_of(await ask([probe("do=echo")], incoming=incoming)))["body"]
    assert (body["pieces"], len(body["first_pieces"])) == (5000, 4096)


async def test_a_socket_lists_what_arrived_and_echoes() -> None:
    incoming: list[Message] = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "text"},
        {"type": "websocket.receive", "bytes": b"\x00\xff", "text": None},
    ]
    sent = await ask([probe("do=echo"), ("X-Real-IP", "192.0.2.9")], kind="websocket", incoming=incoming)
    assert sent[0] == {"type": "websocket.accept"}
    told = json.loads(sent[1]["text"])
    assert ["x-real-ip", "192.0.2.9"] in told["headers"]
    assert sent[2:] == [{"type": "websocket.send", "text": "text"}, {"type": "websocket.send", "bytes": b"\x00\xff"}]


async def test_a_socket_sinks_at_the_asked_rate_and_counts() -> None:
    incoming: list[Message] = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "bytes": b"x" * 100},
        {"type": "websocket.receive", "text": "é" * 50},
    ]
    sent = await ask([probe("do=sink; rate=1000")], kind="websocket", incoming=incoming)
    first, second = (json.loads(message["text"]) for message in sent[2:])
    assert (first["messages"], first["size"], second["messages"], second["size"]) == (1, 100, 2, 200)
    assert second["wall"] - first["wall"] >= 0.05


async def test_stopping_ends_an_answer_that_is_planned_for_hours() -> None:
    surface = Surface(app, token=TOKEN)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"antechamber-probe", f"{TOKEN}; do=stream; quiet=7000".encode())],
    }
    started = asyncio.Event()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        started.set()

    answering = asyncio.create_task(surface(scope, receive, send))
    await started.wait()
    surface.stop()
    with pytest.raises(asyncio.CancelledError):
        await answering
