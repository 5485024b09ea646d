"""The request corpus: what each case sends, what its origin answers, and what must come of it.

``tests/corpus/h1_cases.json`` and ``h1_more.json`` hold the cases as data, engine-neutral; the keys of ``expect`` are
explained at :class:`Expect`. ``<<TEXT*N>>`` in a string stands for N repetitions; strings are latin-1 bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "corpus"
TABLES = ("h1_cases.json", "h1_more.json")
REPEAT = re.compile(r"<<(.+?)\*(\d+)>>", re.DOTALL)
Json = Mapping[str, object]


def expand(text: str) -> bytes:
    """Bytes of a latin-1 string with its ``<<TEXT*N>>`` repetitions written out."""
    return REPEAT.sub(lambda match: match[1] * int(match[2]), text).encode("latin-1")


def words(value: object) -> list[str]:
    """A JSON list of strings."""
    assert isinstance(value, list), value
    return [str(item) for item in value]


def table(value: object) -> Json:
    """A JSON object."""
    assert isinstance(value, dict), value
    return value


@dataclass(frozen=True, slots=True)
class Part:
    """One piece that the client sends, and what it waits for then: ``interim``, ``final`` or milliseconds."""

    send: str
    wait: str | float = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the origin does with the case's request. Empty: a small JSON answer that repeats method and target."""

    raw: str = ""
    """The whole response, sent once the request is complete."""
    raw_10: str = ""
    """The same, when the request came as HTTP/1.0."""
    on_head: str = ""
    """Sent as soon as the header section is complete; the body is then read and dropped."""
    close: bool = False
    mode: str = ""
    """``ws``: accept a WebSocket and echo its messages; ``h2c``: switch to h2c and fall silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What must come of a case. With both ``status_any_of`` and ``forwarded_as``, either outcome is right."""

    status_any_of: Sequence[int | str] | None = None
    """What a refusal may look like: statuses, ``4xx``, ``close``, ``timeout`` (kept waiting), ``nonhttp``."""
    not_forwarded: bool = False
    """Nothing of the request may reach the origin, not even its head."""
    not_completed: bool = False
    """The origin must never see a complete message; it may see a beginning."""
    forwarded_as: Json | None = None
    """What the origin must have received: see :mod:`tests.hostile.upstream_rules`."""
    forwarded_any: bool = False
    """Forwarded or not does not matter, only the status."""
    forward_status_any_of: Sequence[int | str] | None = None
    """What the client may get when the request was forwarded; 200 by default."""
    must_close: bool = False
    client: Json = field(default_factory=dict)
    """What the client must have received: see :mod:`tests.hostile.client_rules`."""
    leftover_ok: bool = False
    """Bytes behind the message may be refused as a request of their own."""
    http09_ok: bool = False
    """A response without a header section is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One exchange with a proxy."""

    id: str
    area: str
    title: str
    level: str
    """``must`` (RFC or plain safety), ``should`` (good practice) or ``info`` (recorded, not judged)."""
    severity: str
    reference: str
    parts: tuple[Part, ...]
    origin: Behaviour
    expect: Expect
    step: int = 0
    """Bytes sent at a time; 0 sends all at once."""
    step_pause_s: float = 0.0
    responses: int = 1
    head: bool = False
    timeout_s: float = 0.0
    probe: str = ""
    """``tunnel``: afterwards look whether raw bytes reach the origin."""
    no_marker: bool = False

    @property
    def scripted(self) -> bool:
        """Whether the client waits between the pieces that it sends."""
        return len(self.parts) > 1

    @property
    def first_line(self) -> str:
        return self.parts[0].send.split("\r\n", 1)[0]


def load(name: str) -> list[Case]:
    """The cases of one table; an unknown key is an error."""
    return [_case(entry) for entry in json.loads((FOLDER / name).read_text())]


def load_all() -> Iterator[Case]:
    for name in TABLES:
        yield from load(name)


def _case(entry: dict[str, object]) -> Case:
    entry = dict(entry)
    pace = table(entry.pop("pace", {}))
    raw_parts = entry.pop("parts", None) or [{"send": entry.pop("raw")}]
    assert isinstance(raw_parts, list)
    return Case(
        reference=str(entry.pop("ref")),
        parts=tuple(Part(**part) for part in raw_parts),
        origin=Behaviour(**_named(entry.pop("origin", {}))),
        expect=Expect(**_named(entry.pop("expect"))),
        step=int(str(pace.get("bytes", 0))),
        step_pause_s=float(str(pace.get("delay_ms", 0))) / 1000,
        timeout_s=float(str(entry.pop("timeout", 0))),
        **_named(entry),
    )


def _named(value: object) -> dict[str, Any]:
    """Keyword arguments out of JSON: the dataclass refuses unknown names, the rules check the types of values."""
    return dict(table(value))
