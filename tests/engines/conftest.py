"""The reference app, for all engines."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from antechamber.demo.app_client import AppClient
from antechamber.probe.look import Manner
from antechamber.probe.target import Target
from tests.engines.apps import PASSWORD, TOKEN, App
from tests.integration.programs import running


@pytest.fixture(scope="module")
def chamber(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the reference app."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    told = {"ANTECHAMBER_CHAMBER_PASSWORD": PASSWORD, "ANTECHAMBER_PROBE_TOKEN": TOKEN, "PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "-m", "antechamber", "chamber", "--listen", "127.0.0.1:0"]
    with running(argv, cwd=tmp_path_factory.mktemp("chamber"), env=kept | told) as program:
        yield program.wait_for(r"antechamber: chamber at (http://\S+)").group(1)


@pytest.fixture
async def app(chamber: str) -> AsyncIterator[App]:
    client = AppClient(Target.of(chamber))
    cookie = await client.log_in(PASSWORD)
    terminal = await client.open_terminal()
    manner = Manner(token=TOKEN, fill={":sessionId": terminal}, patience_s=5.0)
    yield App(chamber, Target.of(chamber).carrying(cookie), manner)
    await client.close_terminal(terminal)
