"""What the operator is told, in words, on standard error: once, and with the way out."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

MAX_TOLD = 256
"""Addresses remembered, so that a flood of them cannot fill the log or the memory."""


def to_standard_error(line: str) -> None:
    """Write one line; a closed standard error is nobody's problem."""
    try:
        sys.stderr.write(f"antechamber: {line}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


class Notices:
    """Speaks to the operator. ``say`` takes one line."""

    def __init__(self, say: Callable[[str], None] = to_standard_error) -> None:
        self.say = say
        self._untrusted: set[str] = set()
        self._refused: set[str] = set()
        self._faults: set[str] = set()

    def untrusted_claims(self, peer: str) -> None:
        """A peer that is not trusted sends ``X-Forwarded-*``: perhaps the operator's own outer proxy."""
        if peer in self._untrusted or len(self._untrusted) >= MAX_TOLD:
            return
        self._untrusted.add(peer)
        self.say(
            f"{peer} sends X-Forwarded-* fields and is not trusted, so they were dropped. If it is your own proxy, the "
            f"app now sees this hop's scheme and may refuse WebSockets with 403: add --trust {peer}"
        )

    def fault(self, error: Exception) -> None:
        """A mistake in the edge itself. The same one is told once."""
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "?"
        what = f"{type(error).__name__} in {where}: {error}"
        if what not in self._faults and len(self._faults) < MAX_TOLD:
            self._faults.add(what)
            self.say(f"a fault of the edge itself ended one connection ({what}); please report it")

    def overload(self, reason: str) -> None:
        """Connections or streams were refused; each reason is told once until :meth:`calm`."""
        if reason not in self._refused:
            self._refused.add(reason)
            self.say(f"refusing with 503: {reason}")

    def calm(self) -> None:
        """Overload is over: tell again next time."""
        self._refused.clear()
