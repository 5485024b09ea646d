"""Chains of several proxies, with a fault in each place.

With every station named the guilty one is told exactly; without names, a range that holds it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from antechamber.policy.fields import LOOK_ALIKES
from tests.check.asking import ask, named, places
from tests.engines.apps import TOKEN
from tests.engines.deployed import free_port
from tests.how_to.servers import caddy, nginx
from tests.integration.programs import edge

pytestmark = pytest.mark.engine

STRANGERS = "".join(f'proxy_set_header {name} "";' for name in sorted(LOOK_ALIKES | {"forwarded"}))
OUTERMOST = """
map $http_upgrade $hop {{ default upgrade; '' close; }}
server {{
  listen 127.0.0.1:{port};
  client_max_body_size 140m;
  location / {{
    proxy_pass http://127.0.0.1:{inner};
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_request_buffering off;
    proxy_set_header Host $http_host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $hop;
    {strangers}
  }}
}}
"""
MIDDLE = """
:{port} {{
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:{inner} {{
    trusted_proxies private_ranges
    flush_interval -1
    transport http {{
      compression off
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """A change to one station, and the rule that is its root."""

    station: str
    old: str
    new: str
    rule: str
    path: str


SOCKET, STREAM, UPLOAD = "/api/terminal/ws", "/api/event", "/api/fs/upload"
FAULTS = (
    Fault("nginx", "proxy_set_header Upgrade $http_upgrade;", "", "AC101", SOCKET),
    Fault("nginx", "proxy_set_header Host $http_host;", "proxy_set_header Host elsewhere.test;", "AC501", SOCKET),
    Fault("nginx", "client_max_body_size 140m;", "", "AC301", UPLOAD),
    Fault("caddy", "flush_interval -1", "header_up Host elsewhere.test", "AC501", SOCKET),
    Fault("caddy", "flush_interval -1", "header_up -Upgrade", "AC101", SOCKET),
    Fault("caddy", "flush_interval -1", "header_up X-Forwarded-Proto https", "AC503", STREAM),
    Fault("edge", "--body-limit 140MiB", "--body-limit 4MiB", "AC301", UPLOAD),
)


@dataclass(frozen=True, slots=True)
class Stations:
    """Where each station listens."""

    nginx: str
    caddy: str
    edge: str


@contextlib.asynccontextmanager
async def chain(chamber: str, place: Path, fault: Fault | None) -> AsyncIterator[Stations]:
    """nginx in front of Caddy in front of the edge in front of the app."""
    outer, middle = free_port(), free_port()
    flags = _spoilt("edge", f"--to {chamber} --trust private --body-limit 140MiB", fault).split()
    places = {name: place / name for name in ("nginx", "caddy", "edge")}
    for one in places.values():
        one.mkdir()
    with edge(*flags, cwd=places["edge"]) as (inner, _):
        inner_port = inner.rpartition(":")[2]
        middle_text = _spoilt("caddy", MIDDLE.format(port=middle, inner=inner_port), fault)
        outer_text = _spoilt("nginx", OUTERMOST.format(port=outer, inner=middle, strangers=STRANGERS), fault)
        async with caddy(places["caddy"], middle_text, port=middle), nginx(places["nginx"], outer_text, port=outer):
            yield Stations(f"http://127.0.0.1:{outer}", f"http://127.0.0.1:{middle}", inner)


def _spoilt(station: str, text: str, fault: Fault | None) -> str:
    if fault is None or fault.station != station:
        return text
    assert fault.old in text
    return text.replace(fault.old, fault.new)


async def test_a_sound_chain_of_three_gives_no_finding(chamber: str, tmp_path: Path) -> None:
    policy = named(chamber, SOCKET, STREAM, UPLOAD)
    async with chain(chamber, tmp_path, None) as stations:
        inquiry = await ask(stations.nginx, chamber, policy, token=TOKEN)
    assert places(inquiry.assessment()) == {}


BY_DEFAULT = {("nginx", "AC501"), ("caddy", "AC503"), ("edge", "AC301")}
"""One in each place."""
EVERY_FAULT = [
    pytest.param(
        fault,
        id=f"{fault.station}-{fault.rule}",
        marks=() if (fault.station, fault.rule) in BY_DEFAULT else pytest.mark.matrix,
    )
    for fault in FAULTS
]


@pytest.mark.parametrize("fault", EVERY_FAULT)
async def test_the_guilty_station_is_named_exactly_when_all_are_named(
    fault: Fault, chamber: str, tmp_path: Path
) -> None:
    async with chain(chamber, tmp_path, fault) as stations:
        hops = [("nginx", stations.nginx), ("caddy", stations.caddy), ("edge", stations.edge)]
        inquiry = await ask(stations.nginx, chamber, named(chamber, fault.path), token=TOKEN, hops=hops)
    found = places(inquiry.assessment())
    assert found.get(fault.rule) == fault.station, found


async def test_without_names_a_range_of_stations_is_told_and_no_single_one(chamber: str, tmp_path: Path) -> None:
    fault = FAULTS[3]
    async with chain(chamber, tmp_path, fault) as stations:
        inquiry = await ask(stations.nginx, chamber, named(chamber, fault.path), token=TOKEN)
    outer, app = (url.removeprefix("http://") for url in (stations.nginx, chamber))
    assert set(places(inquiry.assessment()).values()) == {f"between {outer} and {app}"}
