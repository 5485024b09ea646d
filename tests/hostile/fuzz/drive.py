"""Runs the trials of a target for a bounded time, and says how to repeat the one that failed."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Trial = Callable[[Random], None]
DEFAULT_SEED = 1
"""The same for everybody, so that a gate does not fail by chance; ``--seed`` explores."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under fire. ``trial`` draws one input and raises if what it leads to is wrong."""

    name: str
    trial: Trial

    @property
    def module(self) -> str:
        return f"tests.hostile.fuzz.{self.name}"


def fuzz(target: Target, *, seconds: float, seed: int) -> bool:
    """Trials until the time is up; whether all held."""
    ends = time.monotonic() + seconds
    number = 0
    while time.monotonic() < ends:
        if not attempt(target, seed=seed, number=number):
            return False
        number += 1
    print(f"{target.name}: {number} trials held (seed {seed})")
    return True


def attempt(target: Target, *, seed: int, number: int) -> bool:
    """One trial; whether it held."""
    try:
        target.trial(Random(f"{seed}/{number}"))
    except Exception:
        traceback.print_exc()
        print(f"{target.name}: repeat with python -m {target.module} --seed {seed} --trial {number}", file=sys.stderr)
        return False
    return True


def main(target: Target) -> int:
    """The command line of one target."""
    parser = argparse.ArgumentParser(prog=f"python -m {target.module}")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--trial", type=int, help="repeat this one trial")
    options = parser.parse_args()
    if options.trial is not None:
        held = attempt(target, seed=options.seed, number=options.trial)
    else:
        held = fuzz(target, seconds=options.seconds, seed=options.seed)
    return 0 if held else 1
