"""``antechamber import``: what a configuration says comes back as a site file that says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from antechamber.cli.main import main
from antechamber.engines.base import Form, Options
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.haproxy.engine import HAProxy
from antechamber.engines.nginx.engine import Nginx
from antechamber.policy.effective import body_limit_bytes, silence_s
from antechamber.policy.load import read_site
from antechamber.policy.model import Address, Policy, Tls
from tests.lint.linting import INNOCENT, SAMPLES, policy


def imported(file: Path, capsys: pytest.CaptureFixture[str], *flags: str) -> Policy:
    assert main(["import", str(file), *flags]) == 0, capsys.readouterr().err
    return read_site(capsys.readouterr().out).policy


@pytest.mark.engine
@pytest.mark.parametrize("engine", [Nginx(), Caddy(), HAProxy()], ids=lambda engine: engine.name)
def test_a_rendered_configuration_comes_back_as_the_policy_that_it_was_made_of(
    engine: Nginx | Caddy | HAProxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = policy(**{"body-limit": "70MiB", "response-timeout": "90s", "connect-timeout": "11s"})
    (file,) = engine.render(wanted, Options(listen=(Address(port=8080),), form=Form.WHOLE))
    (tmp_path / file.name).write_text(file.text)
    found = imported(tmp_path / file.name, capsys)
    assert found.upstream == wanted.upstream
    assert found.timeouts.connect_s == 11.0
    for route in wanted.routes:
        (same,) = [one for one in found.routes if one.path == route.path]
        assert body_limit_bytes(found, same) == body_limit_bytes(wanted, route)
        if not route.kind.live:
            assert silence_s(found, same) == silence_s(wanted, route)


@pytest.mark.engine
@pytest.mark.parametrize("engine", [Nginx(), Caddy(), HAProxy()], ids=lambda engine: engine.name)
def test_a_site_that_only_redirects_to_https_is_no_second_one(
    engine: Nginx | Caddy | HAProxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = policy(**{"public-origin": "https://chamber.example.com"})
    tls = Tls(certificate=Path("/etc/ssl/site.pem"), key=Path("/etc/ssl/site.pem.key"))
    options = Options(listen=(Address(port=443),), tls=tls, redirect_from=Address(port=80), form=Form.WHOLE)
    (file,) = engine.render(wanted, options)
    (tmp_path / file.name).write_text(file.text)
    assert imported(tmp_path / file.name, capsys).upstream == wanted.upstream


def test_the_guides_sample_says_where_the_app_is_and_how_large_a_body_may_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = imported(SAMPLES / "nginx-guide.conf", capsys)
    assert found.upstream == Address(host="127.0.0.1", port=3000)
    assert found.limits.body_bytes == 50 * 1024 * 1024


def test_the_name_of_a_site_is_its_public_origin(capsys: pytest.CaptureFixture[str]) -> None:
    found = imported(INNOCENT / "vaultwarden.conf", capsys, "--profile", "generic")
    assert str(found.public_origin) == "https://vault.example.com"
    assert found.listen[0].port != found.upstream.port


def test_of_several_sites_one_must_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(INNOCENT / "grafana.Caddyfile"), "--site", "nobody.example.com"]) == 2
    assert "no such site: nobody.example.com" in capsys.readouterr().err
