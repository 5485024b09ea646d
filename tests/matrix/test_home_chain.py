"""A home user's chain: Cloudflare's free plan, Nginx Proxy Manager, the app. Mistakes in it are found.

Cloudflare is a hop with its preset (https and HTTP/2 in, its own fields and compression, 100 s and 100 MB); Nginx
Proxy Manager is a real nginx with what NPM 2.15 writes around an Advanced text. Each common mistake is made by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from antechamber.engines.base import Form, Level, Options
from antechamber.engines.npm.engine import Npm
from antechamber.hop.server import hop
from antechamber.net.stream import ClientTls
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Policy
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.target import Target
from tests.engines.deployed import free_port, policy_of
from tests.engines.npm_rig import Switches, config
from tests.engines.test_npm import npm
from tests.matrix.chain import chamber, sampled, whole
from tests.matrix.words import PASSWORD, TOKEN

pytestmark = [pytest.mark.engine, pytest.mark.matrix, pytest.mark.timeout(180)]

FORCE_SSL = "if ($scheme = http) { return 301 https://$http_host$request_uri; }"
"""What the switch comes to (NPM writes ``$host``: people's port is 443); behind an outer layer that speaks http to it
("Flexible"), it never ends."""
PORT_DROPPED = "AC507"
"""NPM's ``$host`` has no port, which it declares; people have 443, a test has another one."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chamber(tmp_path_factory.mktemp("chamber")) as url:
        yield url


CACHES = ("AC602", "AC608", "AC611")
SERVED, WORKER, MANIFEST, HASHED = FILES = ("/api/fs/serve/*", "/sw.js", "/manifest.webmanifest", "/assets/*")


def with_files(app: str) -> Policy:
    """Some routes of each kind, and what the app serves as files."""
    few = sampled(app)
    files = [route for route in whole(app).routes if route.path in FILES]
    return replace(few, routes=(*few.routes, *files))


@asynccontextmanager
async def home(
    app: str,
    place: Path,
    *,
    text: str | None = None,
    switches: Switches | None = None,
    faults: object = None,
    token: str = TOKEN,
) -> AsyncIterator[Inquiry]:
    """A check of the chain, done. ``text`` is what stands in the Advanced tab; without it, what we render."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    (place / "site.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    (place / "site.key").write_bytes(issued.private_key_pem.bytes())
    outer, inner, port = free_port(), free_port(), urlsplit(app).port or 0
    if text is None:
        site = {"to": app.replace("127.0.0.1", "openchamber"), "trust": "127.0.0.1"}
        policy = policy_of(site | {"public-origin": f"https://127.0.0.1:{outer}"})
        (file,) = Npm().render(policy, Options(listen=policy.listen, form=Form.SNIPPET, behind_cdn=True))
        text = file.text
    written = config(text, switches or Switches(), port=inner, app_port=port)
    tls = {"tls_certificate": str(place / "site.pem"), "tls_key": str(place / "site.key")}
    given = faults if isinstance(faults, dict) else {}
    async with (
        npm(place, written, inner),
        hop(f"http://127.0.0.1:{inner}", given, preset="cloudflare-free", listen=f"127.0.0.1:{outer}", **tls) as url,
    ):
        trusted = ClientTls(authorities=authority.cert_pem.bytes().decode())
        question = Question(
            policy=with_files(app),
            through=replace(Target.of(url), tls=trusted).with_lane(),
            direct=Target.of(app).with_lane(),
            token=token,
            password=PASSWORD,
        )
        inquiry = Inquiry(question)
        await inquiry.run()
        yield inquiry


def roots(inquiry: Inquiry) -> dict[str, tuple[str, ...]]:
    return {finding.rule.id: finding.evidence for finding in inquiry.assessment().findings}


THE_PLANS_OWN = {"AC301", "AC601"}
"""What no text of an inner proxy can mend: the plan takes 100 MB where the app takes 140 MiB, and it compresses."""
DECLARED = {PORT_DROPPED: PolicyField.HOST, "AC603": PolicyField.NO_TRANSFORM}
"""What NPM says that it cannot do."""


async def test_what_is_rendered_leaves_what_the_plan_does_and_what_npm_says_it_cannot_do(
    app: str, tmp_path: Path
) -> None:
    for field in DECLARED.values():
        assert Npm().capabilities[field].level is not Level.ENFORCED
    async with home(app, tmp_path) as seen:
        found = roots(seen)
        assert found.keys() == THE_PLANS_OWN | DECLARED.keys(), found
        assert seen.known.site is not None
        assert set(seen.known.site.versions) == {"h2", "http/1.1"}, "the chain was looked at as browsers do"


async def test_the_switch_for_websockets_left_off_is_found(app: str, tmp_path: Path) -> None:
    async with home(app, tmp_path, text="", switches=Switches(websockets=False)) as seen:
        assert "AC101" in roots(seen)


async def test_force_ssl_behind_an_outer_layer_that_speaks_http_is_found_as_a_loop(app: str, tmp_path: Path) -> None:
    async with home(app, tmp_path, text=FORCE_SSL) as seen:
        assert "AC709" in roots(seen)


async def test_a_host_without_its_port_is_found(app: str, tmp_path: Path) -> None:
    async with home(app, tmp_path, text="") as seen:
        assert PORT_DROPPED in roots(seen)


async def test_a_chain_that_is_only_appended_to_is_found(app: str, tmp_path: Path) -> None:
    async with home(app, tmp_path, text="", faults={"append-client": True}) as seen:
        assert "AC502" in roots(seen)


IN_PLACE = {"AC602": (SERVED,), "AC608": (WORKER,)}
SIGNED_IN = {"AC602": (SERVED,), "AC611": (WORKER,)}


@pytest.mark.parametrize(("token", "wanted"), [(TOKEN, IN_PLACE), ("", SIGNED_IN)], ids=["in-place", "signed-in-only"])
async def test_cached_assets_are_found_where_they_do_harm(
    token: str, wanted: dict[str, tuple[str, ...]], app: str, tmp_path: Path
) -> None:
    """The switch keeps whatever ends in ``.png`` or ``.js`` for 30 minutes, for everybody: a person's own files too.

    What it does to files whose names change with their content is no fault.
    """
    async with home(app, tmp_path, text="", switches=Switches(assets=True), token=token) as seen:
        found = {finding.rule.id: finding for finding in seen.assessment().findings}
        cached = {identifier: found[identifier].paths for identifier in CACHES if identifier in found}
        assert cached == wanted
        (served,) = found["AC602"].evidence
        assert "got" in served, served
        assert not [one for one in found.values() if one.rule.id in CACHES and HASHED in one.paths]


async def test_with_what_is_rendered_cached_assets_cache_nothing_but_browsers_are_told_to(
    app: str, tmp_path: Path
) -> None:
    """nginx caches only what it buffers, and the text switches buffering off; ``expires`` is written all the same."""
    async with home(app, tmp_path, switches=Switches(assets=True)) as seen:
        found = {finding.rule.id: finding.paths for finding in seen.assessment().findings}
        assert found.keys() == THE_PLANS_OWN | DECLARED.keys() | {"AC611"}, found
        assert found["AC611"] == (WORKER,)
