"""What one hop does wrong, as values: from flags and what was written for them, as on the command line or in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from antechamber.errors import ConfigError
from antechamber.hop.table import FAULTS, Fault
from antechamber.policy.suggest import did_you_mean
from antechamber.policy.value import ValueProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What a hop does wrong. With the defaults, nothing. Seconds and bytes where there is a number."""

    strip_upgrade: bool = False
    refuse_upgrade: int = 0
    ignore_upgrade: bool = False
    early_switch: bool = False
    hold_frames: float = 0.0
    max_message: int = 0
    hold_headers: bool = False
    hold_events: float = 0.0
    batch: int = 0
    collect_responses: bool = False
    strip_comments: bool = False
    html_streams: bool = False
    login_page: bool = False
    max_body: int = 0
    collect_requests: bool = False
    cut_upload: float = 0.0
    hide_departures: bool = False
    cut_after: float = 0.0
    cut_idle: float = 0.0
    host: str = ""
    drop_port: bool = False
    forwarded_proto: str = ""
    forwarded_host: str = ""
    strip_header: frozenset[str] = frozenset()
    append_client: bool = False
    believe_anyone: bool = False
    drop_query: bool = False
    redirects: str = ""
    max_header: int = 0
    strip_response_header: frozenset[str] = frozenset()
    gzip_streams: bool = False
    compress: bool = False
    double_gzip: bool = False
    mislabel: bool = False
    cache: bool = False
    cache_control: str = ""

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Faults:
        """From flags and what was written for them, as on the command line or in a test. Raises ``ConfigError``."""
        known = {fault.flag: fault for fault in FAULTS}
        values: dict[str, Any] = {}
        for flag, raw in given.items():
            fault = known.get(flag.replace("_", "-"))
            if fault is None:
                hint = did_you_mean(flag, tuple(known))
                raise ConfigError(
                    f"a hop has no fault of the name {flag}", way_out=hint or "See antechamber hop --help"
                )
            values[fault.name] = _parsed(fault, raw)
        return cls(**values)

    def with_more(self, others: Faults) -> Faults:
        """These and what ``others`` have besides, or instead."""
        merged: dict[str, Any] = {}
        for field in fields(self):
            own, more = getattr(self, field.name), getattr(others, field.name)
            merged[field.name] = own | more if isinstance(own, frozenset) else more or own
        return Faults(**merged)

    def told(self) -> list[str]:
        """The faults that are on, as flags."""
        return [_told(fault, getattr(self, fault.name)) for fault in FAULTS if getattr(self, fault.name)]


def _parsed(fault: Fault, raw: object) -> object:
    if fault.value is None:
        if not isinstance(raw, bool):
            raise ConfigError(f"it takes no value, not {raw!r}", place=f"--{fault.flag}")
        return raw
    try:
        return fault.value.parse(raw, base=Path("/"))
    except ValueProblem as problem:
        raise ConfigError(problem.problem, place=f"--{fault.flag}", way_out=problem.way_out) from None


def _told(fault: Fault, value: object) -> str:
    match value:
        case True:
            return f"--{fault.flag}"
        case frozenset():
            return " ".join(f"--{fault.flag} {name}" for name in sorted(value))
        case float() | int():
            return f"--{fault.flag} {value:g}" if isinstance(value, float) else f"--{fault.flag} {value}"
        case _:
            return f'--{fault.flag} "{value}"' if " " in str(value) else f"--{fault.flag} {value}"
