"""Messages and their parts, as the app names their members: what is kept, and what a request may bring.

Attachments come inlined as ``data:`` URLs, which is how a file of 100 MiB becomes a request of 134 MiB; of them, size
and checksum are kept.
"""

from __future__ import annotations

import hashlib
import secrets
import time

from antechamber.chamber.agent import Said
from antechamber.chamber.answers import BodyRefused, text_of
from antechamber.chamber.bus import Json

MAX_TEXT = 256 * 1024
MAX_PARTS = 64

Message = dict[str, Json]


def new_id(prefix: str) -> str:
    """An id in the app's form: what it names, and chance."""
    return f"{prefix}_{secrets.token_hex(12)}"


def now_ms() -> int:
    """The wall clock, in the app's unit."""
    return int(time.time() * 1000)


def user_message(body: dict[str, Json], session_id: str) -> Message:
    """The message that a request's ``parts`` make. Raises :class:`BodyRefused`."""
    info = message_info(session_id, "user")
    return {"info": info, "parts": [_part(part, info) for part in _parts_of(body)]}


def message_info(session_id: str, role: str, **more: Json) -> dict[str, Json]:
    """A message's members about itself."""
    return {"id": new_id("msg"), "sessionID": session_id, "role": role, "time": {"created": now_ms()}, **more}


def text_part(info: dict[str, Json], text: str) -> dict[str, Json]:
    """A part that is text."""
    return {"id": new_id("prt"), "messageID": info["id"], "sessionID": info["sessionID"], "type": "text", "text": text}


def parts_of(message: Message) -> list[dict[str, Json]]:
    """The parts of a message that was made here."""
    parts = message["parts"]
    assert isinstance(parts, list)
    return [part for part in parts if isinstance(part, dict)]


def said_in(message: Message) -> Said:
    """What an agent is told of a message."""
    parts = parts_of(message)
    texts = [str(part["text"]) for part in parts if part["type"] == "text"]
    files = [str(part["filename"]) or "a file without a name" for part in parts if part["type"] == "file"]
    return Said(" ".join(texts), tuple(files))


def _parts_of(body: dict[str, Json]) -> list[dict[str, Json]]:
    parts = body.get("parts")
    if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_PARTS:
        raise BodyRefused(400, f"parts must be a list of 1 to {MAX_PARTS} parts")
    return [part if isinstance(part, dict) else {} for part in parts]


def _part(part: dict[str, Json], info: dict[str, Json]) -> dict[str, Json]:
    match part.get("type"):
        case "text":
            return text_part(info, text_of(part, "text", longest=MAX_TEXT))
        case "file":
            made: dict[str, Json] = {"id": new_id("prt"), "messageID": info["id"], "sessionID": info["sessionID"]}
            return {**made, **_attachment(part)}
        case _:
            raise BodyRefused(400, 'a part\'s type must be "text" or "file"')


def _attachment(part: dict[str, Json]) -> dict[str, Json]:
    url = part.get("url")
    if not isinstance(url, str) or not url.startswith("data:"):
        raise BodyRefused(400, "url must be a data: URL")
    encoded = url.partition(",")[2].encode(errors="replace")
    return {
        "type": "file",
        "mime": text_of(part, "mime", default="application/octet-stream", longest=200),
        "filename": text_of(part, "filename", longest=400),
        "encodedSize": len(encoded),
        "encodedSha256": hashlib.sha256(encoded).hexdigest(),
    }
