"""The guide's samples after ``lint --fix``, on real engines in front of the app with a password: nothing is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from antechamber.lint.caddy.fix import fixed as fixed_caddyfile
from antechamber.lint.nginx.fix import fixed
from antechamber.lint.nginx.read import read
from antechamber.lint.source import Source
from antechamber.policy.model import Policy
from tests.check.asking import ask, roots
from tests.engines.apps import TOKEN
from tests.engines.binaries import caddy_wheel
from tests.engines.deployed import free_port, policy_of
from tests.how_to.servers import caddy, nginx
from tests.lint.linting import SAMPLES, WANTED

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]


def mended(sample: str, policy: Policy) -> str:
    """A sample, with the app where it is here."""
    text = (SAMPLES / sample).read_text().replace("127.0.0.1:3000", str(policy.upstream))
    if sample.endswith("Caddyfile"):
        return fixed_caddyfile(Source(sample, text), caddy_wheel(), policy, WANTED).text
    texts, _ = fixed(read(Source(sample, text)), policy, WANTED)
    return texts[sample]


@pytest.mark.parametrize("sample", ["nginx-guide.conf", "npm-advanced.conf"])
async def test_behind_nginx_with_the_mended_sample_nothing_is_found(sample: str, chamber: str, tmp_path: Path) -> None:
    policy, port = policy_of({"to": chamber}), free_port()
    server = f"server {{\nlisten 127.0.0.1:{port};\n{mended(sample, policy)}\n}}\n"
    async with nginx(tmp_path, server, port=port):
        inquiry = await ask(f"http://127.0.0.1:{port}", chamber, policy, token=TOKEN)
    assert roots(inquiry.assessment()) == {}


async def test_behind_caddy_with_the_mended_sample_nothing_is_found(chamber: str, tmp_path: Path) -> None:
    policy, port = policy_of({"to": chamber}), free_port()
    text = mended("guide.Caddyfile", policy)
    assert ":80 {" in text
    async with caddy(tmp_path, text.replace(":80 {", f"http://127.0.0.1:{port} {{", 1), port=port):
        inquiry = await ask(f"http://127.0.0.1:{port}", chamber, policy, token=TOKEN)
    assert roots(inquiry.assessment()) == {}
