"""A healthy chain on a machine that is busy gives no finding, however often it is asked."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.check.asking import ask
from tests.engines.apps import TOKEN
from tests.engines.deployed import policy_of
from tests.integration.programs import edge

REPETITIONS = 20


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """Every core has something to do besides."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


@pytest.mark.matrix
@pytest.mark.timeout(900)
async def test_twenty_checks_of_a_healthy_chain_on_busy_cores_find_nothing(chamber: str, tmp_path: Path) -> None:
    policy = policy_of({"to": chamber})
    found: list[list[str]] = []
    with edge("--to", chamber, cwd=tmp_path) as (url, _), busy_cores():
        for _ in range(REPETITIONS):
            inquiry = await ask(url, chamber, policy, token=TOKEN)
            found.append([f"{one.rule.id} {one.paths} {one.evidence}" for one in inquiry.assessment().findings])
    assert not [one for one in found if one]
