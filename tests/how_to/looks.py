"""Single looks through a proxy: does a socket open, does a stream flow, does an upload arrive."""

from __future__ import annotations

from collections.abc import Sequence

from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.observed import read_echo
from antechamber.probe.sockets import converse
from antechamber.probe.target import Target
from antechamber.probe.transcript import HttpTranscript, TimedFrame
from antechamber.protocol.http1 import Field
from antechamber.surface.request import FIELD_NAME, Do, ProbeRequest, format_field
from tests.engines.apps import TOKEN

PATIENCE_S = 20.0
EVENTS = 4


def asking(request: ProbeRequest) -> Field:
    """The field that asks the reference app for ``request``, on whatever path it stands."""
    return FIELD_NAME.encode(), format_field(request, TOKEN).encode()


async def opened(target: Target, path: str, *fields: Field) -> int | None:
    """The status that a socket gets."""

    def enough(_: Sequence[TimedFrame]) -> bool:
        return True

    asked = Request(target=path, fields=fields)
    seen = await converse(target, asked, enough=enough, patience_s=PATIENCE_S, total_s=PATIENCE_S)
    return seen.http.status


async def streamed(
    target: Target, path: str, *fields: Field, accel_buffering_no: bool = True, pace_s: float = 0.17
) -> HttpTranscript:
    """An event stream of :data:`EVENTS` events through ``path``."""
    wanted = ProbeRequest(do=Do.STREAM, count=EVENTS, pace_s=pace_s, accel_buffering_no=accel_buffering_no)
    return await fetch(target, Request(target=path, fields=(asking(wanted), *fields)), patience_s=PATIENCE_S)


async def arrives(target: Target, path: str, body: bytes) -> bool:
    """Whether the app receives ``body`` as it was sent."""
    wanted = Request(target=path, method="POST", fields=(asking(ProbeRequest(do=Do.ECHO)),), body=(body,))
    echo = read_echo(await fetch(target, wanted, patience_s=PATIENCE_S))
    return echo is not None and echo.is_of(body)
