"""One reference app for all engines; its streams are quiet for a third of a second at most."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.programs import running
from tests.supervise.crowd import TOKEN
from tests.supervise.engine import Site


@pytest.fixture(scope="session")
def chamber(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the reference app."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    told = {"ANTECHAMBER_PROBE_TOKEN": TOKEN, "PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "-m", "antechamber", "chamber", "--listen", "127.0.0.1:0", "--heartbeat", "0.33"]
    with running(argv, cwd=tmp_path_factory.mktemp("chamber"), env=kept | told) as program:
        yield program.wait_for(r"antechamber: chamber at (http://\S+)").group(1)


@pytest.fixture
def site(chamber: str, tmp_path: Path) -> Site:
    """A directory with a site file in front of the reference app."""
    made = Site(tmp_path, chamber)
    made.write()
    return made
