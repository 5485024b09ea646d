"""What an option is: a name in three spellings, a type, a default, and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from antechamber.policy.value import ValueType

T_co = TypeVar("T_co", covariant=True)


class Section(StrEnum):
    """The groups in which options are shown, in this order."""

    PLACE = "What is served where"
    TRUST = "Names and trust"
    TLS = "TLS"
    TIME = "Time limits"
    SIZE = "Size and count limits"
    STREAMS = "Upgrades and secrets"
    LOG = "Access log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Generic[T_co]):
    """One option."""

    name: str
    """The flag without its dashes."""
    key: str
    """Its dotted key in the site file; empty for what a file cannot say about itself."""
    type: ValueType[T_co]
    default: str | None
    """The built-in default as a person would write it, or ``None`` when there is none."""
    section: Section
    help: str
    """What it does, in one line."""
    reason: str
    """Why the default is what it is, with the RFC or the precedent."""
    repeatable: bool = False
    in_profile: bool = False
    """Whether a profile may set it: what belongs to the app, never what belongs to the site (addresses, trust)."""
    adds: bool = False
    """Whether a value is added to those of the layers below instead of replacing them."""

    @property
    def flag(self) -> str:
        return f"--{self.name}"

    @property
    def opposite(self) -> str:
        """The flag that switches it off."""
        return f"--no-{self.name}"

    @property
    def variable(self) -> str:
        return "ANTECHAMBER_" + self.name.upper().replace("-", "_")
