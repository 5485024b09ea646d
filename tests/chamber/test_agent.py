"""Conversations that are answered: word by word, on every stream, by an agent that says what it is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import os
from pathlib import Path
from typing import Any

from antechamber.chamber.agent import MAX_WORDS, EchoAgent, Said, words_of
from antechamber.chamber.settings import MIB
from tests.chamber.raw import DEADLINE_S, Client, Connection, chamber
from tests.chamber.test_events import data_of, frame, socket_to

TEXT: list[dict[str, Any]] = [{"type": "text", "text": "one two three"}]


async def session(client: Client) -> str:
    return str((await client.post("/api/session", {"title": "t"})).json()["id"])


async def until_idle(wire: Connection) -> list[dict[str, Any]]:
    """The payloads of the global stream up to the end of an answer."""
    seen = []
    while True:
        payload = (await data_of(wire))["payload"]
        seen.append(payload)
        if payload["type"] == "session.status" and payload["properties"]["status"]["type"] == "idle":
            return seen


def test_the_agent_says_that_it_is_an_echo_and_what_it_heard() -> None:
    answer = "".join(words_of(Said("hello there", ("a.txt",))))
    assert "echo agent" in answer
    assert "no model" in answer
    assert answer.endswith("You said: hello there")
    assert "a.txt" in answer


def test_the_agents_answer_is_bounded() -> None:
    assert len(words_of(Said("word " * 10_000))) <= MAX_WORDS + 2


async def test_an_agent_yields_one_word_at_a_time() -> None:
    pieces = [piece async for piece in EchoAgent(pace_s=0).answer(Said("x y"))]
    assert pieces == words_of(Said("x y"))


async def test_an_answer_grows_on_the_stream_and_is_kept(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.stream("/api/global/event") as (_, wire):
        await data_of(wire)
        one = await session(client)
        body = {"agent": "echo", "parts": TEXT}
        assert (await client.post(f"/api/session/{one}/prompt_async", body)).status == 204
        seen = await until_idle(wire)
        grown = [
            each["properties"]["part"]["text"]
            for each in seen
            if each["type"] == "message.part.updated" and "delta" in each["properties"]
        ]
        assert len(grown) > 5
        assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(grown))
        kept = (await client.ask("GET", f"/api/session/{one}/message")).json()
        assert [message["info"]["role"] for message in kept] == ["user", "assistant"]
        assert kept[1]["parts"][0]["text"] == grown[-1]
        assert kept[1]["info"]["time"]["completed"]


async def test_a_message_that_names_no_agent_is_answered_by_nobody(tmp_path: Path) -> None:
    """Whoever measures with posted messages sees its own events only."""
    async with chamber(tmp_path) as client:
        one = await session(client)
        for body in ({"parts": TEXT}, {"parts": TEXT, "agent": "build"}, {"parts": TEXT, "agent": 5}):
            assert (await client.post(f"/api/session/{one}/message", body)).status == 200
        await asyncio.sleep(0)
        assert len((await client.ask("GET", f"/api/session/{one}/message")).json()) == 3


async def test_an_answer_can_be_stopped(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.stream("/api/global/event") as (_, wire):
        await data_of(wire)
        one = await session(client)
        long = [{"type": "text", "text": "word " * 500}]
        await client.post(f"/api/session/{one}/prompt_async", {"agent": "echo", "parts": long})
        while (await data_of(wire))["payload"]["type"] != "session.status":
            pass
        assert (await client.post(f"/api/session/{one}/abort")).json() is True
        await until_idle(wire)
        assert (await client.post(f"/api/session/{one}/abort")).json() is False
        assert len((await client.ask("GET", f"/api/session/{one}/message")).json()[1]["parts"][0]["text"]) < 2000
        assert (await client.post("/api/session/unknown/abort")).status == 404


async def test_the_end_of_an_answer_is_a_notification(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.stream("/api/notifications/stream") as (_, notices):
        await data_of(notices)
        one = await session(client)
        await client.post(f"/api/session/{one}/prompt_async", {"agent": "echo", "parts": TEXT})
        bodies = [(await data_of(notices))["properties"]["body"] for _ in range(2)]
        assert bodies == ["New message", "The echo agent has answered"]


async def test_a_prompt_with_45_mebibytes_arrives_whole(tmp_path: Path) -> None:
    content = base64.b64encode(os.urandom(MIB) * 45).decode()
    file = {"type": "file", "mime": "x/y", "filename": "large", "url": f"data:x/y;base64,{content}"}
    async with chamber(tmp_path) as client:
        one = await session(client)
        assert (await client.post(f"/api/session/{one}/prompt_async", {"parts": [file]})).status == 204
        part = (await client.ask("GET", f"/api/session/{one}/message")).json()[0]["parts"][0]
        assert part["encodedSize"] == len(content)
        assert part["encodedSha256"] == hashlib.sha256(content.encode()).hexdigest()


async def test_ids_of_events_are_of_one_run_only(tmp_path: Path) -> None:
    """An id from before a restart must not pass for one of today's: it would hide what happened since."""
    async with chamber(tmp_path) as client:
        before = client.running.chamber.bus.publish("test", {}).id
    async with chamber(tmp_path) as client:
        ids = {client.running.chamber.bus.publish("test", {}).id for _ in range(5)}
        assert before not in ids
        async with socket_to(client, f"/api/global/event/ws?lastEventId={before}") as socket:
            assert (await frame(socket))["type"] == "ready"
            client.running.chamber.bus.publish("fresh", {})
            async with asyncio.timeout(DEADLINE_S):
                assert (await frame(socket))["payload"]["type"] == "fresh"
