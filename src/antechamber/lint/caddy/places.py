"""Where in a Caddyfile something is written: the JSON that Caddy makes of it has no lines.

A proxy is known by its upstream: what is looked for is looked for in its block first, then anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from antechamber.policy.effective import Place


class Places:
    """The lines of one Caddyfile."""

    def __init__(self, file: str, text: str, *, lines: bool = True) -> None:
        self._file = file
        self._lines = text.split("\n") if lines else []

    def of(self, words: Sequence[str], upstream: str = "") -> Place:
        """The line that begins with ``words``, in the block of the proxy to ``upstream`` if there is one."""
        pattern = re.compile(r"\s*" + r"\s+".join(re.escape(word) for word in words) + r"(?=$|[\s{])", re.IGNORECASE)
        first, last = self._block(upstream)
        for numbers in (range(first, last + 1), range(1, len(self._lines) + 1)):
            for number in numbers:
                if found := pattern.match(self._lines[number - 1]):
                    return Place(self._file, number, len(found[0]) - len(found[0].lstrip()) + 1)
        return self.proxy(upstream)

    def proxy(self, upstream: str) -> Place:
        """The line on which a proxy begins."""
        number, _ = self._block(upstream)
        return self._at(number)

    def _at(self, number: int) -> Place:
        if not 1 <= number <= len(self._lines):
            return Place(self._file, 1)
        line = self._lines[number - 1]
        return Place(self._file, number, len(line) - len(line.lstrip()) + 1)

    def _block(self, upstream: str) -> tuple[int, int]:
        """First and last line of the proxy to ``upstream``."""
        port = upstream.rpartition(":")[2]
        best = 0
        for number, line in enumerate(self._lines, start=1):
            words = line.split()
            if words[:1] == ["reverse_proxy"] and (not best or any(port and port in word for word in words[1:])):
                best = number
                if any(port and port in word for word in words[1:]):
                    break
        if not best:
            return 1, 0
        depth = 0
        for number in range(best, len(self._lines) + 1):
            bare = re.sub(r"\{[^\s{}]+\}", "", self._lines[number - 1].partition(" #")[0])
            depth += bare.count("{") - bare.count("}")
            if depth <= 0:
                return best, number
        return best, len(self._lines)
