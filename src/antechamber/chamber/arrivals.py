"""What became of a browser's attempt to open a WebSocket, as seen from the app's end.

A browser tells a page nothing about a socket that failed: no status, no reason. So the page puts an id of its own into
the URL (``?wiring=``), and afterwards asks here what arrived under it: an upgrade that was let in, one that was refused
and why, a plain GET whose ``Upgrade`` got lost on the way, or nothing at all.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import parse_qsl

from antechamber.chamber.bus import Json
from antechamber.chamber.origin import field_value, may_come_in

QUERY_KEY = "wiring"
REMEMBERED = 512
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SHOWN = 256

RawHeaders = Sequence[tuple[bytes, bytes]]


class Fate(StrEnum):
    """What arrived. The values are what the page is told."""

    ACCEPTED = "accepted"
    UPGRADE_LOST = "upgrade-lost"
    NOT_LOGGED_IN = "not-logged-in"
    ORIGIN_REFUSED = "origin-refused"
    NOTHING = "nothing"


class Arrivals:
    """The last attempts by their ids."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, dict[str, Json]] = OrderedDict()

    def note(self, query: bytes, headers: RawHeaders, fate: Fate) -> None:
        """Remember an attempt, if its URL carries an id."""
        found = attempt_id(query)
        if not found:
            return
        self._seen[found] = {
            "fate": fate.value,
            "originPasses": may_come_in(headers),
            "origin": _shown(headers, b"origin"),
            "host": _shown(headers, b"host"),
            "forwardedHost": _shown(headers, b"x-forwarded-host"),
            "forwardedProto": _shown(headers, b"x-forwarded-proto"),
        }
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def of(self, attempt: str) -> dict[str, Json]:
        """What is known of an attempt."""
        return self._seen.get(attempt, {"fate": Fate.NOTHING.value})


def attempt_id(query: bytes) -> str:
    """The attempt's id in a query; empty when there is none that could be one."""
    if QUERY_KEY.encode() not in query:
        return ""
    try:
        given = dict(parse_qsl(query.decode("latin-1"), max_num_fields=64)).get(QUERY_KEY, "")
    except ValueError:
        return ""
    return given if _ID.fullmatch(given) else ""


def lost_its_upgrade(headers: RawHeaders) -> bool:
    """Whether a plain request was a WebSocket's once: its key is end-to-end, its ``Upgrade`` is hop-by-hop."""
    return bool(field_value(headers, b"sec-websocket-key"))


def _shown(headers: RawHeaders, name: bytes) -> str:
    return field_value(headers, name)[:_SHOWN]
