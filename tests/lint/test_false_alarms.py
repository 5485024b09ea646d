"""Nothing is found where nothing is wrong: our own renderings, and configurations that people write for other apps."""

from __future__ import annotations

from pathlib import Path

import pytest

from antechamber.cli.main import main
from antechamber.engines.base import Form, Level, Options
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.haproxy.engine import HAProxy
from antechamber.engines.nginx.engine import Nginx
from antechamber.lint.choice import Wanted
from antechamber.lint.kind import Kind
from antechamber.policy.model import Address, Tls
from antechamber.rules.catalogue import CATALOGUE
from tests.lint.linting import INNOCENT, ids, judged, policy

LISTEN = (Address(port=8080),)
TLS = Tls(certificate=Path("/etc/ssl/site.pem"), key=Path("/etc/ssl/site.pem.key"))


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("tls", [None, TLS], ids=["http", "https"])
@pytest.mark.parametrize("behind_cdn", [False, True], ids=["", "cdn"])
@pytest.mark.parametrize(
    "flags",
    [
        {},
        {"public_origin": "https://chamber.example.com"},
        {"trust": ["private"]},
        {"profile": "opencode"},
        {"profile": "generic"},
    ],
    ids=lambda flags: ",".join(flags) or "plain",
)
def test_our_own_nginx_configurations_have_no_finding(
    form: Form, tls: Tls | None, behind_cdn: bool, flags: dict[str, object]
) -> None:
    wanted = policy(**{name.replace("_", "-"): value for name, value in flags.items()})
    files = Nginx().render(wanted, Options(listen=LISTEN, form=form, tls=tls, behind_cdn=behind_cdn))
    text = "\n".join(file.text for file in files)
    found = judged(text, kind=Kind.NGINX, policy=wanted, wanted=Wanted(site="*"), outer_cdn=behind_cdn)
    assert not ids(found), [(one.rule.id, one.place, one.evidence) for one in found.findings]
    judged_routes = {one.path for one in found.judged}
    assert {route.path for route in wanted.routes} <= judged_routes


@pytest.mark.engine
@pytest.mark.parametrize("engine", [Caddy(), HAProxy()], ids=lambda engine: engine.name)
@pytest.mark.parametrize(
    "flags",
    [
        {},
        {"public-origin": "https://chamber.example.com"},
        {"trust": ["private"]},
        {"profile": "opencode"},
        {"profile": "generic"},
    ],
    ids=str,
)
def test_our_own_configurations_have_only_findings_that_are_declared(
    engine: Caddy | HAProxy, flags: dict[str, object]
) -> None:
    wanted = policy(**flags)
    (file,) = engine.render(wanted, Options(listen=LISTEN, form=Form.WHOLE))
    found = judged(file.text, policy=wanted)
    by_rule = {rule.id: rule.field for rule in CATALOGUE}
    differing = {field for field, one in engine.capabilities.items() if one.level is not Level.ENFORCED}
    assert not {one for one in ids(found) if by_rule[one] not in differing}, found.findings
    assert {route.path for route in wanted.routes} <= {one.path for one in found.judged}


@pytest.mark.parametrize("file", sorted(INNOCENT.iterdir()), ids=lambda file: file.name)
def test_a_configuration_for_another_app_has_no_finding(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(file)]) == 0, capsys.readouterr()


def test_there_are_twenty_of_them() -> None:
    assert len(list(INNOCENT.iterdir())) >= 20
