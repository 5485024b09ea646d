"""What a rule is: one fault, as data and one pure function.

The documentation of a rule lives in the rule: the pages under ``docs/rules/``, ``antechamber explain`` and the comments
in rendered configurations are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from antechamber.policy.effective import EffectiveRoute, PolicyField, Scalar
from antechamber.policy.model import Route
from antechamber.policy.observation import Observation
from antechamber.rules.verdict import Verdict


class Family(StrEnum):
    """The digit after ``AC``."""

    WEBSOCKET = "1"
    EVENT_STREAMS = "2"
    BODIES = "3"
    TIME_LIMITS = "4"
    HEADERS = "5"
    COMPRESSION_AND_CACHING = "6"
    TLS_AND_VERSIONS = "7"
    DEPLOYS = "8"
    COULD_NOT_TELL = "9"


FAMILY_TITLES: Mapping[Family, str] = {
    Family.WEBSOCKET: "WebSockets",
    Family.EVENT_STREAMS: "Event streams",
    Family.BODIES: "Bodies",
    Family.TIME_LIMITS: "Time limits",
    Family.HEADERS: "Headers and trust",
    Family.COMPRESSION_AND_CACHING: "Compression and caching",
    Family.TLS_AND_VERSIONS: "TLS and HTTP versions",
    Family.DEPLOYS: "Deploys",
    Family.COULD_NOT_TELL: "Could not tell",
}


class Severity(StrEnum):
    """How bad a fault is."""

    ERROR = "error"
    """Live traffic breaks."""
    WARNING = "warning"
    """It works, and will break, or can be abused."""
    ADVICE = "advice"
    """It could be better. Never a finding, never a reason for an exit code."""

    @property
    def weight(self) -> int:
        """The worse, the more."""
        return {Severity.ERROR: 2, Severity.WARNING: 1, Severity.ADVICE: 0}[self]


@dataclass(frozen=True, slots=True)
class Required:
    """What must hold on one route (:func:`antechamber.policy.effective.required`), and the route itself."""

    route: Route
    fields: Mapping[PolicyField, Scalar]


Judge = Callable[[Required, EffectiveRoute], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault. Its name names the fault, not the virtue."""

    id: str
    name: str
    title: str
    """The fault as a sentence."""
    reason: str
    """Why, in a few words: the comment in a rendered configuration."""
    symptom: str
    """What a person sees."""
    cause: str
    why: str
    """Why it hurts."""
    fix: str
    """What to change, in no engine's words."""
    severity: Severity
    judge: Judge
    field: PolicyField | None = None
    """The field of a policy that it breaks; ``None`` for what no line of a configuration says by itself."""
    mended_by: PolicyField | None = None
    """The field whose fix mends it, where that is not ``field``: what only a wire shows has no field of its own."""
    mended_with: tuple[PolicyField, ...] = ()
    """Further fields that must be mended as well."""
    observation: Observation | None = None
    """What must have been seen to judge it on the wire, besides or instead of the field."""
    site: bool = False
    """Whether it concerns a whole site; then it is judged once, on the path ``/*``."""
    symptoms: tuple[int, ...] = ()
    """Which of the four symptoms of OpenChamber's reverse-proxy guide it explains, 1 to 4."""
    roots: tuple[str, ...] = ()
    """Rules whose firing on the same route explains this one: then this is a consequence."""
    roots_below: bool = False
    """Whether they explain it from a route inside this one as well, or from the same line of a file: what stops a
    listed socket stops those that nobody has listed."""
    since: str = "0.1"
    sources: tuple[str, ...] = ()
    """Links: RFC sections, documentation, reports."""

    @property
    def family(self) -> Family:
        return Family(self.id[2])

    @property
    def fix_field(self) -> PolicyField | None:
        """The field that an engine is asked about for its words."""
        return self.mended_by or self.field

    @property
    def fix_fields(self) -> tuple[PolicyField, ...]:
        """All fields that an engine is asked about for its words; none for what no configuration mends."""
        return () if self.fix_field is None else (self.fix_field, *self.mended_with)
