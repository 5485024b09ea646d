"""What became of WebSockets that the browser check tried to open, for a browser that is told nothing about them.

A witness of the ledger in front of the log: requests whose query carries the check's id are remembered by it, the last
few only. It stands there only while the check is on.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from antechamber.edge.sending import Sending
from antechamber.ledger import Entry
from antechamber.ledger.ledger import Witness
from antechamber.surface.asgi import Json

REMEMBERED = 512
_ID = re.compile(rb"[?&]wiring=([A-Za-z0-9_-]{8,64})(?:&|$)")


class Attempts:
    """Notes attempts, and passes everything on to ``witness``."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._seen: OrderedDict[str, dict[str, Json]] = OrderedDict()

    def opened(self, entry: Entry) -> None:
        self._note(entry)
        self._witness.opened(entry)

    def ended(self, entry: Entry) -> None:
        self._note(entry)
        self._witness.ended(entry)

    def of(self, attempt: str) -> dict[str, Json]:
        """Its ``fate`` (``accepted``, ``upgrade-lost``, ``not-logged-in``, ``refused``, ``nothing``) and ``status``."""
        return self._seen.get(attempt, {"fate": "nothing"})

    def _note(self, entry: Entry) -> None:
        found = _ID.search(entry.target)
        if found is None or not isinstance(entry, Sending):
            return
        self._seen[found[1].decode("ascii")] = {"fate": _fate(entry), "status": entry.status}
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)


def _fate(entry: Sending) -> str:
    if entry.plan.upgrade is None:
        return "upgrade-lost"  # only sockets carry an id: what made it one was removed before it came here
    match entry.status:
        case 101:
            return "accepted"
        case 401:
            return "not-logged-in"
        case _:
            return "refused"
