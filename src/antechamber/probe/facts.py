"""What looks say, gathered: fields of a policy and observations of a wire, each with its evidence.

What was not seen is said with its reason, never left to be taken for well.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField, Scalar, Source
from antechamber.policy.observation import Observation


@dataclass(slots=True)
class Facts:
    """The facts of one route, in the making."""

    path: str
    fields: dict[PolicyField, Effective] = field(default_factory=dict)
    observations: dict[Observation, Effective] = field(default_factory=dict)

    def saw(self, observation: Observation, value: Scalar, evidence: str = "", *, certain: bool = True) -> None:
        """A wire showed this."""
        self.observations[observation] = Effective(value, Source.OBSERVED if certain else Source.UNKNOWN, evidence)

    def holds(self, name: PolicyField, value: Scalar, evidence: str = "", *, certain: bool = True) -> None:
        """A wire showed that this holds."""
        self.fields[name] = Effective(value, Source.OBSERVED if certain else Source.UNKNOWN, evidence)

    def unseen(self, *names: Observation, because: str) -> None:
        """Nothing was seen that would decide it."""
        for name in names:
            self.observations.setdefault(name, Effective(None, Source.UNKNOWN, because))

    def unknown(self, *names: PolicyField, because: str) -> None:
        """Nothing was seen that would show what holds."""
        for name in names:
            self.fields.setdefault(name, Effective(None, Source.UNKNOWN, because))

    def route(self) -> EffectiveRoute:
        return EffectiveRoute(self.path, dict(self.fields), dict(self.observations))
