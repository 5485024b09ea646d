"""Several sites in one configuration: each name gets its own app and limits, and a stranger's name gets none."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from antechamber.engines.base import Form, Hosting, Options, Site
from antechamber.engines.registry import ENGINES
from antechamber.engines.site import site_name
from antechamber.errors import ConfigError
from antechamber.policy.effective import EffectiveRoutes, PolicyField, required
from antechamber.policy.match import Matcher
from antechamber.policy.model import Address, Origin, Policy, Tls
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.observed import read_echo
from antechamber.probe.target import Target
from antechamber.surface.request import FIELD_NAME, Do, ProbeRequest, format_field
from tests.engines.apps import TOKEN, chamber_with
from tests.engines.binaries import EVERY_PROXY_BUILD, Build
from tests.engines.deployed import free_port, judged, policy_of, started
from tests.engines.expected import EXAMPLES, expected
from tests.engines.policies import policies

HOSTS: tuple[Hosting, ...] = tuple(engine for engine in ENGINES if isinstance(engine, Hosting))
EVERY_HOST = pytest.mark.parametrize("engine", HOSTS, ids=lambda engine: engine.name)
OTHER_TOKEN = "the-token-of-the-other-app"
LISTEN = (Address(host="127.0.0.1", port=8080),)


def site(name: str, options: Options | None = None, **flags: object) -> Site:
    policy = policy_of({"public-origin": f"http://{name}", **flags})
    return Site(policy=policy, options=options or Options(listen=LISTEN, form=Form.WHOLE), label=f"{name}.toml")


@dataclass(frozen=True, slots=True)
class TwoApps:
    """Two reference apps that differ in their tokens, so that an echo says which of them answered."""

    here: str
    there: str


@pytest.fixture(scope="module")
def apps(chamber: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoApps]:
    with chamber_with(OTHER_TOKEN, tmp_path_factory.mktemp("other")) as other:
        yield TwoApps(chamber, other)


@contextlib.asynccontextmanager
async def both(build: Build, apps: TwoApps, directory: Path) -> AsyncIterator[int]:
    port = free_port()
    listen = (Address(host="127.0.0.1", port=port),)
    options = Options(listen=listen, form=Form.WHOLE, version=build.version)
    sites = [
        site(f"one.example:{port}", options, to=apps.here, **{"body-limit": "1000"}),
        site(f"two.example:{port}", options, to=apps.there, profile="generic"),
    ]
    assert isinstance(build.engine, Hosting)
    async with started(build, build.engine.render_sites(sites), directory, port):
        yield port


def through(port: int, name: str) -> Target:
    return replace(Target.of(f"http://127.0.0.1:{port}"), host=f"{name}:{port}")


def asking(token: str, *, body: bytes = b"") -> Request:
    field = (FIELD_NAME.encode(), format_field(ProbeRequest(do=Do.ECHO), token).encode())
    method = "POST" if body else "GET"
    return Request(target="/health", method=method, fields=(field,), body=(body,) if body else ())


@pytest.mark.engine
@EVERY_PROXY_BUILD
async def test_each_name_gets_its_own_app_with_its_own_limits_and_a_strangers_name_gets_none(
    build: Build, apps: TwoApps, tmp_path: Path
) -> None:
    async with both(build, apps, tmp_path) as port:
        for name, token, limited in (("one.example", TOKEN, True), ("two.example", OTHER_TOKEN, False)):
            target = through(port, name)
            seen = read_echo(await fetch(target, asking(token), patience_s=5.0))
            assert seen is not None, f"{name} is not its own app"
            assert seen.fields["host"] == seen.fields["x-forwarded-host"] == f"{name}:{port}"
            large = await fetch(target, asking(token, body=bytes(1001)), patience_s=5.0)
            assert large.status == (413 if limited else 200)
        assert (await fetch(through(port, "three.example"), asking(TOKEN), patience_s=5.0)).status == 421


@pytest.mark.engine
@EVERY_PROXY_BUILD
def test_the_engine_accepts_several_sites_with_certificates(build: Build, tls: Tls, tmp_path: Path) -> None:
    options = Options(
        listen=(Address(port=8443),),
        redirect_from=Address(port=8080),
        form=Form.WHOLE,
        tls=tls,
        behind_cdn=True,
        version=build.version,
    )
    sites = [
        site("one.example:8443", options, upgrade="tunnel/1.0"),
        site("two.example:8443", options),
        site("one.example:9443", replace(options, listen=(Address(port=9443),), redirect_from=None)),
    ]
    assert isinstance(build.engine, Hosting)
    for file in build.engine.render_sites(sites):
        (tmp_path / file.name).write_text(file.text)
    verdict = judged(build, tmp_path)
    said = verdict.stdout + verdict.stderr
    assert verdict.returncode == 0, said
    assert not re.search(r"\[warn\]|\[WARNING\]|conflicting|not formatted correctly", said, re.I), said


@EVERY_HOST
@given(drawn=st.lists(policies(), min_size=2, max_size=3))
@settings(
    max_examples=max(EXAMPLES // 4, 5),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_each_site_is_read_back_as_its_policy_requires(engine: Hosting, drawn: list[Policy]) -> None:
    times = drawn[0].timeouts
    settled = [
        replace(
            policy,
            public_origin=Origin(scheme="http", host=f"s{number}.example"),
            trusted_proxies=drawn[0].trusted_proxies,
            timeouts=replace(
                policy.timeouts,
                request_head_s=times.request_head_s,
                keepalive_idle_s=times.keepalive_idle_s,
                drain_s=times.drain_s,
                body_idle_s=times.body_idle_s,
                send_s=times.send_s,
                stream_send_s=times.stream_send_s,
                stream_idle_s=times.stream_idle_s,
            ),
        )
        for number, policy in enumerate(drawn)
    ]
    sites = [Site(policy=policy, options=Options(listen=LISTEN), label="x") for policy in settled]
    (file,) = engine.render_sites(sites)
    for policy in settled:
        read = EffectiveRoutes(engine.read_site(file.text, site_name(policy)))
        matcher = Matcher(policy.routes)
        for path in (route.path for route in policy.routes):
            concrete = re.sub(r"/:\w+", "/some", path).replace("/*", "/below")
            for field, wanted in required(policy, matcher.match(concrete)).items():
                value = expected(engine, policy, field, wanted)
                if value is not None:
                    assert read.of(concrete).fields[field].value == value, f"{field.value} on {concrete}"


@EVERY_HOST
def test_what_sites_share_stands_there_once(engine: Hosting) -> None:
    (file,) = engine.render_sites([site("one.example"), site("two.example", to="127.0.0.1:3001")])
    for once in ("map $http_upgrade", "read_header", "timeout http-request", "set-header X-Real-IP"):
        assert file.text.count(once) <= 1


@EVERY_HOST
@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (site("one.example"), r"one.example on port 8080 is the name of one.example.toml already"),
        (replace(site("two.example"), policy=policy_of({})), "has no public origin"),
        (site("two.example", Options(listen=(Address(port=8080),))), "but not all addresses"),
        (
            site("two.example", Options(listen=LISTEN, tls=Tls(certificate=Path("/a"), key=Path("/a")))),
            "only one of the two has TLS",
        ),
        (
            site(
                "two.example",
                Options(
                    listen=(Address(port=8443),),
                    tls=Tls(certificate=Path("/a"), key=Path("/a")),
                    redirect_from=Address(port=8080),
                ),
            ),
            "port 8080 serves this site",
        ),
    ],
    ids=["one name", "no name", "other addresses", "half TLS", "redirect"],
)
def test_sites_that_cannot_stand_beside_one_another_are_refused(engine: Hosting, other: Site, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        engine.render_sites([site("one.example"), other])
    assert caught.value.way_out


def test_caddy_refuses_sites_that_trust_different_proxies() -> None:
    (caddy,) = (engine for engine in HOSTS if engine.name == "caddy")
    with pytest.raises(ConfigError, match=r"trusts other proxies than one\.example\.toml"):
        caddy.render_sites([site("one.example"), site("two.example", trust="private")])


@pytest.mark.parametrize("engine", [one for one in HOSTS if one.name != "caddy"], ids=lambda engine: engine.name)
def test_each_site_trusts_its_own_proxies(engine: Hosting) -> None:
    """What one site's proxy may say, another's may not."""
    (file,) = engine.render_sites([site("one.example"), site("two.example", trust="192.0.2.1")])
    values = [
        {route.path: route.fields[PolicyField.LOOK_ALIKES].value for route in engine.read_site(file.text, name)}
        for name in ("one.example", "two.example")
    ]
    assert values[0] == values[1]
    assert file.text.count("192.0.2.1") == 1
