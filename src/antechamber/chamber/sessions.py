"""Conversations: the app's way of making something happen that everybody sees at once.

``POST /api/session`` and ``POST /api/session/:id/message`` are the app's own routes; a message that is posted is kept
and published on the bus, where every open stream and socket gets it. ``prompt_async`` takes the same body and answers
204 at once, as in the app. A message that names an ``agent`` of this chamber is answered by it, word by word; one that
names none is answered by nobody, so that whoever measures sees its own events only.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from contextlib import aclosing
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from antechamber.chamber.agent import Agent
from antechamber.chamber.answers import json_answer, problem_answer, read_json, text_of
from antechamber.chamber.bus import Bus, Json
from antechamber.chamber.messages import (
    Message,
    message_info,
    new_id,
    now_ms,
    parts_of,
    said_in,
    text_part,
    user_message,
)
from antechamber.chamber.settings import Settings

MAX_SESSIONS = 100
MAX_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class Session:
    info: dict[str, Json]
    directory: str
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=MAX_MESSAGES))
    answering: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def id(self) -> str:
        return str(self.info["id"])

    def stop(self) -> bool:
        """Stop the agents that are answering; whether there were any."""
        tasks = [*self.answering]
        for task in tasks:
            task.cancel()
        return bool(tasks)


class Sessions:
    """The conversations of this chamber; the oldest go when there are too many."""

    def __init__(self, bus: Bus, notices: Bus, settings: Settings, *, agent: Agent) -> None:
        self._bus = bus
        self._notices = notices
        self._root = str(settings.root)
        self._limit_bytes = settings.limits.prompt_bytes
        self._agent = agent
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def latest(self, count: int) -> list[dict[str, Json]]:
        """What is known of the newest conversations, newest first."""
        return [session.info for session in reversed(self._sessions.values())][:count]

    def stop(self) -> None:
        """No agent goes on talking."""
        for session in self._sessions.values():
            session.stop()

    async def create(self, request: Request) -> Response:
        """``POST /api/session``, ``{title?, directory?}``."""
        body = await read_json(request, limit_bytes=self._limit_bytes)
        directory = request.query_params.get("directory") or text_of(body, "directory", default=self._root)
        info: dict[str, Json] = {
            "id": new_id("ses"),
            "title": text_of(body, "title", default="A conversation", longest=200),
            "directory": directory,
            "time": {"created": now_ms()},
        }
        self._sessions[str(info["id"])] = Session(info, directory)
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)[1].stop()
        self._bus.publish("session.created", {"info": info}, directory=directory)
        return json_answer(info)

    async def all(self, request: Request) -> Response:
        """``GET /api/session``, newest first."""
        return json_answer([*self.latest(MAX_SESSIONS)])

    async def messages(self, request: Request) -> Response:
        """``GET /api/session/:id/message``."""
        session = self._asked(request)
        return _unknown() if session is None else json_answer([*session.messages])

    async def delete(self, request: Request) -> Response:
        """``DELETE /api/session/:id``."""
        session = self._sessions.pop(request.path_params["id"], None)
        if session is None:
            return _unknown()
        session.stop()
        self._bus.publish("session.deleted", {"info": session.info}, directory=session.directory)
        return json_answer(True)

    async def abort(self, request: Request) -> Response:
        """``POST /api/session/:id/abort``: whoever answers stops."""
        session = self._asked(request)
        return _unknown() if session is None else json_answer(session.stop())

    async def say(self, request: Request) -> Response:
        """``POST /api/session/:id/message``, ``{parts: [...]}``: answered with the message once it is published."""
        message = await self._said(request)
        return _unknown() if message is None else json_answer(message)

    async def say_async(self, request: Request) -> Response:
        """``POST /api/session/:id/prompt_async``: the same, answered 204."""
        message = await self._said(request)
        return _unknown() if message is None else Response(status_code=204)

    async def _said(self, request: Request) -> Message | None:
        body = await read_json(request, limit_bytes=self._limit_bytes)
        session = self._asked(request)
        if session is None:
            return None
        message = user_message(body, session.id)
        session.messages.append(message)
        self._bus.publish("message.updated", {"info": message["info"]}, directory=session.directory)
        for part in parts_of(message):
            self._bus.publish("message.part.updated", {"part": part}, directory=session.directory)
        self._notify(session, "New message")
        if body.get("agent") == self._agent.name:
            task = asyncio.create_task(self._answer(session, message))
            session.answering.add(task)
            task.add_done_callback(session.answering.discard)
        return message

    async def _answer(self, session: Session, message: Message) -> None:
        """The agent's turn: a message whose one part grows with every word, as a model's does in the app."""
        started = now_ms()
        info = message_info(session.id, "assistant", agent=self._agent.name)
        part = text_part(info, "")
        session.messages.append({"info": info, "parts": [part]})
        self._status(session, "busy")
        self._bus.publish("message.updated", {"info": {**info}}, directory=session.directory)
        text = ""
        try:
            async with aclosing(self._agent.answer(said_in(message))) as words:
                async for word in words:
                    text += word
                    part["text"] = text
                    grown: dict[str, Json] = {"part": {**part}, "delta": word}
                    self._bus.publish("message.part.updated", grown, directory=session.directory)
        finally:
            info["time"] = {"created": started, "completed": now_ms()}
            self._bus.publish("message.updated", {"info": {**info}}, directory=session.directory)
            self._status(session, "idle")
        self._notify(session, "The echo agent has answered")

    def _status(self, session: Session, status: str) -> None:
        properties: dict[str, Json] = {"sessionID": session.id, "status": {"type": status}}
        self._bus.publish("session.status", properties, directory=session.directory)

    def _notify(self, session: Session, body: str) -> None:
        properties: dict[str, Json] = {"title": session.info["title"], "body": body, "sessionId": session.id}
        self._notices.publish("openchamber:notification", properties)

    def _asked(self, request: Request) -> Session | None:
        return self._sessions.get(request.path_params["id"])


def _unknown() -> Response:
    return problem_answer(404, "Session not found")
