"""``antechamber hop``: a proxy that misbehaves as told. Its flags are made from the table of faults."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated

from antechamber.cli.flags import Flags, with_flags
from antechamber.cli.parameters import flag
from antechamber.errors import ConfigError
from antechamber.hop.faults import Faults
from antechamber.hop.presets import PRESETS
from antechamber.hop.server import made
from antechamber.hop.table import FAULTS, Fault
from antechamber.policy import options as opt

LISTEN = "127.0.0.1:8081"
"""Not where ``serve`` listens: a hop is an extra one."""

OPTIONS = (opt.TO, opt.LISTEN, opt.TLS_CERTIFICATE, opt.TLS_KEY, opt.HTTP2, opt.PROFILE, opt.TRUST, opt.ACCESS_LOG)
"""What a hop can be told besides its faults. It reads no site file: it stands for somebody else's proxy."""


def _hop(flags: Flags, preset: str = "", **faults: object) -> int:
    """Serves until SIGTERM or SIGINT, misbehaving on purpose."""
    if flags.get("to") is None:
        raise ConfigError("nothing says where the app is", way_out='Run "antechamber hop --to :3000 --hold-events 3s".')
    given = {name: value for name, value in flags.items() if value not in (None, [])}
    told = {fault.flag: faults[fault.name] for fault in FAULTS if faults[fault.name] not in (None, False, [])}
    to = str(given.pop("to"))
    running = made(to, Faults.of(told), like=preset, **{"listen": LISTEN, **given})
    from antechamber.edge import server

    return server.serve(running)


def _with_faults(run: Callable[..., int]) -> Callable[..., int]:
    """``run`` with a parameter for each fault."""
    presets = ", ".join(preset.name for preset in PRESETS)
    chosen = flag(metavar="NAME", help=f"A hop that people have: {presets}. Faults given besides are added.")
    keyword = inspect.Parameter.KEYWORD_ONLY
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # PEP 362: what inspect.signature reads
        [
            inspect.Parameter("flags", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            inspect.Parameter("preset", keyword, default="", annotation=Annotated[str, chosen]),
            *(_parameter(fault) for fault in FAULTS),
        ]
    )
    return run


def _parameter(fault: Fault) -> inspect.Parameter:
    such_as = f" Such as {fault.example}." if fault.example else ""
    declared = flag(
        f"--{fault.flag}",
        help=f"{fault.does}{such_as}",
        metavar=fault.value.metavar if fault.value else None,
        panel=f"Faults: {fault.where.value}",
    )
    kind = bool if fault.value is None else (list[str] if fault.repeatable else str) | None
    default = False if fault.value is None else None
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(fault.name, keyword, default=default, annotation=Annotated[kind, declared])


hop = with_flags(_with_faults(_hop), options=OPTIONS)
