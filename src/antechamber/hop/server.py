"""The hop itself: the edge between two stages that spoil what passes.

What the edge can be told to do wrong by its policy (limits that are too short or too small, everybody trusted) it is
told; everything else is done by the stages. The edge knows nothing of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from weakref import WeakSet

from antechamber.edge.downstream import Downstream
from antechamber.edge.notices import Notices
from antechamber.edge.server import Edge
from antechamber.edge.upstream import Upstream
from antechamber.errors import ConfigError
from antechamber.hop.app_stage import AppStage
from antechamber.hop.asked import Asked, Orders
from antechamber.hop.client_stage import ClientStage
from antechamber.hop.dress import Dress
from antechamber.hop.faults import Faults
from antechamber.hop.neutral import NeutralResponses
from antechamber.hop.presets import PRESETS, Preset
from antechamber.hop.stand_in import Line, StandIn, stand_in
from antechamber.net.dial import Dialer
from antechamber.policy.load import load
from antechamber.policy.model import Address, Policy
from antechamber.policy.suggest import did_you_mean

NO_FAULTS = Faults()
EVERYBODY = (ip_network("0.0.0.0/0"), ip_network("::/0"))
FILES = frozenset({"tls-certificate", "tls-key"})
"""Flags whose values are paths from where the command runs."""


class Hop(Edge):
    """A running hop: an edge for ``policy`` that misbehaves as ordered."""

    def __init__(
        self, policy: Policy, faults: Faults, *, dress: Dress = Dress.NONE, notices: Notices | None = None
    ) -> None:
        super().__init__(spoilt_policy(policy, faults), notices)
        self.orders = Orders(faults=faults, inner=inner_address(policy.upstream), dress=dress)

    async def start(self) -> None:
        await super().start()
        setting = self._running()
        self._dialer = StagedDialer(self.policy, lambda upstream: AppStage(upstream, self.orders, self._deputy))
        setting.dialer = self._dialer
        setting.responses = NeutralResponses(self.policy.limits.response_header_count)

    async def close(self) -> None:
        self._dialer.end()
        await super().close()

    def meet(self, downstream: Downstream) -> asyncio.Protocol:
        return ClientStage(downstream, self.orders)

    def _deputy(self, asked: Asked, line: Line) -> StandIn | None:
        return stand_in(asked, self.orders, line)

    def greeting(self) -> list[str]:
        faults = self.orders.faults.told()
        what = (
            f"MISBEHAVES ON PURPOSE: {' '.join(faults)}" if faults else "has no fault yet: see antechamber hop --help"
        )
        return [f"hop {url} -> {self.policy.upstream} {what}" for url in self.urls]


class StagedDialer(Dialer):
    """Dials as the edge does and puts a stage between the connection and the edge."""

    def __init__(self, policy: Policy, stage: Callable[[Upstream], AppStage]) -> None:
        super().__init__(policy.upstream, timeout_s=policy.timeouts.connect_s)
        self._stage = stage
        self._stages: WeakSet[AppStage] = WeakSet()

    async def dial(self, factory: Callable[[], asyncio.Protocol]) -> None:
        def staged() -> asyncio.Protocol:
            upstream = factory()
            assert isinstance(upstream, Upstream)
            stage = self._stage(upstream)
            self._stages.add(stage)
            return stage

        await super().dial(staged)

    def end(self) -> None:
        """End every connection to the app, idle ones too: whoever runs this inside a program leaves nothing open."""
        for stage in list(self._stages):
            stage.end()


def spoilt_policy(policy: Policy, faults: Faults) -> Policy:
    """The policy with those faults that are an edge's own limits, set wrong."""
    timeouts, limits, routes = policy.timeouts, policy.limits, policy.routes
    if faults.cut_idle:
        timeouts = replace(timeouts, stream_idle_s=faults.cut_idle, response_s=faults.cut_idle)
        routes = tuple(replace(route, stream_idle_timeout_s=None, response_timeout_s=None) for route in routes)
    if faults.max_body:
        limits = replace(limits, body_bytes=faults.max_body)
        routes = tuple(replace(route, body_limit_bytes=None) for route in routes)
    if faults.max_header:
        limits = replace(limits, header_block_bytes=faults.max_header)
    trusted = EVERYBODY if faults.believe_anyone or faults.append_client else policy.trusted_proxies
    return replace(policy, timeouts=timeouts, limits=limits, routes=routes, trusted_proxies=trusted)


def inner_address(upstream: Address) -> bytes:
    """What nginx would send as ``Host`` without being told: the name of the upstream as it is written."""
    return b"localhost" if upstream.unix else str(upstream).encode()


def preset(name: str) -> Preset:
    """The preset of that name. Raises :class:`ConfigError` with the nearest one."""
    found = next((one for one in PRESETS if one.name == name), None)
    if found is None:
        names = tuple(one.name for one in PRESETS)
        hint = did_you_mean(name, names)
        raise ConfigError(
            f'"{name}" is not a preset', place="--preset", way_out=f"{hint} Known: {', '.join(names)}.".strip()
        )
    return found


def made(to: str, faults: Faults | Mapping[str, object] = NO_FAULTS, *, like: str = "", **flags: object) -> Hop:
    """A hop before ``to`` that is not started yet. ``like`` is a preset, ``flags`` are those of ``antechamber serve``.

    It reads no site file and no environment: it stands for somebody else's proxy. Raises :class:`ConfigError`.
    """
    wanted = faults if isinstance(faults, Faults) else Faults.of(faults)
    dress = Dress.NONE
    given: dict[str, object] = {"to": to, "listen": "127.0.0.1:0", "access-log": "off"}
    if like:
        chosen = preset(like)
        wanted, dress = chosen.faults.with_more(wanted), chosen.dress
        given["http2"] = chosen.http2
    given |= {name.replace("_", "-"): value for name, value in flags.items() if value not in (None, [], "")}
    for name in FILES & given.keys():
        given[name] = str(Path.cwd() / str(given[name]))
    policy = load(given, environment={}, directory=Path("/")).policy
    return Hop(policy, wanted, dress=dress)


@asynccontextmanager
async def hop(
    to: str, faults: Faults | Mapping[str, object] = NO_FAULTS, *, preset: str = "", **flags: object
) -> AsyncIterator[str]:
    """A hop before the app at ``to``, from entry to exit; yields its URL.

    ``faults`` are a :class:`Faults`, or flags and values as on the command line: ``{"hold-events": "3s"}``.
    """
    running = made(to, faults, like=preset, **flags)
    running.notices.say = _unsaid
    await running.start()
    try:
        yield running.urls[0]
    finally:
        await running.close()


def _unsaid(line: str) -> None:
    """In a test nobody reads what an operator is told."""
