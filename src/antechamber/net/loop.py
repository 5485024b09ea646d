"""Running the event loop, and the process limits it lives under."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

Result = TypeVar("Result")

GC_THRESHOLD = 50_000
"""Allocations between collections. The data path makes no cycles, so collecting often only costs latency."""


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run ``main`` to its end on uvloop."""
    hold_standard_streams()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def hold_standard_streams() -> None:
    """Open what of standard input, output and error is closed (``serve >&-``, some daemon tools), on nothing.

    The next descriptor to be opened would take the place of the closed one: a client's connection would get the log,
    and libuv aborts the process when it closes one of the three.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r", closefd=False))


def raise_descriptor_limit() -> int:
    """Raise the soft limit on open descriptors to the hard one; return what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (ValueError, OSError):  # a hard limit of "unlimited" above what the kernel allows
            pass
    return soft if soft != resource.RLIM_INFINITY else 1 << 20
