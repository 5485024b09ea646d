"""The terminal socket's protocol, version 3: binary messages of one tag octet, ``0x01``, and a JSON object.

``t`` is what the message is, ``s`` the session, ``d`` text. A client sends ``hello``, ``ping``, ``attach``, ``detach``
and ``write``; the server ``hello``, ``pong``, ``snapshot``, ``output``, ``exit``, ``restarted`` and ``error``. A text
frame is an error that is told, not one that ends the socket. Pure: bytes in, values out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from antechamber.chamber.bus import Json, compact

VERSION = 3
TAG = b"\x01"
MAX_CLIENT_MESSAGE_BYTES = 64 * 1024
CLOSE_TOO_BIG = 1009


class FrameRefused(Exception):
    """A client message that cannot be understood; the socket stays."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Hello:
    pass


@dataclass(frozen=True, slots=True)
class Ping:
    pass


@dataclass(frozen=True, slots=True)
class Attach:
    session: str


@dataclass(frozen=True, slots=True)
class Detach:
    session: str


@dataclass(frozen=True, slots=True)
class Write:
    """``session`` is empty when the client did not say: then it means the only one that it is attached to."""

    session: str
    text: str


ClientMessage = Hello | Ping | Attach | Detach | Write


def encode(kind: str, **members: Json) -> bytes:
    """A message of either side."""
    return TAG + compact({"t": kind, **members}).encode()


def decode(data: bytes) -> ClientMessage:
    """A client's binary message. Raises :class:`FrameRefused`."""
    if data[:1] != TAG:
        raise FrameRefused("BAD_FRAME", "a message starts with the octet 0x01")
    try:
        members = json.loads(data[1:])
    except (ValueError, RecursionError):
        raise FrameRefused("BAD_FRAME", "what follows the tag is not JSON") from None
    if not isinstance(members, dict):
        raise FrameRefused("BAD_FRAME", "what follows the tag is not a JSON object")
    match members.get("t"):
        case "hello":
            return Hello()
        case "ping":
            return Ping()
        case "attach":
            return Attach(_text(members, "s"))
        case "detach":
            return Detach(_text(members, "s"))
        case "write":
            return Write(_text(members, "s") if "s" in members else "", _text(members, "d"))
        case _:
            raise FrameRefused("BAD_FRAME", "t must be hello, ping, attach, detach or write")


def _text(members: dict[str, Json], key: str) -> str:
    value = members.get(key)
    if not isinstance(value, str):
        raise FrameRefused("BAD_FRAME", f"{key} must be a string")
    return value
