"""Every promise of a policy, seen through the real engine that obeys its rendering, in front of a real app.

The app has a password, so it compares origins; without one a configuration that loses every header would pass. One
suite for all engines, and the built-in edge is one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from antechamber.engines.base import Level
from antechamber.net.stream import ClientTls
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind, Policy, Route, Tls
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.judge import Expected, Outcome
from antechamber.probe.survey import survey
from antechamber.probe.target import Target
from antechamber.probe.transcript import End
from antechamber.surface.request import FIELD_NAME, Do, ProbeRequest, format_field
from tests.engines.apps import CLAIMS, FORGED, TOKEN, App, echo
from tests.engines.binaries import BUILDS, Build
from tests.engines.deployed import deployed, policy_of
from tests.integration.programs import edge

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])
EDGE = "edge"
CONTENDERS = pytest.mark.parametrize("contender", [*BUILDS, EDGE], ids=lambda one: one if one == EDGE else one.key)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def certificate(authority: trustme.CA, directory: Path) -> Tls:
    """A certificate of this machine, in the one pair of names that all engines take."""
    issued = authority.issue_cert("127.0.0.1")
    tls = Tls(certificate=directory / "site.pem", key=directory / "site.pem.key")
    tls.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    tls.key.write_bytes(issued.private_key_pem.bytes())
    return tls


@contextlib.asynccontextmanager
async def through(
    contender: Build | str, app: App, policy: Policy, directory: Path, scheme: str, authority: trustme.CA
) -> AsyncIterator[Target]:
    """The way in through a contender that obeys ``policy``, with the app's cookie."""
    tls = certificate(authority, directory) if scheme == "https" else None
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(contender, Build):
            port = await stack.enter_async_context(deployed(contender, policy, directory, tls=tls))
            url = f"{scheme}://127.0.0.1:{port}"
        else:
            flags = ["--to", app.url]
            flags += ["--tls-certificate", str(tls.certificate), "--tls-key", str(tls.key)] if tls else []
            flags += ["--body-limit", str(policy.limits.body_bytes)]
            url, _ = stack.enter_context(edge(*flags, cwd=directory))
        target = Target.of(url).carrying(*app.direct.fields)
        if tls:
            target = replace(target, tls=ClientTls(authorities=authority.cert_pem.bytes().decode()))
        yield target


@CONTENDERS
@SCHEMES
async def test_every_route_works_through_a_rendered_configuration_as_it_does_directly(
    contender: Build | str, scheme: str, app: App, authority: trustme.CA, tmp_path: Path
) -> None:
    policy = policy_of({"to": app.url})
    async with through(contender, app, policy, tmp_path, scheme, authority) as target:
        expected = Expected(host=target.host, scheme=scheme)
        seen = await survey(policy.routes, direct=app.direct, through=target, manner=app.manner, expected=expected)
    bad = {one.route.path: one.verdict for one in seen if one.verdict.outcome is not Outcome.OK}
    assert not bad
    assert len(seen) == len(policy.routes)


@CONTENDERS
async def test_nothing_that_a_stranger_says_of_itself_reaches_the_app(
    contender: Build | str, app: App, authority: trustme.CA, tmp_path: Path
) -> None:
    """On a live route too: there nginx configurations lose what is set further out."""
    policy = policy_of({"to": app.url})
    look_alikes = [(name.encode(), FORGED.encode()) for name in sorted(policy.untrusted_fields)]
    async with through(contender, app, policy, tmp_path, "http", authority) as target:
        for path in {route.path for route in policy.routes if "/:" not in route.path and "*" not in route.path}:
            fields = (await echo(target, path, *CLAIMS, *look_alikes)).fields
            told = {name: value for name, value in fields.items() if FORGED in value or "evil" in value}
            assert not told, path
            assert fields["x-forwarded-for"] == "127.0.0.1", path
            assert fields["x-real-ip"] == "127.0.0.1", path
            assert fields["x-forwarded-proto"] == "http", path
            assert fields["x-forwarded-host"] == target.host, path


@CONTENDERS
async def test_a_trusted_proxy_is_believed_and_what_the_client_wrote_before_it_is_not(
    contender: Build | str, app: App, authority: trustme.CA, tmp_path: Path
) -> None:
    if contender == EDGE:
        pytest.skip("the edge has its own tests of trust")
    policy = policy_of({"to": app.url, "trust": "127.0.0.1"})
    claims = (
        (b"X-Forwarded-For", f"{FORGED}, 198.51.100.7".encode()),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-Forwarded-Host", b"chamber.example.com"),
    )
    async with through(contender, app, policy, tmp_path, "http", authority) as target:
        fields = (await echo(target, "/health", *claims)).fields
        plain = (await echo(target, "/health")).fields
    assert fields["x-forwarded-for"] == fields["x-real-ip"] == "198.51.100.7"
    assert fields["x-forwarded-proto"] == "https"
    assert fields["x-forwarded-host"] == "chamber.example.com"
    assert plain["x-forwarded-proto"] == "http"
    assert plain["x-forwarded-host"] == target.host


