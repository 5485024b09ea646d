"""``pip install .`` gives what a clone has: the wheel is installed into a clean environment, and the program runs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from antechamber import __version__
from tests.structure.pages import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PACKAGE = ROOT / "src" / "antechamber"


def run(*argv: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([str(part) for part in argv], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-input", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    ours = {file for file in PACKAGE.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert held == {str(file.relative_to(PACKAGE.parent)) for file in ours}
    assert "antechamber/py.typed" in held
    assert {f"antechamber/policy/profiles/{name}.toml" for name in ("openchamber", "opencode", "generic")} <= held


def test_the_installed_program_runs_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", place, cwd=tmp_path)
    python = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-input", "--quiet", wheel, cwd=tmp_path)
    program = place / "bin" / "antechamber"
    assert run(program, "--version", cwd=tmp_path).strip() == f"antechamber {__version__}"
    assert "--public-origin" in run(program, "serve", "--help", cwd=tmp_path)
    mistake = subprocess.run([program, "serve"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (mistake.returncode, mistake.stdout) == (2, "")
    assert mistake.stderr.startswith("antechamber: error: ")
