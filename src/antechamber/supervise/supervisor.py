"""One engine from its start to its end.

Three things can end it: the engine by itself, a signal to us, a fault of ours. In each case its process group is gone
when :func:`supervise` returns.
"""

from __future__ import annotations

from antechamber.engines.base import Runnable
from antechamber.supervise.binary import Binary
from antechamber.supervise.calls import Calls
from antechamber.supervise.child import Child
from antechamber.supervise.handover import Handover
from antechamber.supervise.passing import passed_on
from antechamber.supervise.place import Place
from antechamber.supervise.running import Running
from antechamber.supervise.wanted import Look, Reader

STANDARD_OUTPUT = 1
INTERRUPTED = 130
"""128 + SIGINT, as shells count: told to stop before anything was started."""


async def supervise(engine: Runnable, binary: Binary, place: Place, look: Look) -> int:
    """Run ``engine`` in ``place`` until its end; its exit code. Raises :class:`antechamber.errors.ConfigError` if it
    was not started."""
    calls = Calls()
    calls.listen()
    reader = Reader(engine, binary, place, look)
    told = await reader.read()
    if calls.stop.is_set():
        return INTERRUPTED
    place.adopt(told.files)
    argv = engine.run_argv(binary.path, place.path)
    with passed_on(STANDARD_OUTPUT) as output:
        child = await Child.start(argv, place.path, output=output, tether=engine.program.stop)
        try:
            handover = Handover(engine, binary, place, child)
            return await Running(engine, binary, child, reader, handover, told).attend(calls)
        finally:
            child.end_group()
            await child.wait()
