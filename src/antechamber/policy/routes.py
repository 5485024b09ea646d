"""The routes of a policy: the profile's, changed or joined by the site's, with limits passed down.

A route takes a limit that it does not state from the nearest prefix around it (``/api/*`` around ``/api/event``), and
else from the policy. So a limit is written once, at the widest place where it is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from antechamber.errors import ConfigError
from antechamber.policy.document import Document
from antechamber.policy.model import Kind, Route
from antechamber.policy.profile import Profile
from antechamber.policy.route_table import RouteTable, shape_of

_LIMITS = ("body_limit", "response_timeout", "stream_idle_timeout")


def settle_routes(profile: Profile, site: Sequence[RouteTable], document: Document | None) -> tuple[Route, ...]:
    """All routes that hold, in the order of the profile, then of the site file."""
    tables = {shape_of(route.path): route for route in profile.routes}
    for index, change in enumerate(site):
        shape = shape_of(change.path)
        known = tables.get(shape)
        if known is None and change.kind is None:
            assert document is not None
            raise ConfigError(
                f'the route "{change.path}" is not one of the profile "{profile.name}", so it needs a kind',
                place=document.place(("route", index)),
                way_out=f"Add kind = one of {', '.join(kind.value for kind in Kind)}.",
            )
        tables[shape] = replace(known, **_written(change)) if known else change
    prefixes = sorted((t for t in tables.values() if t.path.endswith("/*")), key=lambda t: -t.path.count("/"))
    return tuple(_route(_inherit(table, prefixes)) for table in tables.values())


def _written(table: RouteTable) -> dict[str, Any]:  # what replace takes
    return {name: getattr(table, name) for name in table.written}


def _inherit(table: RouteTable, prefixes: Iterable[RouteTable]) -> RouteTable:
    """``table`` with its unstated limits from the prefixes around it; the longest prefix comes first."""
    around = [prefix for prefix in prefixes if prefix is not table and _covers(prefix.path, table.path)]
    found: dict[str, Any] = {}
    for limit in _LIMITS:
        stated = (value for one in (table, *around) if (value := getattr(one, limit)) is not None)
        found[limit] = next(stated, None)
    return replace(table, **found)


def _covers(prefix: str, path: str) -> bool:
    outer = prefix.removesuffix("/*").split("/")
    inner = path.removesuffix("/*").split("/")
    return len(inner) >= len(outer) and all(
        ours == theirs or ours.startswith(":") for ours, theirs in zip(outer, inner, strict=False)
    )


def _route(table: RouteTable) -> Route:
    assert table.kind is not None, "settled above"
    return Route(
        name=table.name or table.path,
        path=table.path,
        kind=table.kind,
        methods=table.methods,
        heartbeat_s=table.heartbeat,
        first=table.first,
        since=table.since,
        until=table.until,
        seed=table.seed,
        body_limit_bytes=table.body_limit,
        response_timeout_s=table.response_timeout,
        stream_idle_timeout_s=table.stream_idle_timeout,
        example=table.example,
        hashed=table.hashed,
        note=table.note,
    )
