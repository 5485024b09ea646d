"""What ``check`` finds between a browser and the real OpenCode, behind a real nginx with its defaults.

Nothing here is ours but the check: the app is OpenCode from npm, the proxy is nginx with one line, and both builds have
other defaults (``proxy_http_version`` is 1.1 since 1.29.7). ``docs/check-opencode.md`` tells the same as a transcript.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from antechamber.policy.model import Policy
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.target import Target
from tests.check.asking import places, roots
from tests.engines.apps import TOKEN
from tests.engines.binaries import BUILDS, Build
from tests.engines.deployed import deployed, free_port, policy_of
from tests.how_to.servers import nginx_whole
from tests.integration.opencode import OpenCode
from tests.integration.programs import witness

pytestmark = [pytest.mark.slow, pytest.mark.engine, pytest.mark.timeout(480)]

SOCKETS = ("/pty/:ptyID/connect", "/api/pty/:ptyID/connect")
UPLOAD = "/session/:sessionID/message"
LATE_STREAM = "/api/session/:sessionID/event"
ROUTES = ("/event", LATE_STREAM, *SOCKETS, "/pty", "/api/pty", UPLOAD, "/global/health", "/*")
"""One route of each kind, and what opens a terminal: every one of the profile says the same at greater length."""

DEFAULTS = """
{user}
daemon off;
pid nginx.pid;
error_log stderr;
events {{ }}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass {app}; }}
  }}
}}
"""
"""Nothing but where the files of a test lie. Its folder is the user's own: as root, the workers must be root's too."""

EVERY_NGINX = pytest.mark.parametrize(
    "build", [build for build in BUILDS if build.key.startswith("nginx")], ids=lambda build: build.key
)


@pytest.fixture(scope="module")
def witnessed(real_opencode: OpenCode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """OpenCode with a witness in front of it, who answers probes in its place."""
    with witness(real_opencode.url, TOKEN, cwd=tmp_path_factory.mktemp("witness")) as url:
        yield url


def with_its_defaults(build: Build, app: str, directory: Path, port: int) -> AbstractAsyncContextManager[None]:
    text = DEFAULTS.format(user="user root;" if os.geteuid() == 0 else "", port=port, app=app)
    return nginx_whole(directory, text, port=port, binary=build.find())


def policy_for(app: str) -> Policy:
    policy = policy_of({"to": app, "profile": "opencode"})
    return replace(policy, routes=tuple(route for route in policy.routes if route.path in ROUTES))


async def ask(url: str, direct: str, app: OpenCode, *, token: str = "") -> Inquiry:
    """``antechamber check URL --direct … --hop nginx=URL --allow-writes --header "Authorization: …"``."""
    login = (b"Authorization", b"Basic " + b64encode(":".join(app.auth).encode()))
    question = Question(
        policy=policy_for(direct),
        through=Target.of(url).with_lane().carrying(login),
        direct=Target.of(direct).with_lane().carrying(login),
        hops=(("nginx", Target.of(url)),),
        token=token,
        writes=True,
    )
    inquiry = Inquiry(question)
    await inquiry.run()
    return inquiry


@EVERY_NGINX
async def test_behind_nginx_with_its_defaults_the_wire_shows_lost_terminals_and_refused_attachments(
    build: Build, real_opencode: OpenCode, tmp_path: Path
) -> None:
    """No stream is held, by either build: OpenCode tells nginx so with ``X-Accel-Buffering: no``."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    before = await terminals(real_opencode)
    async with with_its_defaults(build, real_opencode.url, tmp_path, port):
        found = (await ask(url, real_opencode.url, real_opencode)).assessment()
    assert roots(found) == {"AC101": SOCKETS, "AC301": (UPLOAD,)}
    assert set(places(found).values()) == {"nginx"}
    assert await terminals(real_opencode) == before, "the terminals of the check are closed"


@EVERY_NGINX
async def test_with_a_witness_the_lost_fields_and_held_uploads_are_found_and_a_held_stream_or_its_held_head(
    build: Build, witnessed: str, real_opencode: OpenCode, tmp_path: Path
) -> None:
    """The one stream without ``X-Accel-Buffering: no``: HTTP/1.0 holds all of it, HTTP/1.1 its head alone."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with with_its_defaults(build, witnessed, tmp_path, port):
        found = roots((await ask(url, witnessed, real_opencode, token=TOKEN)).assessment())
    speaks_http_1_0 = build.version is not None
    held = {"AC201" if speaks_http_1_0 else "AC202": (LATE_STREAM,)}
    assert {rule: paths for rule, paths in found.items() if rule.startswith("AC2")} == held
    assert found.keys() - held.keys() == {"AC101", "AC301", "AC302", "AC505", "AC506", "AC509"}
    assert found["AC101"] == SOCKETS
    assert found["AC302"] == (UPLOAD,)


@EVERY_NGINX
async def test_behind_the_rendered_configuration_nothing_is_found(
    build: Build, witnessed: str, real_opencode: OpenCode, tmp_path: Path
) -> None:
    async with deployed(build, policy_for(witnessed), tmp_path) as port:
        inquiry = await ask(f"http://127.0.0.1:{port}", witnessed, real_opencode, token=TOKEN)
    assert roots(inquiry.assessment()) == {}
    opened = [inquiry.known.seen[path].through.real for path in SOCKETS]
    assert [answer.status for answer in opened if answer is not None] == [101, 101]


async def terminals(app: OpenCode) -> set[str]:
    """The ids of all terminals that are open."""
    async with httpx.AsyncClient(base_url=app.url, auth=app.auth) as client:
        first, second = await client.get("/pty"), await client.get("/api/pty")
    return {one["id"] for one in [*first.json(), *second.json()["data"]]}
