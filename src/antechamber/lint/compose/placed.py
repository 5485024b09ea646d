"""A site that is read by way of a compose file: what its upstreams are there, and where its places are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from antechamber.lint.compose.inlined import Columns
from antechamber.lint.compose.services import Compose
from antechamber.lint.reading import Site
from antechamber.policy.effective import Effective, EffectiveRoute, Place
from antechamber.policy.model import Policy, Route
from antechamber.policy.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSite:
    """A site of a proxy that is a service of a compose file."""

    inner: Site
    compose: Compose
    made: Mapping[int, int] = field(default_factory=dict)
    """See :class:`Columns`."""

    @property
    def names(self) -> tuple[str, ...]:
        return self.inner.names

    @property
    def upstreams(self) -> tuple[str, ...]:
        """Its upstreams, and what the services behind them are made of: an app has its own name there as a rule."""
        backed = [service for one in self.inner.upstreams if (service := self.compose.by_host(host_of(one)))]
        return tuple(dict.fromkeys((*self.inner.upstreams, *(one.origin for one in backed if one.origin))))

    @property
    def place(self) -> Place | None:
        return self._columns.at(self.inner.place)

    @property
    def fragment(self) -> bool:
        return self.inner.fragment

    @property
    def _columns(self) -> Columns:
        return Columns(self.compose.source, self.made)

    def singles_out(self, path: str) -> bool:
        return self.inner.singles_out(path)

    def effective(self, route: Route, policy: Policy) -> EffectiveRoute | None:
        found = self.inner.effective(route, policy)
        if found is None:
            return None
        fields = {name: self._moved(one) for name, one in found.fields.items()}
        return replace(found, fields=fields, observations=self._all(found.observations))

    def observations(self) -> Mapping[Observation, Effective]:
        return self._all(self.inner.observations())

    def _all(self, seen: Mapping[Observation, Effective]) -> dict[Observation, Effective]:
        return {name: self._moved(one) for name, one in seen.items()}

    def _moved(self, effective: Effective) -> Effective:
        """The same, at its place in the compose file."""
        return replace(effective, place=self._columns.at(effective.place))


def host_of(upstream: str) -> str:
    """The host of ``host:port``."""
    return upstream.rpartition(":")[0] or upstream
