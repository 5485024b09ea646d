"""One fault, given on purpose, and what must be found of it: data, and nothing else.

An engine is given its fault by edits of what we render for it: a text that stands there, and what is to stand there
instead. A hop is given it by a flag. ``unseen`` says why the wire cannot show a fault: then nothing may be found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class On(Enum):
    """The routes on which a fault must be found. Those of the other live kind must be left alone."""

    SOCKETS = "WebSockets"
    STREAMS = "event streams"
    LIVE = "WebSockets and event streams"
    EVERYWHERE = "everywhere"
    SOMEWHERE = "some routes"
    """Where it depends on the app: an answer that is long enough to be compressed, a route that takes a body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sabotage:
    """One fault of one engine, or of a hop."""

    engine: str
    fault: str
    """In words, as a person would make the mistake; of a hop, its flag."""
    rule: str
    on: On
    edits: tuple[tuple[str, str], ...] = ()
    given: tuple[tuple[str, object], ...] = ()
    """A hop's flags and their values."""
    beside: tuple[str, ...] = ()
    """Rules that fire as roots of their own beside the first, since the fault has more than one side."""
    patience_s: float = 0.0
    """How long a check must wait to see it: a time limit shows only to who waits."""
    unseen: str = ""

    @property
    def key(self) -> str:
        return f"{self.engine}: {self.fault}"


def sabotage(
    engine: str,
    fault: str,
    rule: str,
    on: On,
    *edits: tuple[str, str],
    beside: tuple[str, ...] = (),
    patience_s: float = 0.0,
    unseen: str = "",
    written: Callable[[str], str] = str,
) -> Sabotage:
    """A fault that ``engine`` is given by ``edits``, whose texts are ``written`` as that engine's renderings are."""
    edited = tuple((written(old), written(new)) for old, new in edits)
    return Sabotage(
        engine=engine, fault=fault, edits=edited, rule=rule, on=on, beside=beside, patience_s=patience_s, unseen=unseen
    )
