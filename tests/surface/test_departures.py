"""Who has left: what the surface remembers of streams that named themselves, and what it says when it is asked."""

from __future__ import annotations

import asyncio
import json

import pytest

from antechamber.surface.asgi import Message, Receive, Scope, Send
from antechamber.surface.departures import Departures, State
from antechamber.surface.middleware import Surface

TOKEN = "the-operators-token"


class Client:
    """One that stays until it leaves; notes what it is sent."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.begun = asyncio.Event()
        self._gone = asyncio.Event()
        self._leaving: Message = {}

    def leave(self, kind: str = "http.disconnect") -> None:
        self._leaving = {"type": kind}
        self._gone.set()

    async def receive(self) -> Message:
        await self._gone.wait()
        return self._leaving

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        self.begun.set()


async def no_app(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("the surface answers")


def scope_of(asked: str, kind: str = "http") -> Scope:
    return {
        "type": kind,
        "method": "GET",
        "path": "/api/event",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"antechamber-probe", f"{TOKEN}; {asked}".encode())],
    }


async def asked_about(surface: Surface, identifier: str, within: str = "0") -> dict[str, object]:
    client = Client()
    await surface(scope_of(f"do=departure; id={identifier}; within={within}"), client.receive, client.send)
    told: dict[str, object] = json.loads(client.sent[1]["body"])
    return told


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("http", "do=stream; quiet=7000; id=x"),
        ("websocket", "do=stream; quiet=7000; id=x"),
    ],
)
async def test_a_client_that_leaves_a_quiet_stream_has_left_and_the_stream_ends(kind: str, asked: str) -> None:
    surface, client = Surface(no_app, token=TOKEN), Client()
    receive = _connecting(client.receive) if kind == "websocket" else client.receive
    answering = asyncio.create_task(surface(scope_of(asked, kind), receive, client.send))
    await client.begun.wait()
    assert (await asked_about(surface, "x"))["state"] == State.HERE
    client.leave(f"{kind}.disconnect")
    told = await asked_about(surface, "x", within="30")
    assert told["state"] == State.LEFT
    await answering


def _connecting(receive: Receive) -> Receive:
    first = iter([{"type": "websocket.connect"}])

    async def connecting() -> Message:
        return next(first, None) or await receive()

    return connecting


async def test_a_client_that_leaves_before_the_answer_has_begun_has_left() -> None:
    surface, client = Surface(no_app, token=TOKEN), Client()
    answering = asyncio.create_task(surface(scope_of("do=stream; wait=7000; id=x"), client.receive, client.send))
    await asyncio.sleep(0)
    client.leave()
    assert (await asked_about(surface, "x", within="30"))["state"] == State.LEFT
    await answering
    assert not client.sent


async def test_a_stream_that_is_sent_to_its_end_is_done_and_one_that_nobody_named_is_unknown() -> None:
    surface, client = Surface(no_app, token=TOKEN), Client()
    await surface(scope_of("do=stream; count=1; id=x"), client.receive, client.send)
    assert (await asked_about(surface, "x"))["state"] == State.DONE
    assert (await asked_about(surface, "y"))["state"] == State.UNKNOWN


async def test_a_conversation_that_is_cancelled_was_left() -> None:
    """That is how a server without disconnect messages says it."""
    departures = Departures()

    async def converse() -> None:
        async with departures.visit("x", Client().receive) as visit:
            await visit.stays(7000)

    conversing = asyncio.create_task(converse())
    await asyncio.sleep(0)
    conversing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await conversing
    assert (await departures.told("x", within_s=0))["state"] == State.LEFT


async def test_the_oldest_is_forgotten_first() -> None:
    departures = Departures(most=2)
    for identifier in "abc":
        async with departures.visit(identifier, Client().receive):
            pass
    states = [(await departures.told(identifier, within_s=0))["state"] for identifier in "abc"]
    assert states == [State.UNKNOWN, State.DONE, State.DONE]
