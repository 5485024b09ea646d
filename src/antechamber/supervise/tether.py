"""A child that does not outlive us: the kernel sends it a signal when we are gone, however we went (prctl(2)).

Called in the child between fork and exec.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from signal import Signals

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def tethered(signal: Signals) -> Callable[[], None]:
    """What the child is to do before it becomes another program."""
    parent = os.getpid()

    def before_exec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal))
        if os.getppid() != parent:  # gone already: nobody would send it
            os._exit(1)

    return before_exec
