"""What a reader makes of a file: the sites in it, and what could not be read.

Readers are one for each engine; all that comes after them (which site fronts the app, rules, reports) knows only this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from antechamber.policy.effective import Effective, EffectiveRoute, Place, Source
from antechamber.policy.model import Policy, Route
from antechamber.policy.observation import Observation


class Site(Protocol):
    """One site of a configuration: what answers under one set of names."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its host names."""

    @property
    def upstreams(self) -> tuple[str, ...]:
        """What it passes requests to, as ``host:port``, ``unix:/path`` or a name."""

    @property
    def place(self) -> Place | None:
        """Where it begins."""

    @property
    def fragment(self) -> bool:
        """Whether it is a text to be included in a site that is not in the file."""

    def singles_out(self, path: str) -> bool:
        """Whether something is written for ``path`` in particular, and not for everything around it."""

    def effective(self, route: Route, policy: Policy) -> EffectiveRoute | None:
        """What holds on ``route``; ``None`` where the site passes it to no app."""

    def observations(self) -> Mapping[Observation, Effective]:
        """What holds on the site as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file says."""

    engine: str
    """The engine's word (:mod:`antechamber.engines.registry`)."""
    sites: tuple[Site, ...]
    faults: tuple[Effective, ...] = ()
    """Why the engine would not load it; each with its place."""
    unread: tuple[str, ...] = ()
    """What was not read, and why, as lines for people."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The texts that places point into, by file."""


def unknown(because: str, place: Place | None = None) -> Effective:
    """A value that nobody can tell from the file."""
    return Effective(None, Source.UNKNOWN, because, place)
