"""Waiting for time limits: a real nginx that has a short one, and hops that count age, or have none at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from antechamber.hop.server import hop
from antechamber.policy.effective import PolicyField
from antechamber.probe.patience import Patience
from antechamber.rules.verdict import CannotTell, Fired
from tests.check.asking import ask, named, roots
from tests.engines.apps import TOKEN
from tests.engines.deployed import free_port
from tests.how_to.servers import nginx

pytestmark = pytest.mark.engine

STREAM, SOCKET, UPLOAD = "/api/event", "/api/event/ws", "/api/fs/upload"
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


async def test_an_age_that_ends_everything_is_told_from_silence_and_a_slow_upload_from_a_pause(chamber: str) -> None:
    """A stream and a socket with events all the time are ended like the silent ones: then it is their age."""
    policy = named(chamber, STREAM, SOCKET, UPLOAD)
    async with hop(chamber, {"cut-after": "2s", "cut-upload": "1s"}) as url:
        inquiry = await ask(url, chamber, policy, token=TOKEN)
        await Patience(4.0).wait(inquiry)
    assert roots(inquiry.assessment()) == {"AC204": (STREAM,), "AC107": (SOCKET,), "AC304": (UPLOAD,)}
    (told,) = (finding for finding in inquiry.assessment().findings if finding.rule.id == "AC204")
    assert "by something in between" in told.evidence[0]
    assert "with an event every 0.25 s" in told.evidence[0]


async def test_what_lives_through_the_patience_is_no_finding(chamber: str) -> None:
    async with hop(chamber) as url:
        inquiry = await ask(url, chamber, named(chamber, STREAM, SOCKET, UPLOAD), token=TOKEN)
        await Patience(1.0).wait(inquiry)
    assert set(inquiry.known.measured) == {STREAM, SOCKET, UPLOAD}
    assert "taking nothing of 1s was outlived" in inquiry.known.measured[STREAM].fields[PolicyField.SEND_S].where
    assert not inquiry.assessment().findings
