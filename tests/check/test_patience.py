"""Waiting for limits on silence: a real nginx that has a short one, and an edge that has none within the patience."""

from __future__ import annotations

from pathlib import Path

import pytest

from antechamber.policy.effective import PolicyField
from antechamber.probe.patience import Patience, Silence, limit_of
from antechamber.rules.verdict import CannotTell, Fired
from tests.check.asking import ask, named
from tests.engines.apps import TOKEN
from tests.engines.deployed import free_port
from tests.how_to.servers import nginx

pytestmark = pytest.mark.engine

STREAM, SOCKET = "/api/event", "/api/event/ws"
SHORT = """
map $http_upgrade $hop {{ default upgrade; '' close; }}
server {{
  listen 127.0.0.1:{port};
  location / {{
    proxy_pass {app};
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_read_timeout {limit_s}s;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $hop;
  }}
}}
"""


async def test_a_limit_on_silence_is_measured_and_fires_on_the_stream_and_on_the_socket(
    chamber: str, tmp_path: Path
) -> None:
    port, policy = free_port(), named(chamber, STREAM, SOCKET)
    async with nginx(tmp_path, SHORT.format(port=port, app=chamber, limit_s=2), port=port):
        inquiry = await ask(f"http://127.0.0.1:{port}", chamber, policy, token=TOKEN)
        await Patience(6.0).wait(inquiry)
    assert set(inquiry.known.measured) == {STREAM, SOCKET}
    for measured in inquiry.known.measured.values():
        limit_s = measured.fields[PolicyField.STREAM_IDLE_S].value
        assert isinstance(limit_s, float)
        assert 1.0 < limit_s < 6.0
    fired = {
        one.path for one in inquiry.assessment().judged if one.rule.id == "AC409" and isinstance(one.verdict, Fired)
    }
    assert fired == {STREAM, SOCKET}, "a heartbeat comes every 10 to 15 s"


async def test_what_was_outlived_is_no_pass_for_what_was_not_waited_for(chamber: str, tmp_path: Path) -> None:
    port, policy = free_port(), named(chamber, STREAM)
    async with nginx(tmp_path, SHORT.format(port=port, app=chamber, limit_s=60), port=port):
        inquiry = await ask(f"http://127.0.0.1:{port}", chamber, policy, token=TOKEN)
        await Patience(1.0).wait(inquiry)
    verdicts = {one.rule.id: one.verdict for one in inquiry.assessment().judged if one.path == STREAM}
    assert isinstance(verdicts["AC403"], CannotTell)
    assert "silence of 1s was outlived" in verdicts["AC403"].because
    assert isinstance(verdicts["AC905"], CannotTell)


@pytest.mark.parametrize(("ended_s", "limit_s"), [(60.04, 60), (60.1, 60), (3.04, 3.0)])
def test_a_connection_that_was_ended_tells_the_limit_by_when(ended_s: float, limit_s: float) -> None:
    """To the second, as limits are written; short ones, which only tests have, more finely."""
    (route,) = named("http://127.0.0.1:9", STREAM).routes
    measured = limit_of(route, Silence(900.0, outlived=False, ended_s=ended_s))
    assert measured.fields[PolicyField.STREAM_IDLE_S].value == limit_s
