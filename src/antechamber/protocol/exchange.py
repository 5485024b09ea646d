"""The life of one exchange as a state machine: which phase may follow which.

The table is the whole rule. The edge asks it at every step, so an order of events that nobody thought of fails loudly in
tests instead of sending one client's octets to another.
"""

from __future__ import annotations

from enum import Enum, auto


class Phase(Enum):
    """What an exchange is waiting for."""

    DIALLING = auto()
    """A connection to the app."""
    WAITING = auto()
    """The response head; interim responses may come first."""
    RESPONDING = auto()
    """The rest of the response body."""
    SWITCHED = auto()
    """Nothing: it became a tunnel."""
    ENDED = auto()


NEXT: dict[Phase, frozenset[Phase]] = {
    Phase.DIALLING: frozenset({Phase.WAITING, Phase.ENDED}),
    Phase.WAITING: frozenset({Phase.DIALLING, Phase.RESPONDING, Phase.SWITCHED, Phase.ENDED}),
    Phase.RESPONDING: frozenset({Phase.ENDED}),
    Phase.SWITCHED: frozenset({Phase.ENDED}),
    Phase.ENDED: frozenset(),
}

IDEMPOTENT = frozenset({b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"})
"""Methods that may be sent a second time when nothing of the answer has come (RFC 9110 9.2.2)."""


def may_follow(present: Phase, following: Phase) -> bool:
    """Whether an exchange in ``present`` may go on to ``following``."""
    return following in NEXT[present]
