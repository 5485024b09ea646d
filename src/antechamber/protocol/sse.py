"""Event streams, sans-IO: bytes in, events out (WHATWG HTML, section 9.2 "Server-sent events").

The parser gives the same items however the bytes were cut: a CR ends a line at once, and an LF right after it is
swallowed whenever it comes. Comments and ``retry`` are items too, for whoever watches a stream wants to see its
heartbeats. Lines and events are bounded; over a bound the parser ends with one :class:`TooLarge` and is deaf.

Lines are decoded one by one, invalid bytes replaced: the same as decoding the whole, as no UTF-8 sequence, valid or
broken, reaches over a CR or LF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Bound", "Comment", "Event", "Item", "Parser", "Retry", "TooLarge"]

LINE_LIMIT_BYTES = 1024 * 1024
EVENT_LIMIT_BYTES = 4 * 1024 * 1024

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched event. ``last_event_id`` is what a client would send as ``Last-Event-ID`` after it."""

    type: str
    data: str
    last_event_id: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A line that begins with a colon: browsers ignore it, servers use it as a heartbeat."""

    text: str


@dataclass(frozen=True, slots=True)
class Retry:
    """The server asks clients to wait this long before they reconnect."""

    milliseconds: int


class Bound(StrEnum):
    LINE = "line"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A line or an event went over its bound; nothing more is read."""

    bound: Bound
    limit_bytes: int


Item = Event | Comment | Retry | TooLarge


class Parser:
    """Reads one event stream. A stream that was resumed starts from the id that the client had."""

    def __init__(
        self,
        *,
        last_event_id: str = "",
        line_limit_bytes: int = LINE_LIMIT_BYTES,
        event_limit_bytes: int = EVENT_LIMIT_BYTES,
    ) -> None:
        self._line_limit = line_limit_bytes
        self._event_limit = event_limit_bytes
        self._buffer = bytearray()
        self._scanned = 0
        self._at_start = True
        self._after_cr = False
        self._over = False
        self._data: list[str] = []
        self._data_bytes = 0
        self._type = ""
        self.last_event_id = last_event_id

    def feed(self, data: bytes) -> list[Item]:
        """The items that ``data`` completes. What is unfinished when the stream ends is dropped, says the standard."""
        items: list[Item] = []
        if self._over:
            return items
        self._buffer += data
        if self._at_start and not self._skip_bom():
            return items
        while (line := self._next_line()) is not None:
            item = self._accept(line)
            if item is not None:
                items.append(item)
            if self._over:
                return items
        if len(self._buffer) > self._line_limit:
            items.append(self._stop(Bound.LINE, self._line_limit))
        return items

    def _skip_bom(self) -> bool:
        """Drops one leading BOM; false while what is here could still become one."""
        if len(self._buffer) < len(_BOM) and _BOM.startswith(self._buffer):
            return False
        if self._buffer.startswith(_BOM):
            del self._buffer[: len(_BOM)]
        self._at_start = False
        return True

    def _next_line(self) -> bytes | None:
        if self._after_cr and self._buffer:
            self._after_cr = False
            if self._buffer[0] == 0x0A:
                del self._buffer[0]
        end = _LINE_END.search(self._buffer, self._scanned)
        if end is None:
            self._scanned = len(self._buffer)
            return None
        line = bytes(self._buffer[: end.start()])
        self._after_cr = end.group() == b"\r"
        del self._buffer[: end.end()]
        self._scanned = 0
        return line

    def _accept(self, line: bytes) -> Item | None:
        if len(line) > self._line_limit:
            return self._stop(Bound.LINE, self._line_limit)
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        match name:
            case "":
                return Comment(value)
            case "data":
                return self._add_data(value, size=len(line))
            case "event":
                self._type = value
            case "id" if "\0" not in value:
                self.last_event_id = value
            case "retry" if value.isascii() and value.isdigit():
                return Retry(int(value[:18]))
        return None

    def _add_data(self, value: str, *, size: int) -> Item | None:
        self._data.append(value)
        self._data_bytes += size
        return self._stop(Bound.EVENT, self._event_limit) if self._data_bytes > self._event_limit else None

    def _dispatch(self) -> Event | None:
        """A blank line: an event without data is none, but its id stays."""
        event = Event(self._type or "message", "\n".join(self._data), self.last_event_id) if self._data else None
        self._data, self._data_bytes, self._type = [], 0, ""
        return event

    def _stop(self, bound: Bound, limit_bytes: int) -> TooLarge:
        self._over = True
        self._buffer.clear()
        return TooLarge(bound, limit_bytes)
