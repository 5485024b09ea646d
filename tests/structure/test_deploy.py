"""What people copy onto their machines: the unit, the compose file, the Containerfile."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from antechamber.policy.load import load
from antechamber.policy.options import OPTIONS
from tests.structure.pages import ROOT

UNIT = ROOT / "deploy" / "systemd" / "antechamber.service"
COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"
DRAIN_S = 30


def seconds(text: str) -> int:
    match = re.fullmatch(r"(\d+)s", text)
    assert match, text
    return int(match.group(1))


def service() -> dict[str, Any]:
    content = yaml.safe_load(COMPOSE.read_text())
    assert set(content) == {"services"}
    assert set(content["services"]) == {"antechamber"}
    found: dict[str, Any] = content["services"]["antechamber"]
    return found


def systemd_analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("SYSTEMD IS MISSING: the unit was not verified. On Debian: apt-get install systemd")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60)


@pytest.fixture
def unit_here(tmp_path: Path) -> Path:
    """The unit, with this environment's program for the one that it would start."""
    text = UNIT.read_text()
    assert "/opt/antechamber/bin/antechamber" in text
    here = tmp_path / UNIT.name
    here.write_text(text.replace("/opt/antechamber/bin/antechamber", f"{sys.executable} -m antechamber"))
    return here


def test_systemd_accepts_the_unit(unit_here: Path) -> None:
    done = systemd_analyze("verify", unit_here)
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_finds_a_mistake_in_a_unit(unit_here: Path) -> None:
    unit_here.write_text(unit_here.read_text().replace("[Service]", "[Service]\nNoSuchSetting=1"))
    assert "NoSuchSetting" in systemd_analyze("verify", unit_here).stderr


def test_the_sandbox_is_as_tight_as_the_page_says(unit_here: Path) -> None:
    """``systemd-analyze security`` counts in tenths here: 20 is an exposure of 2.0."""
    done = systemd_analyze("security", "--offline=true", "--threshold=20", unit_here)
    assert done.returncode == 0, done.stdout[-300:]


def test_who_stops_the_edge_waits_longer_than_it_drains() -> None:
    drain = next(option for option in OPTIONS if option.name == "drain-timeout")
    assert drain.default == f"{DRAIN_S}s"
    unit = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE))
    assert seconds(unit["TimeoutStopSec"]) > DRAIN_S
    assert seconds(service()["stop_grace_period"]) > DRAIN_S


def test_the_compose_file_is_a_policy_and_builds_from_this_source(tmp_path: Path) -> None:
    app = service()
    loaded = load({}, environment=app["environment"], directory=tmp_path)
    assert not loaded.warnings
    assert app["command"] == ["serve"]
    context = (COMPOSE.parent / app["build"]["context"]).resolve()
    assert context == ROOT
    assert (context / app["build"]["dockerfile"]).is_file()
    assert app["read_only"] is True
    assert app["cap_drop"] == ["ALL"]


def test_the_containerfile_copies_only_what_exists() -> None:
    text = (ROOT / "deploy" / "compose" / "Containerfile").read_text()
    copied = [name for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for name in line.split()[:-1]]
    assert "pyproject.toml" in copied
    assert all((ROOT / name).exists() for name in copied)
