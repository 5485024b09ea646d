"""The real OpenCode: installed from npm into the project's cache, run in a home of its own, offline.

The npm package ``opencode-ai`` is a launcher; the server is a single binary in a package per platform
(``opencode-linux-x64``, ``-arm64``, and ``-baseline`` for processors without AVX2). Its install script only links that
binary, so it is not run: the binary is taken from where it lies.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.programs import running

VERSION = "1.18.33"
"""The version that the ``opencode`` profile was written for."""
PASSWORD = "a password for tests only"
CACHE = Path(__file__).parents[2] / ".cache" / f"opencode-{VERSION}"
INSTALL_DEADLINE_S = 400.0

OFFLINE = {
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
    "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
    "OPENCODE_DISABLE_SHARE": "1",
}


@dataclass(frozen=True, slots=True)
class OpenCode:
    """A running server; every request needs Basic authentication."""

    url: str
    auth: tuple[str, str]


def installed() -> Path:
    """The server's binary. Skips when npm is missing; any other trouble is an error."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("NPM IS MISSING: the real OpenCode was not tested. On Debian: apt-get install npm")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _binary().is_file():
            _npm_install(npm)
    assert _binary().is_file(), f"npm installed no binary for this platform: {_binary()}"
    return _binary()


@contextmanager
def opencode(home: Path) -> Iterator[OpenCode]:
    """A server in ``home``: configuration, data and the project it works on all lie there."""
    binary = installed()
    project = home / "project"
    project.mkdir(parents=True)
    environment = OFFLINE | {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "OPENCODE_SERVER_PASSWORD": PASSWORD,
        **{f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("DATA", "CONFIG", "CACHE", "STATE")},
    }
    argv: list[str | Path] = [binary, "serve", "--hostname", "127.0.0.1", "--port", "0"]
    with running(argv, cwd=project, env=environment) as program:
        url = program.wait_for(r"listening on (http://\S+)").group(1)
        yield OpenCode(url, ("opencode", PASSWORD))


def _npm_install(npm: str) -> None:
    argv = [npm, "install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", f"opencode-ai@{VERSION}"]
    done = subprocess.run(
        [*argv, "--prefix", str(CACHE)], cwd=CACHE, capture_output=True, text=True, timeout=INSTALL_DEADLINE_S
    )
    assert done.returncode == 0, f"npm could not install opencode-ai {VERSION}:\n{done.stderr[-3000:]}"


def _binary() -> Path:
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    old = machine == "x64" and "avx2" not in Path("/proc/cpuinfo").read_text()
    package = f"opencode-linux-{machine}{'-baseline' if old else ''}"
    return CACHE / "node_modules" / package / "bin" / "opencode"
