"""An engine's standard output, passed on through a pipe.

nginx opens ``/dev/stdout`` for its access log. Where that is a socket, as under systemd, opening it fails; where it is
a file, the log would be written over by whoever else writes there. A pipe can be opened by name, and keeps the order.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

_PIECE = 1 << 16
_LAST_WORDS_S = 5.0


@contextlib.contextmanager
def passed_on(descriptor: int) -> Iterator[int]:
    """The end of a pipe to write into, for as long as the context lasts; what comes is written to ``descriptor``."""
    reading, writing = os.pipe()
    thread = threading.Thread(target=_pass, args=(reading, descriptor), daemon=True)
    thread.start()
    try:
        yield writing
    finally:
        os.close(writing)
        thread.join(_LAST_WORDS_S)


def _pass(source: int, target: int) -> None:
    """To the end of ``source``. A reader who has left stops nobody: the rest is thrown away."""
    wanted = True
    while piece := os.read(source, _PIECE):
        rest = memoryview(piece)
        while wanted and rest:
            try:
                rest = rest[os.write(target, rest) :]
            except OSError:
                wanted = False
    os.close(source)
