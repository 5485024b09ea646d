"""Where in a Caddyfile something is written: the JSON that Caddy makes of it has no lines.

A proxy is known by its upstream: what is looked for is looked for in its block first, then anywhere, in the Caddyfile
itself before the files that it imports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from antechamber.policy.effective import Place


class Places:
    """The lines of one Caddyfile, and of what it imports."""

    def __init__(self, file: str, text: str, *, imported: Mapping[str, str] | None = None, lines: bool = True) -> None:
        self._file = file
        texts = {file: text, **(imported or {})} if lines else {}
        self._lines = [line for one in texts.values() for line in one.split("\n")]
        self._at_line = [(name, number) for name, one in texts.items() for number in range(1, one.count("\n") + 2)]

    def of(self, words: Sequence[str], upstream: str = "") -> Place:
        """The line that begins with ``words``, in the block of the proxy to ``upstream`` if there is one."""
        pattern = re.compile(r"\s*" + r"\s+".join(re.escape(word) for word in words) + r"(?=$|[\s{])", re.IGNORECASE)
        first, last = self._block(upstream)
        for numbers in (range(first, last + 1), range(1, len(self._lines) + 1)):
            for number in numbers:
                if pattern.match(self._lines[number - 1]):
                    return self._at(number)
        return self.proxy(upstream)

    def proxy(self, upstream: str) -> Place:
        """The line on which a proxy begins."""
        number, _ = self._block(upstream)
        return self._at(number)

    def _at(self, number: int) -> Place:
        if not 1 <= number <= len(self._lines):
            return Place(self._file, 1)
        line = self._lines[number - 1]
        return Place(*self._at_line[number - 1], len(line) - len(line.lstrip()) + 1)

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
