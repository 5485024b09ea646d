"""The access log: a line when an exchange ends; for streams and tunnels one when they open and one when they close.

Text for a person at a terminal, JSON lines for machines. Lines are written in batches by a thread of their own: a slow
or dead sink costs lines, which are counted and told, but never a request.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from queue import SimpleQueue
from typing import IO

from antechamber.errors import ConfigError
from antechamber.ledger import COMPLETE, EXCHANGE, Entry
from antechamber.policy.mask import masked
from antechamber.policy.model import AccessLog

BATCH_S = 0.2
MEMO_TARGET = 128
"""Targets up to this length are remembered in the form in which they are logged."""
BACKLOG_BYTES = 4 * 1024 * 1024
"""Octets that may wait for the sink; beyond that, lines are dropped."""


class LineWriter:
    """A bounded queue in front of a file, emptied by a thread."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self.waiting = 0
        """Octets that the sink has not taken yet."""
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def put(self, lines: list[str]) -> None:
        """Queue lines, or count them as dropped."""
        batch = "".join(lines).encode("utf-8", "replace")
        size = len(batch)
        if self.waiting + size > BACKLOG_BYTES:
            self.dropped += len(lines)
            return
        if self.dropped:
            batch = b'{"event": "dropped", "lines": %d}\n' % self.dropped + batch
            size = len(batch)
            self.dropped = 0
        self.waiting += size
        self._queue.put(batch)

    def close(self) -> None:
        """Write what waits, for at most two seconds."""
        self._queue.put(None)
        self._thread.join(timeout=2)

    def _run(self) -> None:
        while (batch := self._queue.get()) is not None:
            # Numbers first: a call in the middle of ``+=`` is where another thread may come in and an update gets lost.
            size, lines = len(batch), batch.count(b"\n")
            try:
                self._sink.write(batch)
                self._sink.flush()
            except (OSError, ValueError):
                self.dropped += lines
            self.waiting -= size
        self._sink.close()


class AccessLogWitness:
    """Writes the ledger's news down. ``later`` calls a function after some seconds, ``now`` is the loop's clock."""

    def __init__(
        self,
        writer: LineWriter,
        *,
        as_text: bool,
        secrets: frozenset[str],
        later: Callable[[float, Callable[[], None]], object],
        now: Callable[[], float],
    ) -> None:
        self._writer = writer
        self._json = not as_text
        self._line = _text if as_text else _json
        self._secrets = secrets
        self._later = later
        self._now = now
        self._lines: list[str] = []
        self._epoch = time.time() - now()
        self._wall_at = 0.0
        self._wall_text = ""

    def opened(self, entry: Entry) -> None:
        """A stream or tunnel has begun."""
        self._add(entry, "open", self._now())

    def ended(self, entry: Entry) -> None:
        """Something is over."""
        if self._json and entry.reason is COMPLETE and entry.shape is EXCHANGE and b"?" not in entry.target:
            if not self._lines:
                self._later(BATCH_S, self.flush)
            self._lines.append(_plain_json(entry, self._wall(entry.ended_at)))
            return
        self._add(entry, "exchange" if entry.shape is EXCHANGE else "close", entry.ended_at)

    def flush(self) -> None:
        """Hand the lines collected so far to the writer."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._writer.put(lines)

    def _wall(self, at: float) -> str:
        """The wall clock, as text. The loop's clock stands still within a round, and many exchanges end in each."""
        if at != self._wall_at:
            self._wall_at = at
            self._wall_text = f"{self._epoch + at:.3f}"
        return self._wall_text

    def _add(self, entry: Entry, event: str, at: float) -> None:
        if not self._lines:
            self._later(BATCH_S, self.flush)
        target = entry.target.decode("ascii", "replace")
        if "?" in target and self._secrets:
            target = masked(target, self._secrets)
        self._lines.append(self._line(entry, event, target, at, self._epoch + at))


class Silent:
    """No access log."""

    def opened(self, entry: Entry) -> None:
        """Say nothing."""

    def ended(self, entry: Entry) -> None:
        """Say nothing."""

    def flush(self) -> None:
        """There is nothing to write."""


def open_sink(log: AccessLog) -> IO[bytes]:
    """The file that lines go to. Raises :class:`ConfigError`."""
    if log.path == "-":
        return os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    try:
        return open(log.path, "ab", buffering=0)
    except OSError as error:
        raise ConfigError(
            f"the access log cannot be written: {error.strerror}",
            place=log.path,
            way_out="Give a file in a directory that exists and is writable, or --access-log off",
        ) from None


def _plain_json(entry: Entry, wall: str) -> str:
    """What :func:`_json` writes, for most exchanges: a whole answer from the app, and no query."""
    where = _where_before if len(entry.target) <= MEMO_TARGET else _where
    spoken = f', "protocol": "{entry.protocol}"' if entry.protocol else ""
    return (
        f'{{"time": {wall}, "event": "exchange", "id": {entry.id}, "shape": "exchange", "client": "{entry.client}"'
        f', "method": "{entry.method.decode()}"{where(entry.target, entry.route)}{spoken}'
        f', "status": {entry.status}, "bytes_up": {entry.bytes_up}, "bytes_down": {entry.bytes_down}'
        f', "seconds": {entry.ended_at - entry.opened_at:.4f}, "ended_by": "upstream", "reason": "complete"}}\n'
    )


def _where(target: bytes, route: str) -> str:
    return f', "target": {json.dumps(target.decode("ascii"))}, "route": {json.dumps(route)}'


_where_before = lru_cache(maxsize=1024)(_where)


def _json(entry: Entry, event: str, target: str, at: float, wall: float) -> str:
    """One JSON object."""
    where = _where(target.encode("ascii", "replace"), entry.route)
    if entry.protocol:
        where += f', "protocol": "{entry.protocol}"'
    start = (
        f'{{"time": {wall:.3f}, "event": "{event}", "id": {entry.id}, "shape": "{entry.shape}"'
        f', "client": "{entry.client}", "method": "{entry.method.decode()}"{where}, "status": {entry.status}'
    )
    if entry.reason is None:
        return start + "}\n"
    end = (
        f', "bytes_up": {entry.bytes_up}, "bytes_down": {entry.bytes_down}, "seconds": {at - entry.opened_at:.4f}'
        f', "ended_by": "{entry.ended_by}", "reason": "{entry.reason}"'
    )
    if event == "close":
        end += f', "pieces_up": {entry.pieces_up}, "pieces_down": {entry.pieces_down}'
    if entry.failure or entry.detail:
        end += f', "failure": {json.dumps(entry.failure)}, "detail": {json.dumps(entry.detail)}'
    return start + end + "}\n"


def _text(entry: Entry, event: str, target: str, at: float, wall: float) -> str:
    """One line for a person: time, client, what was asked, what came of it."""
    clock = time.strftime("%H:%M:%S", time.localtime(wall))
    asked = " ".join(filter(None, (entry.method.decode("ascii") or "-", target or "-", entry.protocol)))
    start = f"{clock} {entry.client:<15} {entry.status or '---'} {asked}"
    if event == "open":
        return f"{start}  [{entry.shape} #{entry.id} open]\n"
    age = at - entry.opened_at
    end = f"{entry.reason}" if entry.reason == "complete" else f"{entry.reason} by {entry.ended_by}"
    what = f"{entry.shape} #{entry.id} closed, " if event == "close" else ""
    why = f": {entry.detail}" if entry.detail else ""
    return f"{start}  [{what}{end}, {age:.3f} s, up {entry.bytes_up} B, down {entry.bytes_down} B]{why}\n"
