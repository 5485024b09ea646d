"""What our own judge says of the guide's sample and of what stands on the how-to pages: the pages tell it."""

from __future__ import annotations

import io
from pathlib import Path

from antechamber.lint.choice import Wanted
from antechamber.lint.files import configurations
from antechamber.lint.judge import assessment, lint
from antechamber.lint.readers import read
from antechamber.rules.finding import Assessment
from tests.engines.binaries import caddy_wheel
from tests.engines.deployed import policy_of
from tests.how_to.blocks import block
from tests.how_to.nginx_sample import SAMPLE


def judged(text: str, file: Path) -> Assessment:
    """The only site in ``text``, on the routes of OpenChamber."""
    file.write_text(text, encoding="utf-8")
    (configuration,) = configurations([str(file)], io.BytesIO())
    (reading,) = read(configuration, caddy=caddy_wheel)
    seen = lint(reading, policy_of({}), Wanted(site="*"))
    return assessment([seen], lambda _engine: lambda _rule, _route: "")


def nginx_conf(http: str) -> str:
    return f"events {{}}\nhttp {{\n{http}\n}}\n"


def test_the_block_on_caddys_page_has_the_findings_which_the_page_tells(tmp_path: Path) -> None:
    seen = judged(block("caddy.md", "caddyfile"), tmp_path / "Caddyfile")
    assert {finding.rule.id for finding in seen.findings} == {"AC102", "AC506"}


def test_the_block_on_nginxs_page_has_one_finding_which_the_page_tells(tmp_path: Path) -> None:
    seen = judged(nginx_conf(block("nginx.md", "nginx")), tmp_path / "nginx.conf")
    assert {finding.rule.id for finding in seen.findings} == {"AC506"}
    assert "AC703" in {finding.rule.id for finding in seen.advice}


def test_the_guides_sample_has_the_findings_that_nginxs_page_tells(tmp_path: Path) -> None:
    seen = judged(nginx_conf(SAMPLE.format(port=80, app="http://127.0.0.1:3000")), tmp_path / "nginx.conf")
    assert {"AC509", "AC301", "AC307", "AC502", "AC507", "AC610"} <= {finding.rule.id for finding in seen.findings}
    assert {"AC501", "AC503", "AC504"} <= {
        consequence.rule.id
        for finding in seen.findings
        if finding.rule.id == "AC509"
        for consequence in finding.consequences
    }
