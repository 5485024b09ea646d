"""How often a password may be wrong: ten times in five minutes, then fifteen minutes of refusal, right or wrong.

The key is whatever the app thinks the client is: the *first* item of ``X-Forwarded-For``. Behind a proxy that appends
to the client's own field the client chooses its key and the limit is none; behind one that sends no field all share
one. Both are faults that a proxy can be checked for, so they are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

FAILURES = 10
WINDOW_S = 300.0
LOCKED_S = 900.0
_MAX_KEYS = 10_000


@dataclass(slots=True)
class _Record:
    failures: int
    since: float
    locked_until: float = 0.0


class LoginLimit:
    """Counts failures by key. ``now`` is any monotonic clock's seconds."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def is_locked(self, key: str, now: float) -> bool:
        record = self._records.get(key)
        return record is not None and now < record.locked_until

    def failed(self, key: str, now: float) -> None:
        """One more wrong password; the tenth within the window locks the key."""
        record = self._records.pop(key, None)
        if record is None or now - record.since > WINDOW_S:
            record = _Record(0, now)
        record.failures += 1
        if record.failures >= FAILURES:
            record.locked_until = now + LOCKED_S
        self._records[key] = record
        while len(self._records) > _MAX_KEYS:
            self._records.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._records.pop(key, None)
