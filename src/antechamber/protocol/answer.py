"""What a client sees of an answer, in the same words whichever HTTP version brought it.

Both clients of this package (:mod:`antechamber.protocol.http1_client`, :mod:`antechamber.protocol.http2`) are bytes in,
these events out. They never raise for what a server does: a broken answer ends with one :class:`Fault`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from antechamber.protocol.http1 import Field


@dataclass(frozen=True, slots=True)
class Interim:
    """A 1xx answer before the final one; 101 is final."""

    status: int


@dataclass(frozen=True, slots=True)
class Head:
    """The final status and its fields."""

    status: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of the body, its framing removed."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The answer cannot go on. ``cut``: it was ended before its end; else it is not what the protocol allows."""

    detail: str
    cut: bool


AnswerEvent = Interim | Head | Content | Done | Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request's head, in no version's words. ``body_bytes`` is its announced length; ``None``: it has no body."""

    method: str
    scheme: str
    authority: str
    path: str
    """With the query."""
    fields: tuple[Field, ...] = ()
    body_bytes: int | None = None


class Client(Protocol):
    """One request on one connection, sans-IO."""

    @property
    def version(self) -> str:
        """The protocol's name in ALPN (RFC 7301): ``http/1.1`` or ``h2``."""

    @property
    def blocked(self) -> bool:
        """Whether the other side must be read before more of the body may go out."""

    def ask(self, asked: Asked) -> bytes:
        """What to send for the head. Once."""

    def say(self, body: bytes, *, last: bool) -> bytes:
        """What to send for a piece of the announced body."""

    def leave(self) -> bytes:
        """What to send to give the answer up; nothing where only the end of the connection says so."""

    def hear(self, data: bytes) -> list[AnswerEvent]:
        """The events that ``data`` completes; no data is the end of the connection."""

    def reply(self) -> bytes:
        """What the protocol itself has to send after something was heard."""
