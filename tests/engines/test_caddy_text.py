"""The Caddyfile as Caddy's own people write it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from antechamber.engines.base import Form, Options, Site
from antechamber.engines.caddy.engine import Caddy
from antechamber.policy.model import Address, Tls
from tests.engines.binaries import caddy_wheel
from tests.engines.deployed import policy_of

OPTIONS = Options(
    listen=(Address(port=443),),
    tls=Tls(certificate=Path("/etc/site.pem"), key=Path("/etc/site.key")),
    behind_cdn=True,
)
ONE = policy_of({"public-origin": "https://one.example", "trust": "cloudflare"})
OTHER = policy_of({"public-origin": "https://other.example", "trust": "cloudflare"})


@pytest.mark.engine
@pytest.mark.parametrize("form", Form)
def test_every_file_is_as_caddy_fmt_leaves_it(form: Form) -> None:
    """Caddy warns of a file that is not, whenever it starts (https://caddyserver.com/docs/command-line#caddy-fmt)."""
    options = replace(OPTIONS, form=form)
    sites = [Site(policy=policy, options=options, label=f"{policy.public_origin}") for policy in (ONE, OTHER)]
    for file in (*Caddy().render(ONE, options), *Caddy().render_sites(sites)):
        formatted = subprocess.run(
            [caddy_wheel(), "fmt", "-"], input=file.text, capture_output=True, text=True, check=False, timeout=30
        )
        assert formatted.stdout == file.text
