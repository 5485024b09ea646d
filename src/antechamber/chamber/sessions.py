"""Conversations: the app's way of making something happen that everybody sees at once.

``POST /api/session`` and ``POST /api/session/:id/message`` are the app's own routes; a message that is posted is kept
and published on the bus, where every open stream and socket gets it. No model answers here: what is said is what
people said. ``prompt_async`` takes the same body and answers 204 at once, as in the app. Attachments come inlined as
``data:`` URLs, which is how a file of 100 MiB becomes a request of 134 MiB; of them, size and checksum are kept.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from antechamber.chamber.answers import BodyRefused, json_answer, problem_answer, read_json, text_of
from antechamber.chamber.bus import Bus, Json
from antechamber.chamber.settings import Settings

MAX_SESSIONS = 100
MAX_MESSAGES = 200
MAX_TEXT = 256 * 1024
MAX_PARTS = 64


@dataclass(frozen=True, slots=True)
class Session:
    info: dict[str, Json]
    directory: str
    messages: deque[dict[str, Json]] = field(default_factory=lambda: deque(maxlen=MAX_MESSAGES))


class Sessions:
    """The conversations of this chamber; the oldest go when there are too many."""

    def __init__(self, bus: Bus, notices: Bus, settings: Settings) -> None:
        self._bus = bus
        self._notices = notices
        self._root = str(settings.root)
        self._limit_bytes = settings.limits.prompt_bytes
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    async def create(self, request: Request) -> Response:
        """``POST /api/session``, ``{title?, directory?}``."""
        body = await read_json(request, limit_bytes=self._limit_bytes)
        directory = request.query_params.get("directory") or text_of(body, "directory", default=self._root)
        info: dict[str, Json] = {
            "id": _new_id("ses"),
            "title": text_of(body, "title", default="A conversation", longest=200),
            "directory": directory,
            "time": {"created": _now_ms()},
        }
        self._sessions[str(info["id"])] = Session(info, directory)
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        self._bus.publish("session.created", {"info": info}, directory=directory)
        return json_answer(info)

    async def all(self, request: Request) -> Response:
        """``GET /api/session``, newest first."""
        return json_answer([session.info for session in reversed(self._sessions.values())])

    async def messages(self, request: Request) -> Response:
        """``GET /api/session/:id/message``."""
        session = self._sessions.get(request.path_params["id"])
        return _unknown() if session is None else json_answer([*session.messages])

    async def delete(self, request: Request) -> Response:
        """``DELETE /api/session/:id``."""
        session = self._sessions.pop(request.path_params["id"], None)
        if session is None:
            return _unknown()
        self._bus.publish("session.deleted", {"info": session.info}, directory=session.directory)
        return json_answer(True)

    async def say(self, request: Request) -> Response:
        """``POST /api/session/:id/message``, ``{parts: [...]}``: answered with the message once it is published."""
        message = await self._said(request)
        return _unknown() if message is None else json_answer(message)

    async def say_async(self, request: Request) -> Response:
        """``POST /api/session/:id/prompt_async``: the same, answered 204."""
        message = await self._said(request)
        return _unknown() if message is None else Response(status_code=204)

    async def _said(self, request: Request) -> dict[str, Json] | None:
        body = await read_json(request, limit_bytes=self._limit_bytes)
        session = self._sessions.get(request.path_params["id"])
        if session is None:
            return None
        info: dict[str, Json] = {
            "id": _new_id("msg"),
            "sessionID": session.info["id"],
            "role": "user",
            "time": {"created": _now_ms()},
        }
        parts = [_part(part, info) for part in _parts_of(body)]
        message: dict[str, Json] = {"info": info, "parts": [*parts]}
        session.messages.append(message)
        self._bus.publish("message.updated", {"info": info}, directory=session.directory)
        for part in parts:
            self._bus.publish("message.part.updated", {"part": part}, directory=session.directory)
        self._notices.publish(
            "openchamber:notification", {"title": session.info["title"], "sessionId": info["sessionID"]}
        )
        return message


def _parts_of(body: dict[str, Json]) -> list[dict[str, Json]]:
    parts = body.get("parts")
    if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_PARTS:
        raise BodyRefused(400, f"parts must be a list of 1 to {MAX_PARTS} parts")
    return [part if isinstance(part, dict) else {} for part in parts]


def _part(part: dict[str, Json], info: dict[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {"id": _new_id("prt"), "messageID": info["id"], "sessionID": info["sessionID"]}
    match part.get("type"):
        case "text":
            return {**made, "type": "text", "text": text_of(part, "text", longest=MAX_TEXT)}
        case "file":
            return {**made, **_attachment(part)}
        case _:
            raise BodyRefused(400, 'a part\'s type must be "text" or "file"')


def _attachment(part: dict[str, Json]) -> dict[str, Json]:
    url = part.get("url")
    if not isinstance(url, str) or not url.startswith("data:"):
        raise BodyRefused(400, "url must be a data: URL")
    encoded = url.partition(",")[2].encode()
    return {
        "type": "file",
        "mime": text_of(part, "mime", default="application/octet-stream", longest=200),
        "filename": text_of(part, "filename", longest=400),
        "encodedSize": len(encoded),
        "encodedSha256": hashlib.sha256(encoded).hexdigest(),
    }


def _unknown() -> Response:
    return problem_answer(404, "Session not found")


def _new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def _now_ms() -> int:
    return int(time.time() * 1000)
