"""The gate is whole: `make check` runs every step, in order, and CI runs `make check`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.structure.pages import ROOT

STEPS = ("ruff format --check", "ruff check", "mypy", "generate_docs.py --check", "fuzz", "-m pytest")
SCRIPTS = (".ci/run", "tools/setup-venv", "tools/setup-system")


def recipe(target: str) -> str:
    """What `make TARGET` would run; variables of a make that runs the tests are left out."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    argv = ["make", "--dry-run", "--no-print-directory", target]
    return subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_check_runs_every_step_and_the_fastest_to_fail_first() -> None:
    text = recipe("check")
    places = [text.find(step) for step in STEPS]
    assert -1 not in places, dict(zip(STEPS, places, strict=True))
    assert places == sorted(places)


def test_the_steps_keep_their_order_when_make_runs_in_parallel() -> None:
    """Each step depends on the one before, so `make -j check` cannot mix their output."""
    text = recipe("fuzz")
    assert all(step in text for step in STEPS[:5])
    assert "pytest" not in text


def test_test_and_demo_set_up_what_they_need() -> None:
    assert recipe("test").index("setup-venv dev") < recipe("test").index("-m pytest")
    assert recipe("demo").index("setup-venv demo") < recipe("demo").index("antechamber demo")


def test_ci_runs_check_without_standard_input() -> None:
    assert "exec make check </dev/null" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_executable_and_well_formed(script: str) -> None:
    path: Path = ROOT / script
    assert os.access(path, os.X_OK)
    assert "set -euo pipefail" in path.read_text()
    subprocess.run(["bash", "-n", path], check=True)
