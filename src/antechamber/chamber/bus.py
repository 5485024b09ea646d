"""The event bus: everything that happens in the chamber, in order, to everybody who listens.

One bus is shared by all connections of the process. Each event has an id of its own, and the last ones are kept, so
that a client that comes back with ``Last-Event-ID`` gets what it missed (HTML, section 9.2.3). The real app has the
same buffer of 2048, but its upstream sends no ids, so it never replays: ``docs/chamber-differences.md``.
"""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from antechamber.chamber.feed import Feed

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def compact(value: Json) -> str:
    """JSON without spaces, as the app writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Event:
    """Something that happened. ``directory`` is the project it belongs to; an empty one belongs to all of them."""

    id: str
    type: str
    properties: dict[str, Json]
    directory: str = ""

    @cached_property
    def payload(self) -> str:
        """The event as JSON, made once however many consumers there are."""
        return compact({"id": self.id, "type": self.type, "properties": self.properties})

    @property
    def size_bytes(self) -> int:
        """What it weighs in a consumer's queue; characters, since most are one octet and a bound needs no more."""
        return len(self.payload) + len(self.directory) + len(self.id)


class Bus:
    """Publishes to all, remembers the last ``remember`` events, and holds at most ``feed_bytes`` for each consumer."""

    def __init__(self, *, remember: int, feed_bytes: int) -> None:
        self._feed_bytes = feed_bytes
        self._feeds: dict[Feed[Event], str] = {}
        self._recent: deque[Event] = deque(maxlen=remember)
        self._published = 0
        self._era = secrets.token_hex(4)
        """A part of every id: an id from before a restart must not pass for one of today's."""

    @property
    def consumers(self) -> int:
        return len(self._feeds)

    @property
    def most_waiting_bytes(self) -> int:
        """What waits for the consumer that is farthest behind."""
        return max((feed.waiting_bytes for feed in self._feeds), default=0)

    def publish(self, kind: str, properties: dict[str, Json], *, directory: str = "") -> Event:
        """Tell everybody who listens to ``directory`` or to all of them; returns the event with its id."""
        self._published += 1
        event = Event(f"evt_{self._era}{self._published:012x}", kind, properties, directory)
        self._recent.append(event)
        self._tell(event)
        return event

    def mention(self, kind: str, properties: dict[str, Json]) -> None:
        """Tell everybody who listens now: it has no id, is not remembered and never replayed."""
        self._tell(Event("", kind, properties))

    def _tell(self, event: Event) -> None:
        for feed, wanted in self._feeds.items():
            if _concerns(event, wanted):
                feed.offer(event, event.size_bytes)

    def since(self, event_id: str, *, directory: str = "") -> list[Event]:
        """What came after ``event_id``, if it is still remembered; nothing if it is not, as in the app."""
        ids = [event.id for event in self._recent]
        if event_id not in ids:
            return []
        missed = list(self._recent)[ids.index(event_id) + 1 :]
        return [event for event in missed if _concerns(event, directory)]

    @contextmanager
    def listening(self, *, directory: str = "", last_event_id: str = "") -> Iterator[Feed[Event]]:
        """A feed of what happens from now on, after what was missed since ``last_event_id``."""
        feed: Feed[Event] = Feed(limit_bytes=self._feed_bytes)
        for event in self.since(last_event_id, directory=directory) if last_event_id else ():
            feed.offer(event, event.size_bytes)
        self._feeds[feed] = directory
        try:
            yield feed
        finally:
            del self._feeds[feed]


def _concerns(event: Event, wanted_directory: str) -> bool:
    return not wanted_directory or not event.directory or event.directory == wanted_directory
