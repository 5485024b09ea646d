"""The reference app behind an engine, and what it says of the requests that reach it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from antechamber.policy.model import Policy
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.observed import Echo, read_echo
from antechamber.probe.target import Target
from antechamber.rules.finding import Assessment
from antechamber.surface.request import FIELD_NAME, Do, ProbeRequest, format_field
from tests.integration.programs import running

PASSWORD = "a password for tests only"
TOKEN = "a-token-for-tests-only"


@contextlib.contextmanager
def chamber_with(token: str, directory: Path) -> Iterator[str]:
    """A reference app with a password that answers probes with ``token``: its URL."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    told = {"ANTECHAMBER_CHAMBER_PASSWORD": PASSWORD, "ANTECHAMBER_PROBE_TOKEN": token, "PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "-m", "antechamber", "chamber", "--listen", "127.0.0.1:0"]
    with running(argv, cwd=directory, env=kept | told) as program:
        yield program.wait_for(r"antechamber: chamber at (http://\S+)").group(1)


async def checked(policy: Policy, through: Target, chamber: str) -> Assessment:
    """What ``antechamber check`` finds on the way ``through`` to the app at ``chamber``, signed in."""
    direct = Target.of(chamber)
    inquiry = Inquiry(
        Question(policy=policy, through=through, direct=direct, token=TOKEN, password=PASSWORD, writes=True)
    )
    await inquiry.run()
    assert len(inquiry.known.seen) == len(policy.routes)
    return inquiry.assessment()


FORGED = "203.0.113.66"
CLAIMS = (
    (b"X-Forwarded-For", FORGED.encode()),
    (b"X-Real-IP", FORGED.encode()),
    (b"X-Forwarded-Proto", b"gopher"),
    (b"X-Forwarded-Host", b"evil.example"),
    (b"Forwarded", f"for={FORGED};proto=gopher;host=evil.example".encode()),
)


async def echo(target: Target, path: str, *claims: tuple[bytes, bytes]) -> Echo:
    """What reaches the app of a request with ``claims``."""
    asking = (FIELD_NAME.encode(), format_field(ProbeRequest(do=Do.ECHO), TOKEN).encode())
    answer = await fetch(target, Request(target=path, fields=(asking, *claims)), patience_s=5.0)
    seen = read_echo(answer)
    assert seen is not None, answer
    return seen
