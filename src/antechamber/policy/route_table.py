"""One ``[[route]]`` as it was read, of a profile or of a site file.

Everybody's files are judged by :mod:`antechamber.policy.schema`. The built-in profiles are judged by it in the tests,
and only read here: with the schema, and pydantic for it, a lint of 1,000 lines takes 0.29 s of processor time, without
it 0.20 s (2026-11-29, the same profile once by its name and once as a file).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from antechamber.policy.model import Kind
from antechamber.policy.quantities import Duration, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """What is written of a route. Times are in seconds, sizes in octets; ``None`` is: not written."""

    path: str
    name: str = ""
    kind: Kind | None = None
    methods: tuple[str, ...] = ()
    heartbeat: float | None = None
    first: str = ""
    since: str = ""
    until: str = ""
    seed: bool = False
    body_limit: int | None = None
    response_timeout: float | None = None
    stream_idle_timeout: float | None = None
    example: str = ""
    hashed: bool = False
    note: str = ""
    written: frozenset[str] = frozenset()
    """The names of the fields above that are written."""


def shape_of(path: str) -> str:
    """``path`` without the names of its segments: routes of one shape stand for the same requests."""
    return "/".join(":" if segment.startswith(":") else segment for segment in path.split("/"))


def built_in_routes(tree: Mapping[str, object]) -> tuple[RouteTable, ...]:
    """The routes of a built-in profile, which is known to be right."""
    tables = tree.get("route", [])
    assert isinstance(tables, list)
    return tuple(_route(table) for table in tables)


def _route(table: Mapping[str, object]) -> RouteTable:
    methods = table.get("methods", [])
    assert isinstance(methods, list)
    return RouteTable(
        path=str(table["path"]),
        name=str(table.get("name", "")),
        kind=Kind(str(table["kind"])),
        methods=tuple(map(str, methods)),
        heartbeat=_seconds(table.get("heartbeat")),
        first=str(table.get("first", "")),
        since=str(table.get("since", "")),
        until=str(table.get("until", "")),
        seed=table.get("seed", False) is True,
        body_limit=None if (size := table.get("body-limit")) is None else Size().parse(size, base=Path()),
        response_timeout=_seconds(table.get("response-timeout")),
        stream_idle_timeout=_seconds(table.get("stream-idle-timeout")),
        example=str(table.get("example", "")),
        hashed=table.get("hashed", False) is True,
        note=str(table.get("note", "")),
        written=frozenset(key.replace("-", "_") for key in table),
    )


def _seconds(raw: object) -> float | None:
    return None if raw is None else Duration().parse(raw, base=Path())
