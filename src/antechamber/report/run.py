"""What a report is made of: an assessment, and the facts of the run that led to it.

``check`` and ``lint`` fill the same values; what does not apply to one of them stays empty. Nothing here has been
redacted yet: :mod:`antechamber.report.redacted` does that once, before any format sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from antechamber.policy.model import Kind
from antechamber.rules.finding import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One station on the way, the outermost first."""

    name: str
    url: str = ""
    software: str = ""
    """What it says or is recognised as, such as ``nginx/1.31.3``."""
    certain: bool = True
    """Whether somebody named it, or it was guessed from a fingerprint."""
    http_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectAccess:
    """Whether the app is well by itself: nothing is worth judging before that."""

    url: str
    reachable: bool
    answered: str = ""
    """Which address answered, and what, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """One route of the profile, judged or not."""

    path: str
    kind: Kind
    not_applicable: str = ""
    """Why it was left out: the app's version does not have it, or answers HTML there directly too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One event or message of a stream; seconds since the request went out."""

    number: int
    sent_s: float | None
    """When the app sent it, on the same clock, if it said so."""
    arrived_s: float | None
    """When it came; ``None`` if it never did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One stream as it was seen on one way."""

    label: str
    """``direct``, ``through``, or a hop's name."""
    head_s: float | None
    moments: tuple[Moment, ...]
    end_s: float
    end: str = ""
    """How it ended, in words: ``stopped by us``, ``cut off``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The same stream side by side, direct and through."""

    path: str
    kind: Kind
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of ``check`` or ``lint``."""

    command: str
    """``check`` or ``lint``."""
    target: str
    """The URL that was checked, or what was read."""
    assessment: Assessment
    version: str
    """Of Antechamber."""
    profile: str
    app: str
    """The app's name for people."""
    started: datetime | None = None
    took_s: float | None = None
    app_version: str = ""
    depth: str = ""
    """What was open to look at: as a stranger, signed in, with a witness."""
    direct: DirectAccess | None = None
    hops: tuple[Hop, ...] = ()
    routes: tuple[RouteFacts, ...] = ()
    timelines: tuple[Timeline, ...] = ()
    files: tuple[str, ...] = ()
    """What was read."""
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The texts of those files, which the places of findings point into."""
    remarks: tuple[str, ...] = ()
    """Sentences that a reader needs to judge the whole: ``tested without Cloudflare``."""
    unlocks: tuple[str, ...] = ()
    """Sentences on what would show more: a direct address, a password, a witness, more patience."""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Exact values that must appear in no report: passwords, cookies, tokens."""
    secret_query_keys: frozenset[str] = frozenset()
    """Query keys whose values are masked."""