@CONTENDERS
async def test_a_body_over_the_limit_is_refused_and_one_within_it_is_not(
    contender: Build | str, app: App, authority: trustme.CA, tmp_path: Path
) -> None:
    limit = 200_000
    policy = policy_of({"to": app.url, "body-limit": str(limit)})
    async with through(contender, app, policy, tmp_path, "http", authority) as target:
        for size, wanted in ((limit, 200), (limit + 1, 413)):
            asking = (FIELD_NAME.encode(), format_field(ProbeRequest(do=Do.ECHO), TOKEN).encode())
            request = Request(target="/health", method="POST", fields=(asking,), body=(bytes(size),))
            assert (await fetch(target, request, patience_s=5.0)).status == wanted, size


@CONTENDERS
async def test_an_app_that_does_not_answer_within_the_time_limit_is_a_504(
    contender: Build | str, app: App, authority: trustme.CA, tmp_path: Path
) -> None:
    if contender == EDGE:
        pytest.skip("the edge has its own tests of time limits")
    policy = policy_of({"to": app.url, "profile": "generic", "response-timeout": "1s"})
    asking = (FIELD_NAME.encode(), format_field(ProbeRequest(do=Do.ECHO, wait_s=4.0), TOKEN).encode())
    async with through(contender, app, policy, tmp_path, "http", authority) as target:
        answer = await fetch(target, Request(target="/", fields=(asking,)), patience_s=10.0)
    assert answer.status == 504


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.key)
@pytest.mark.parametrize("path", ["/live", "/x/:id/live", "/live/*"])
async def test_a_live_route_may_be_silent_for_longer_than_an_answer_may_take(
    build: Build, path: str, app: App, tmp_path: Path
) -> None:
    """Its head comes at once, then nothing for longer than the time limit of ordinary answers, then an event."""
    policy = policy_of({"to": app.url, "profile": "generic", "response-timeout": "1s", "send-timeout": "1s"})
    live = Route(name="live", path=path, kind=Kind.SSE)
    policy = replace(policy, routes=(live, *policy.routes))
    request = ProbeRequest(do=Do.STREAM, count=1, quiet_s=2.5)
    asking = (FIELD_NAME.encode(), format_field(request, TOKEN).encode())
    async with deployed(build, policy, tmp_path) as port:
        target = Target.of(f"http://127.0.0.1:{port}").carrying(*app.direct.fields)
        concrete = path.replace(":id", "1").replace("/*", "/below")
        seen = await fetch(target, Request(target=concrete, fields=(asking,)), patience_s=10.0)
    assert seen.status == 200
    assert seen.ending.end is End.COMPLETE
    assert seen.head_s is not None
    assert seen.head_s < 1.0 < seen.pieces[-1].at_s


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.key)
async def test_a_socket_with_a_strange_name_is_reached(build: Build, tmp_path: Path) -> None:
    """Quotes, blanks, ``;`` and ``#`` in a path are the path's own."""
    open_to_workers = Path(tempfile.mkdtemp(prefix="antechamber-"))
    open_to_workers.chmod(0o755)
    path = open_to_workers / """it's a "socket"; #1 ü"""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere")
        writer.close()

    async with await asyncio.start_unix_server(answer, path):
        policy = policy_of({"to": f"unix:{path}", "profile": "generic"})
        path.chmod(0o777)
        async with deployed(build, policy, tmp_path) as port:
            seen = await fetch(Target.of(f"http://127.0.0.1:{port}"), Request(target="/"), patience_s=5.0)
    shutil.rmtree(open_to_workers)
    assert seen.body == b"here"


SABOTAGE = {
    "nginx": ("proxy_set_header Upgrade $antechamber_upgrade;", "", Kind.WEBSOCKET),
    "caddy": ("header_up X-Real-IP {client_ip}", "header_up X-Forwarded-Host app", Kind.WEBSOCKET),
    "haproxy": (
        "http-request set-header X-Forwarded-Host %[req.hdr(host)]",
        "http-request set-header Host x",
        Kind.SSE,
    ),
}


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.key)
async def test_the_suite_sees_what_a_broken_configuration_does(build: Build, app: App, tmp_path: Path) -> None:
    """A suite that cannot fail proves nothing."""
    old, new, kind = SABOTAGE[build.engine.name]
    policy = policy_of({"to": app.url})
    async with deployed(build, policy, tmp_path, change=(old, new)) as port:
        target = Target.of(f"http://127.0.0.1:{port}").carrying(*app.direct.fields)
        expected = Expected(host=target.host, scheme="http")
        routes = [route for route in policy.routes if route.kind is kind and route.seed]
        seen = await survey(routes, direct=app.direct, through=target, manner=app.manner, expected=expected)
    assert {one.verdict.outcome for one in seen} == {Outcome.DIFFERS}


def test_an_engine_says_of_every_field_what_it_can_do() -> None:
    for build in BUILDS:
        assert set(build.engine.capabilities) == set(PolicyField)
        for capability in build.engine.capabilities.values():
            assert bool(capability.how) is (capability.level is not Level.ENFORCED)
