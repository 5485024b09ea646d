"""The witness: an observer between a proxy and its app, who answers probes in place and touches nothing else.

It is the edge without the edge's opinions: what the proxy says of the client is passed on word by word, streams are not
mended, and its own limits are so wide that whatever is refused or cut was so by somebody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from antechamber.edge.downstream import Downstream
from antechamber.edge.notices import Notices
from antechamber.edge.server import Edge
from antechamber.hop.app_stage import AppStage
from antechamber.hop.asked import Asked, Orders
from antechamber.hop.faults import Faults
from antechamber.hop.in_place import InPlace, scope_of
from antechamber.hop.neutral import NeutralResponses
from antechamber.hop.server import StagedDialer
from antechamber.hop.stage import Stage
from antechamber.hop.stand_in import Line, StandIn
from antechamber.policy.load import load
from antechamber.policy.model import Limits, Policy, Timeouts
from antechamber.protocol.forwarded import Peer, Told, Trust
from antechamber.protocol.http1 import Field
from antechamber.protocol.translate import RequestTranslator
from antechamber.surface.asgi import Receive, Scope, Send
from antechamber.surface.middleware import Surface

DAY_S = 86_400.0
WIDE_BYTES = 1 << 50

TIMEOUTS = Timeouts(
    connect_s=30.0,
    request_head_s=DAY_S,
    keepalive_idle_s=DAY_S,
    body_idle_s=DAY_S,
    response_s=DAY_S,
    send_s=DAY_S,
    stream_send_s=DAY_S,
    stream_idle_s=DAY_S,
)
"""Longer than any proxy's in front."""
LIMITS = Limits(
    request_line_bytes=1 << 20,
    header_block_bytes=1 << 20,
    header_count=10_000,
    response_header_block_bytes=1 << 20,
    response_header_count=10_000,
    body_bytes=WIDE_BYTES,
    connections_per_client=8192,
)
"""Larger than any proxy's in front, and finite: an endless head must end."""


class Witness(Edge):
    """A running witness before the policy's upstream; probes carry ``token``."""

    def __init__(self, policy: Policy, *, token: str, notices: Notices | None = None) -> None:
        super().__init__(policy, notices)
        self._surface = Surface(_never_asked, token=token)

    async def start(self) -> None:
        await super().start()
        setting = self._running()
        orders = Orders(faults=Faults(), inner=b"")
        self._dialer = StagedDialer(self.policy, lambda upstream: AppStage(upstream, orders, self._answers))
        setting.dialer = self._dialer
        setting.responses = NeutralResponses(self.policy.limits.response_header_count)

    async def close(self) -> None:
        self._surface.stop()
        self._dialer.end()
        await super().close()

    def meet(self, downstream: Downstream) -> asyncio.Protocol:
        return _Unedited(downstream)

    def greeting(self) -> list[str]:
        return [f"witness {url} -> {self.policy.upstream}" for url in self.urls]

    def _answers(self, asked: Asked, line: Line) -> StandIn | None:
        return InPlace(self._surface, asked, line) if self._surface.is_asked(scope_of(asked)) else None


def witness(to: str, *, token: str, notices: Notices | None = None, **flags: object) -> Witness:
    """A witness before ``to`` that is not started yet. Raises :class:`antechamber.errors.ConfigError`."""
    given: Mapping[str, object] = {
        "profile": "generic",
        "listen": "127.0.0.1:0",
        "access-log": "off",
        **flags,
        "to": to,
    }
    policy = load(given, environment={}, directory=Path("/")).policy
    routes = tuple(replace(route, body_limit_bytes=None, response_timeout_s=None) for route in policy.routes)
    wide = replace(policy, timeouts=TIMEOUTS, limits=LIMITS, routes=routes)
    return Witness(wide, token=token, notices=notices)


class _Unedited(Stage):
    """Gives the connection a peer whose words are passed on as they are."""

    def __init__(self, downstream: Downstream) -> None:
        super().__init__(downstream)
        self._downstream = downstream

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        downstream = self._downstream
        seen = downstream.peer
        downstream.peer = _Quoted(seen.text, secure=seen.secure, trust=seen.trust)
        downstream.translator = RequestTranslator(downstream.peer, downstream.setting.rules)


class _Quoted(Peer):
    """A peer of whom nothing is believed and nothing is changed: the app gets its own words."""

    __slots__ = ()

    def __init__(self, address: str, *, secure: bool, trust: Trust) -> None:
        super().__init__(address, secure=secure, trust=trust)
        self.trusted = True

    def tell(self, host: bytes, claims: list[Field]) -> Told:
        return Told(b"".join(b"%b: %b\r\n" % claim for claim in claims), self.text)


async def _never_asked(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("what is no probe goes to the app")
