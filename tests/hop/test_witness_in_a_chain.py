"""The witness where it is meant to be: between a real proxy and an app that answers no probes itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from antechamber.hop.witness import witness
from antechamber.policy.effective import PolicyField
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.target import Target
from antechamber.rules.verdict import Passed
from tests.integration.programs import running
from tests.matrix.chain import sampled, through
from tests.matrix.sabotage import On, Sabotage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

PASSWORD = "a password for the witness only"
TOKEN = "a-token-for-the-witness-only"
HELD = Sabotage(
    engine="nginx",
    fault="uploads held",
    rule="AC302",
    on=On.SOMEWHERE,
    edits=(("proxy_request_buffering off;", "proxy_request_buffering on;\n    client_body_buffer_size 2m;"),),
)
NOTHING = Sabotage(engine="nginx", fault="none", rule="", on=On.SOMEWHERE)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The reference app without a token: it does not know what a probe is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    argv = [sys.executable, "-m", "antechamber", "chamber", "--listen", "127.0.0.1:0"]
    told = {"ANTECHAMBER_CHAMBER_PASSWORD": PASSWORD, "PYTHONUNBUFFERED": "1"}
    with running(argv, cwd=tmp_path_factory.mktemp("chamber"), env=kept | told) as program:
        yield program.wait_for(r"antechamber: chamber at (http://\S+)").group(1)


async def checked(app: str, sabotage: Sabotage, directory: Path, *, witnessed: bool) -> Inquiry:
    """A check through a real nginx, with a witness behind it or without."""
    observer = witness(app, token=TOKEN)
    observer.notices.say = print
    await observer.start()
    inner = observer.urls[0] if witnessed else app
    try:
        async with through(sabotage, inner, directory) as url:
            question = Question(
                policy=sampled(app),
                through=Target.of(url).with_lane(),
                direct=Target.of(inner).with_lane(),
                token=TOKEN,
                password=PASSWORD,
            )
            inquiry = Inquiry(question)
            await inquiry.run()
            return inquiry
    finally:
        await observer.close()


async def test_with_a_witness_a_sound_proxy_is_clean_and_what_arrives_is_seen(app: str, tmp_path: Path) -> None:
    seen = await checked(app, NOTHING, tmp_path, witnessed=True)
    assert seen.known.observed
    assessment = seen.assessment()
    assert not assessment.findings
    passed = {one.rule.field for one in assessment.judged if isinstance(one.verdict, Passed)}
    assert {PolicyField.HOST, PolicyField.CLIENT_ADDRESS, PolicyField.REQUEST_STREAMED} <= passed


@pytest.mark.matrix
async def test_a_witness_shows_that_uploads_are_held_and_without_one_nobody_can_tell(app: str, tmp_path: Path) -> None:
    for witnessed in (True, False):
        place = tmp_path / str(witnessed)
        place.mkdir()
        seen = await checked(app, HELD, place, witnessed=witnessed)
        assert seen.known.observed is witnessed
        assert {one.rule.id for one in seen.assessment().findings} == ({"AC302"} if witnessed else set())
