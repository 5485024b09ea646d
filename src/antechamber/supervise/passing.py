"""An engine's output, passed on through pipes.

Standard output: nginx opens ``/dev/stdout`` for its access log. Where that is a socket, as under systemd, opening it
fails; where it is a file, the log would be written over by whoever else writes there. A pipe can be opened by name, and
keeps the order.

Standard error: nginx writes the whole request line of what failed, and no directive of its own takes the query out,
where apps put short-lived tokens. So it is taken out here.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator

_PIECE = 1 << 16
_LAST_WORDS_S = 5.0
_LONGEST_LINE_BYTES = 1 << 16

_QUERY = re.compile(rb'(/[^\s"?(]*\?)[^\s"]+')
"""What follows the first question mark of a target. A parenthesis before it is a regular expression's."""


@contextlib.contextmanager
def passed_on(descriptor: int) -> Iterator[int]:
    """The end of a pipe to write into, for as long as the context lasts; what comes is written to ``descriptor``."""
    with _pipe(_pass, descriptor) as writing:
        yield writing


@contextlib.contextmanager
def passed_on_without_queries(descriptor: int) -> Iterator[int]:
    """The same, line by line, with ``***`` in place of what follows a target's question mark."""
    with _pipe(_pass_lines, descriptor) as writing:
        yield writing


def without_queries(line: bytes) -> bytes:
    return _QUERY.sub(rb"\1***", line)


@contextlib.contextmanager
def _pipe(pass_on: Callable[[int, int], None], descriptor: int) -> Iterator[int]:
    reading, writing = os.pipe()
    thread = threading.Thread(target=pass_on, args=(reading, descriptor), daemon=True)
    thread.start()
    try:
        yield writing
    finally:
        os.close(writing)
        thread.join(_LAST_WORDS_S)


def _pass(source: int, target: int) -> None:
    """To the end of ``source``."""
    write = _Writer(target)
    while piece := os.read(source, _PIECE):
        write(piece)
    os.close(source)


def _pass_lines(source: int, target: int) -> None:
    """To the end of ``source``; a line waits for its end, unless it is longer than any that engines write."""
    write = _Writer(target)
    rest = b""
    while piece := os.read(source, _PIECE):
        lines, newline, rest = (rest + piece).rpartition(b"\n")
        write(without_queries(lines + newline))
        if len(rest) > _LONGEST_LINE_BYTES:
            write(without_queries(rest))
            rest = b""
    write(without_queries(rest))
    os.close(source)


class _Writer:
    """Writes to a descriptor. A reader who has left stops nobody: the rest is thrown away."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._wanted = True

    def __call__(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while self._wanted and rest:
            try:
                rest = rest[os.write(self._target, rest) :]
            except OSError:
                self._wanted = False
